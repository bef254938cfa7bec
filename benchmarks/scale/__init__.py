"""Tables of many rows: training beside pandas and scikit-learn, and predicting."""
