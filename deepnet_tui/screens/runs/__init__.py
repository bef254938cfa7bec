"""The Runs screen: all stored runs in a list, the marked ones overlaid in a chart and compared."""
