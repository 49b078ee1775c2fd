"""OME-Zarr 0.4: the keys lie at the root of a group's attributes."""
