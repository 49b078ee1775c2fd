from __future__ import annotations

import pytest

from vitrina.catalog.words import MAX_QUERY_WORDS, build_search_text, split_query, split_words
from vitrina.model.content import Channel, Column, Content, ImageElement, LabelsElement, TableElement


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xenium/lung_rep-1.zarr", ["xenium", "lung", "rep", "1", "zarr"]),
        ("CD4+ T-cells (2µm)", ["CD4", "T", "cells", "2μm"]),  # the micro sign becomes the Greek letter (NFKC)
        ("  ...  ", []),
        ("", []),
        ("ﬁbroblast", ["fibroblast"]),  # a ligature
        ("肺 ткань", ["肺", "ткань"]),
    ],
)
def test_a_text_is_cut_at_everything_but_letters_and_digits(text, words):
    assert split_words(text) == words


def test_a_query_has_each_word_once_without_case():
    assert split_query("Lung LUNG lung_Straße") == ("lung", "strasse")


def test_a_query_has_a_bound():
    assert len(split_query(" ".join(map(str, range(1000))))) == MAX_QUERY_WORDS


def test_an_artifact_is_found_by_its_names():
    image = ImageElement(
        name="he", path="", axes=(), dtype="uint8", levels=(), channels=(Channel(name="DAPI"), Channel(name="CD4"))
    )
    labels = LabelsElement(name="nuclei", path="", axes=(), dtype="uint8", levels=())
    table = TableElement(
        name="table", path="", n_obs=1, obs_columns=(Column(name="cell_type", dtype="string"),), var_names=("TP53",)
    )
    content = Content(format="spatialdata", elements=(image, labels, table))
    words = build_search_text(
        key="lab/Lung.zarr", description="From the lab", kind="dataset", content=content, annotations=["T cell"]
    )
    assert words.title == "lab lung zarr"
    assert words.body == "from the lab dataset spatialdata t cell he dapi cd4 nuclei table type"
