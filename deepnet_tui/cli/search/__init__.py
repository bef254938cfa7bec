"""`search` on the command line: what is asked for, what is shown meanwhile, and what came of it."""
