"""The view Picture: the network as a diagram, and the units and weights that are chosen in it."""
