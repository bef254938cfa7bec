"""Filters of the lines that the app draws, beside those for control characters and contrast."""
