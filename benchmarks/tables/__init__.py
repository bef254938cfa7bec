"""How good the networks are on tables, with no option but the target, beside other learners on the same rows."""
