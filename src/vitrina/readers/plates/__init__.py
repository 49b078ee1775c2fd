"""Plates as microscopes store them."""
