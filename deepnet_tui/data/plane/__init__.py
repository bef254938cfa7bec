"""The two-dimensional sets: further inputs made of their two coordinates, and functions as data."""
