"""Zarr arrays, version 2 and 3, written chunk by chunk: metadata, codecs, shards."""
