"""Whether AnnData, MuData, SpatialData, TIFF and points are what their specifications ask for."""
