"""The command `race`: what it trains, and what it shows."""
