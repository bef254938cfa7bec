"""deepnet-tui: design, train, watch, understand and export a deep neural network, in a terminal."""

__version__ = "0.2.0"
