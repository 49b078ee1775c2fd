"""Spatial Genomics seqFISH: tables, transcripts, outlines and pictures of sections, named by section and kind."""
