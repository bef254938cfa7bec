"""Training states, files that are written atomically, and memory-mapped arrays."""
