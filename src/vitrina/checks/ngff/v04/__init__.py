"""Rules of OME-Zarr 0.4: axes are objects, levels have transformations."""
