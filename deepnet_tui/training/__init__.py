"""A run while it is trained in the app or without a screen, and what it leaves behind."""
