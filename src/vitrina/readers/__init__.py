"""Foreign formats: one file per format, found by content through the registry."""
