"""How one pass through the network comes about, operation by operation, without a screen."""
