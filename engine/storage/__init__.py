"""Training states, files that are written whole or not at all, and arrays that stay on disk."""
