"""Model files on the command line."""
