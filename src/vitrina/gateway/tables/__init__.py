"""Tables in any format that has a reader, as AnnData or MuData in Zarr."""
