"""The view Explain: one iteration, operation by operation."""
