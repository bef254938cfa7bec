"""The registries: activations, losses, optimizers, schedules and initializers, one entry each."""
