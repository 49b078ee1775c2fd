"""Plates as OME-Zarr."""
