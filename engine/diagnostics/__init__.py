"""The doctor: statistics of a network in training, and the rules that say what is wrong with it."""
