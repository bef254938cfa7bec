"""What a network looks like from inside while it trains, and the rules that say what is wrong with it."""
