"""Datasets of BigDataViewer and BigStitcher."""
