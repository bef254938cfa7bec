"""What the app needs to know of the terminal that it runs in, and what it may ask of it. Nothing here loads Textual."""
