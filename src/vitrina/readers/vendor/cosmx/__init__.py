"""NanoString (Bruker) CosMx SMI.

files    which files a slide has              frame    where fields of view lie, and how large pixels are
tiles    pictures of single fields of view    mosaic   all of them as one image
outlines polygons of cells                    table    counts of cells
slide    a slide's files, read once           reader   the reader
"""
