"""How the examples reach the gradient program: all at once, in shuffled mini-batches, or streamed in blocks."""
