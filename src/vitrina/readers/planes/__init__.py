"""Images whose planes lie in many files."""
