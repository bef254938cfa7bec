"""The pane of a lesson: its text, the answers to a question, a number to type in."""
