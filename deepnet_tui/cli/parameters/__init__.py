"""Arguments and options as records: read by a small parser of our own, or by typer, which takes long to load."""
