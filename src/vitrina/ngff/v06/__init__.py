"""OME-Zarr 0.6: named coordinate systems. Only what earlier versions can express is read, nothing is written."""
