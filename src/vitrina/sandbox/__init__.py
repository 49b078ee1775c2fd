"""Functions that run in a process with little memory and time, no network, and one file or folder to read."""
