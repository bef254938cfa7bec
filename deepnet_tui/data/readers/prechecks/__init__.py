"""What is looked at before a library opens a file: whether its parts are of a size that can be read."""
