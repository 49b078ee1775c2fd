"""The data itself, held against what its format promises, whatever any schema says."""
