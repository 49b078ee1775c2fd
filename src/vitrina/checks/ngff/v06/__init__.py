"""Rules of OME-Zarr 0.6: named coordinate systems, transformations between them, scenes."""
