"""How fast the app trains and answers keys."""
