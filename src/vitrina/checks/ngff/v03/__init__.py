"""Rules of OME-Zarr 0.3: axes are names."""
