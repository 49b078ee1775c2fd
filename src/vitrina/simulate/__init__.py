"""A believable tissue section out of nothing but a seed: data for the demo and for tests, never for science.

section     parameters of one section             cohort        parameters of many
tissue      where is which niche                  cells         where is which cell, of which type
outlines    cell and nucleus polygons             labels        the same polygons as label images
genes       the gene panel                        transcripts   molecules of each cell, and where they lie
embedding   the cells in gene space               histology     haematoxylin and eosin image
fluorescence  four-channel image                  spatialdata   all of it as SpatialData, in memory or on disk
"""
