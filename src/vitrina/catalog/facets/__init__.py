"""The facet index: which artifacts have which values, as bitmaps in memory, brought up to date before every answer."""
