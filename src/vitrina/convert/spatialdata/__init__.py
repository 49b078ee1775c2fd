"""SpatialData: written from the elements of any described dataset, or of an object in memory."""
