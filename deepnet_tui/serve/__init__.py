"""A trained model as a small HTTP service: JSON in, JSON out. It needs the extra `serve`."""
