"""LaminDB's instances, read from their SQLite file without LaminDB: records come out, nothing is ever written."""
