"""Output folders of imaging instruments, each read as one dataset of several elements.

folder   the files of a bundle, none outside of it      text     rows of CSV and Parquet files, in batches
part     what one element of a bundle can do            bundle   a reader made of parts
counts   expression tables as sparse matrices           locations  tables of cells
stack    planes in files of their own as one image      mosaic   fields of view as one image
"""
