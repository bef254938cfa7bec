"""How fast the engine is beside what else one would train such networks with, measured on this machine."""
