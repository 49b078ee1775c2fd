"""OME-Zarr 0.5: the keys of 0.4 lie under ``ome``, which also holds the version."""
