from __future__ import annotations

import subprocess
import sys

import pytest

from vitrina.model.content import Column, Content, PointsElement, ShapesElement, TableElement
from vitrina.model.jsonable import build_json, build_json_text, parse_json, parse_json_text

CONTENT = Content(
    format="spatialdata",
    elements=(
        PointsElement(name="p", path="points/p", n_points=None, axes=("x", "y"), extent_xy=(0.0, 0.0, 1.5, 2.0)),
        ShapesElement(name="s", path="shapes/s", n_shapes=3, geometry="circle"),
        TableElement(name="t", path="tables/t", n_obs=2, obs_columns=(Column(name="ü", dtype="string"),)),
    ),
)


def test_a_record_survives_both_ways_through_json():
    assert parse_json(Content, build_json(CONTENT)) == CONTENT
    assert parse_json_text(Content, build_json_text(CONTENT)) == CONTENT


def test_the_text_is_the_json_of_the_record():
    assert build_json_text(Column(name="ü", dtype="string")) == (
        '{"name":"ü","dtype":"string","n_categories":null,"categories":[]}'
    )


def test_an_element_of_an_unknown_kind_is_named_as_such():
    text = build_json_text(CONTENT).replace('"kind":"points"', '"kind":"dots"')
    with pytest.raises(ValueError, match="'dots' found using 'kind'"):
        parse_json_text(Content, text)


def test_the_records_alone_do_not_import_pydantic():
    script = "import sys, vitrina.model.content, vitrina.model.artifact; print('pydantic' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )
