"""The elements of SpatialData."""
