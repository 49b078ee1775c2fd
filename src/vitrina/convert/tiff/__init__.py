"""Pyramidal, tiled OME-TIFF, written tile by tile in one pass."""
