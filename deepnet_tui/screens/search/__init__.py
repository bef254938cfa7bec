"""The search screen: trials of a search while it runs, and the settings of one of them for the workbench."""
