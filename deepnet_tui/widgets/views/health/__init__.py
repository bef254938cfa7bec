"""The view Health: the size of the signal in every layer, and what the doctor finds."""
