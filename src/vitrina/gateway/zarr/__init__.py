"""Zarr metadata in both formats: what an array is, how format 2 says it, and how format 3 does."""
