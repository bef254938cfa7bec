"""The command explain, and what it shows."""
