"""Whether the shipped viewer can show a dataset as it lies, what is slow, and what Vitrina's gateway heals."""
