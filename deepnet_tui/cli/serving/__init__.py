"""The commands that wait for others: the app in a browser, a model for programs."""
