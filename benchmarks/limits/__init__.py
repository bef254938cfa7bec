"""What the machine allows for each workload, and how near the engine is."""
