"""Tracking: which code runs in this process, what it reads and what it saves."""
