"""The fast path: one iteration is recorded as NumPy calls over fixed buffers, then replayed."""
