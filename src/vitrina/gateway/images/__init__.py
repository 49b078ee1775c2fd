"""Images in any format that has a reader, as OME-Zarr."""
