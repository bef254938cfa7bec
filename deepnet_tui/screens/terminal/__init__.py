"""The app and its terminal: copying, pasting, suspending, and how much is sent."""
