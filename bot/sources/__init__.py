"""Where papers come from: each source speaks one upstream's API and turns every failure into a SourceError."""
