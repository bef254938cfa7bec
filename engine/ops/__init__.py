"""The registries of activations, losses, optimizers, schedules and initializers, and the programs that they record."""
