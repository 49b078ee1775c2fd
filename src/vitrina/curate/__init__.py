"""Curation: datasets held against schemas, and the data itself held against what its format promises. Pure."""
