"""What the columns of a table are: their kinds and roles, the target, and columns that leak it."""
