"""The view Boundary: the output over a plane, and a small map for every hidden unit."""
