"""References: a JSON document through which Zarr readers see a file in place, without a copy of its pixels."""
