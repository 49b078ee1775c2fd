"""OME-Zarr metadata as a tree: one package per version with equal file names. Plain values, no IO."""
