"""Panes and views, drawn from the workbench."""
