"""Boxes above a screen: choose, confirm, name a file, export, help."""
