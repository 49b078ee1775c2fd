"""Rules of OME-Zarr 0.1 and 0.2: five dimensions, no axes."""
