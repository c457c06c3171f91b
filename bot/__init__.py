"""The core of Paper Round: it knows papers and channels, and no chat platform."""

__version__ = "0.1.0"
