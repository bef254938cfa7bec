"""Cross-validation: how the examples are split into folds, a training for each fold, and what came of all of them."""
