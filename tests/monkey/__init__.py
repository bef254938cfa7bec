"""A monkey at the keyboard: random keys, clicks, pastes and sizes, over every screen, while a network is trained."""
