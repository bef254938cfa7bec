"""What panes and views are made of."""
