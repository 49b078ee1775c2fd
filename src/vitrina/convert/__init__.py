"""Objects and sources to files: one module per target format."""
