"""A believable tissue section out of nothing but a seed: data for the demo and for tests, never for science.

section       parameters of one section           cohort        parameters of many
tissue        where is which zone                 cells         where is which cell, of which type
outlines      cell and nucleus polygons           labels        the same polygons as label images
specimen      all of these together
expression    what each cell expresses            transcripts   its molecules, and where they lie
embedding     the cells in gene space             table         counts and annotations
histology     haematoxylin and eosin image        fluorescence  four-channel image
elements      all of it as SpatialData elements   spatialdata   the whole, in memory or on disk
"""
