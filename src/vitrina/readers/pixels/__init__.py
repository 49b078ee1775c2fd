"""Windows of pixels out of foreign formats, in the one order t, c, z, y, x, for many threads at once."""
