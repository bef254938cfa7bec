"""The panes that are always there, and the pane of a lesson."""
