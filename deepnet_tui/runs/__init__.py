"""The run store: what was trained, its costs, its parameters. It survives crashes and never stops training."""
