"""What the commands explain and report show."""
