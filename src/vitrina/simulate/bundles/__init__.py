"""Simulated sections in the layouts in which instruments write their output, one module per vendor."""
