"""Plates: each field of view as an image, and all of them as one."""
