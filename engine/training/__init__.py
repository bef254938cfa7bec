"""The trainer: trains a network on data, reports its costs, stops early, and can be resumed."""
