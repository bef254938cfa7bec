"""The trainer: from a description and data to reports, early stopping, and a state that can be resumed."""
