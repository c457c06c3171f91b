"""The HTTP server: a page to try the bot on, a board, health and metrics."""
