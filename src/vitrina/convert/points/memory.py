"""What points take in memory before they go to a file."""

MEMORY_BYTES = 256 * 2**20
"""Some millions of points."""
