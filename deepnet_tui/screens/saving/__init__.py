"""Saving what a pane shows, for a slide."""
