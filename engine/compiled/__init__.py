"""The fast path: one iteration recorded as NumPy calls over fixed buffers, then replayed."""
