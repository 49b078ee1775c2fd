"""Pyramids: which levels, in which order, how they are made smaller. One engine for conversion and the gateway."""
