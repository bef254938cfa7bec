"""Predictions of a saved model for the rows of a data file, streamed piece by piece."""
