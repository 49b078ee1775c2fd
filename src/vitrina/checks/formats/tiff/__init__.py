"""TIFF as bytes: the chain of directories, their tags, and where their pixels lie."""
