"""What the mouse does to the layout."""
