"""Races: which settings vary, the racers that come of it, training them side by side, and their ranks."""
