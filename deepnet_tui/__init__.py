"""deepnet-tui: design, train, watch, understand and take home a deep neural network, in a terminal."""

__version__ = "0.1.0"
