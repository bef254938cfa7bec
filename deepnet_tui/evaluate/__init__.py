"""How good a network is, and what is wrong with it: metrics, comparison, diagnosis, decision map."""
