"""What the OME-Zarr specification asks for, 0.1 to 0.6: own rules per kind and version, and a walk over the store."""
