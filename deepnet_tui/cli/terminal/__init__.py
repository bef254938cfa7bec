"""The command line and the terminal: starting the app, keys, completions, the manual page."""
