"""Races: several trainers on the same data, advanced side by side."""
