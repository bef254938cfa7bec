"""What a trained network goes by: importance of columns, curves of dependence, contributions to one prediction."""
