"""The view Evaluate: scores beside baselines, every class, calibration, and the worst mistakes."""
