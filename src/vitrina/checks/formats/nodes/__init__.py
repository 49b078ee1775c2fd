"""Groups and arrays of HDF5 files and Zarr hierarchies, read with care: nothing outside of the file is followed."""
