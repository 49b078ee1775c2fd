"""How the tables came to be, step by step. Revisions are written by hand and only ever added."""

HEAD = "0003"
"""The last revision. Named here so that opening a catalog that has it does not import Alembic (0.5 s)."""
