"""The palette: everything that has a name, found by typing a part of it."""
