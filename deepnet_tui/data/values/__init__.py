"""How single values are written in files: numbers and dates."""
