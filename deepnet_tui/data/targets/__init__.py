"""Targets that are numbers: on which scale a network learns them, and how its output becomes a value again."""
