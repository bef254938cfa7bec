"""Choosing data, and deciding on their columns before they are used."""
