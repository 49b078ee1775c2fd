"""The datasets that were drawn get the findings that they were made for; what the viewer draws right gets none."""

from __future__ import annotations

import logging
import re
import warnings

import pytest
import viewer_faults_image
import viewer_faults_spatial
import viewer_faults_table
import viewer_faults_tiff

from vitrina.checks.viewer.check import check_viewer
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

SLOW = re.compile(r"large|huge|chunks-|one-chunk|chunk-channels|points-1m|points-6m|planes|single-scale")
"""Made of many pixels or points: their rules are unit tests."""

DRAWN_RIGHT = re.compile(
    r"omero-empty-rdefs|flat-small|version-0[13]|dtype-(int8|int32|uint32|float32|float64|big-endian)|"
    r"x-(int64|float64|int8|uint32|big-endian)|umap-(float64|int32)|(index|categories)-(utf32|bytes)\.|index-numbers|"
    r"sets-(nullable-text|plain-bool|plain-int)|"
    r"tiff-(flat|none|packbits|lzw|lzw-predictor|deflate|deflate-predictor|jpeg-8|float-predictor)\."
)

NOT_OF_THE_DATASET = re.compile(r"path-wrong|tiff-stale|tiff-scale-short|tiff-rgb-webp")
"""Faults of the view, or of a file beside the dataset; WebP was made for the compression and fails by its samples."""

REFUSED_ON_READING = re.compile(r"scale-short\.zarr|path-column-gone|path-index-gone")

TRIALS = [
    trial
    for faults in (viewer_faults_image, viewer_faults_table, viewer_faults_tiff, viewer_faults_spatial)
    for trial in faults.TRIALS
    if not SLOW.search(trial.name) and not REFUSED_ON_READING.search(trial.name)
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_a_trial_gets_the_finding_that_it_was_made_for(trial, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL)
    path = tmp_path / trial.name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries say what they think of odd data
        trial.build(path)
        source = open_source(path)
        reader = find_reader(source)
        assert reader is not None
        codes = {finding.code for finding in check_viewer(source, reader.read_content(source)).findings}
    if trial.code is None:
        assert codes == set()
    else:
        is_found = not DRAWN_RIGHT.search(trial.name) and not NOT_OF_THE_DATASET.search(trial.name)
        assert (trial.code in codes) == is_found
