"""One module per resource; a handler parses, calls one verb of the instance and serialises."""
