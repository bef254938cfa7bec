"""The screen What if: the values of one row, what the network makes of them, and how its units move."""
