"""The OME-XML of a TIFF file, in itself and against the pages that it describes."""
