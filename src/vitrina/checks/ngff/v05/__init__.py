"""Rules of OME-Zarr 0.5: Zarr 3, and everything under the key ome."""
