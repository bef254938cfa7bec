"""What the app is doing now, without a widget in it: the experiment, its training run, edits, and the time machine."""
