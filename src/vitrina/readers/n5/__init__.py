"""N5: arrays of Java programs, read without them."""
