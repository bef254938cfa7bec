"""Models that other programs wrote, as far as they are dense feed-forward networks."""
