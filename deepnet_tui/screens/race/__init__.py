"""The race screen: all curves in one chart, the ranks beneath it."""
