"""The catalog: which artifacts there are, in SQL. Rows stay in here; records come out."""
