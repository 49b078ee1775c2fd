"""Vizgen MERSCOPE.

files    which files a region has      mosaic      its stains as one image      outlines    its cells, Parquet or HDF5
table    its counts                    reader      the reader
"""
