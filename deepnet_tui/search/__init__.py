"""Search for better settings: ranges, trials that are scored on training rows only, and what trains them."""
