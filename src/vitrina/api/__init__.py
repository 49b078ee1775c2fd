"""The notebook door: thin objects over the verbs."""
