"""Explains one iteration of a network operation by operation, as text; no widgets."""
