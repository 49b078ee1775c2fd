"""Where the bytes lie: a local folder, memory, later object stores, all behind one protocol."""
