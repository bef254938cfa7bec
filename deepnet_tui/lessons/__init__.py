"""Guided lessons as data: what to read, what to press, and what must have happened to go on."""
