"""The views beneath the cost chart, one module or folder each."""
