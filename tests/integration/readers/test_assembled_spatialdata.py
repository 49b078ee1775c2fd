"""SpatialData assembled of elements, held against what spatialdata itself reads and writes."""

import numpy as np
import pandas as pd
import pytest
import samples
import spatialdata
from same_spatialdata import assert_same_spatialdata, build_small

from vitrina.errors import UnreadableError
from vitrina.model.content import PointsElement, ShapesElement, TableElement
from vitrina.readers.assemble_spatialdata import assemble_spatialdata
from vitrina.readers.elements import iterate_points, read_shapes, read_table
from vitrina.readers.registry import get_reader
from vitrina.readers.source import open_source
from vitrina.readers.spatialdata_names import choose_names, sanitize_name

READER = get_reader("spatialdata")


@pytest.fixture
def small(tmp_path):
    build_small().write(tmp_path / "small.zarr", shapes_geometry_encoding="WKB")
    return open_source(tmp_path / "small.zarr")


@pytest.mark.parametrize("is_lazy", [False, True])
def test_what_is_assembled_is_what_spatialdata_reads(small, is_lazy):
    assembled = assemble_spatialdata(small, READER.read_content(small), is_lazy=is_lazy)
    assert_same_spatialdata(assembled, spatialdata.read_zarr(small.path))


def test_a_real_dataset_is_assembled_as_spatialdata_reads_it():
    source = open_source(samples.get("sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip"))
    assembled = assemble_spatialdata(source, READER.read_content(source))
    assert_same_spatialdata(assembled, READER.read_object(source))


def test_elements_are_read_one_by_one(small):
    content, expected = READER.read_content(small), spatialdata.read_zarr(small.path)
    for element in content.elements:
        match element:
            case ShapesElement():
                pd.testing.assert_frame_equal(
                    read_shapes(small, content, element), expected.shapes[element.name], check_like=True
                )
            case TableElement():
                read = read_table(small, content, element)
                pd.testing.assert_frame_equal(read.obs, expected.tables["table"].obs)
                np.testing.assert_array_equal(read.X, expected.tables["table"].X)
            case PointsElement():
                batches = list(iterate_points(small, content, element))
                assert set(batches[0].schema.names) == {"x", "y", "gene"}
                xs = np.concatenate([batch["x"].to_numpy() for batch in batches])
                np.testing.assert_array_equal(xs, expected.points["spots"]["x"].compute())


def test_damaged_shapes_are_told(small):
    content = READER.read_content(small)
    (small.path / "shapes" / "cells" / "shapes.parquet").write_bytes(b"PAR1 no more PAR1")
    cells = next(one for one in content.elements if one.name == "cells")
    with pytest.raises(UnreadableError):
        read_shapes(small, content, cells)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cells", "cells"), ("a b", "a_b"), ("äö", "äö"), ("__x", "x"), ("..", "element"), ("", "element"),
        ("a/../b", "a_.._b"), ("____", "element"), ("z-1.5", "z-1.5"),
    ],
)  # fmt: skip
def test_names_become_such_as_spatialdata_allows(name, expected):
    assert sanitize_name(name) == expected
    spatialdata._core.validation.check_valid_name(expected)


def test_names_are_there_once_whatever_their_case():
    elements = [
        TableElement(name=name, path=name, n_obs=1) for name in ("cells", "Cells", "cells", "b c", "b.c", "b_c")
    ]
    names, findings = choose_names(elements)
    assert names == ["cells", "Cells_2", "cells_3", "b_c", "b.c", "b_c_2"]
    assert {finding.code for finding in findings} == {"element-renamed"}
    assert len(findings) == 4
