"""Which colours there are: those of data, the app's themes, and what a terminal can show."""
