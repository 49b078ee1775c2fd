"""Bundles with files cut, overwritten or gone: a reader says so, or reads what is left, and raises nothing else."""

import random
import shutil

import numpy as np
import pytest
import vendor_bundles as bundles

from vitrina.errors import VitrinaError
from vitrina.model.content import ImageElement, LabelsElement, ShapesElement, TableElement
from vitrina.readers.source import open_source
from vitrina.readers.vendor.cosmx.reader import CosmxReader
from vitrina.readers.vendor.merscope.reader import MerscopeReader
from vitrina.simulate.bundles.cosmx import write_cosmx
from vitrina.simulate.bundles.merscope import write_merscope

N_ROUNDS = 15
LINES = (b"", b",,,,", b"a,b,c", b"1,2,3,4,5,6,7,8,9,10", b'"unclosed', b"\xff\xfe,x")


@pytest.fixture(scope="module", params=["merscope", "cosmx"])
def written(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / request.param
    if request.param == "merscope":
        write_merscope(bundles.PARAMETERS, path)
        return MerscopeReader(), path
    write_cosmx(bundles.PARAMETERS, path, fov_px=160)
    return CosmxReader(), path


def damage(rng, data):
    """Bytes cut off, overwritten, put between, or a line replaced."""
    kind = rng.randrange(4)
    if kind == 0:
        return data[: rng.randrange(len(data) + 1)]
    at = rng.randrange(len(data))
    if kind == 1:
        return data[:at] + rng.randbytes(20) + data[at + 20 :]
    if kind == 2:
        return data[:at] + rng.randbytes(20) + data[at:]
    lines = data.split(b"\n")
    lines[rng.randrange(min(4, len(lines)))] = rng.choice(LINES)
    return b"\n".join(lines)


def read_element(reader, source, element):
    if isinstance(element, ImageElement | LabelsElement):
        pixels = reader.open_pixels(source, element, 0)
        _, n_channels, depth, height, width = pixels.shape_tczyx
        shape = (pixels.n_joint_channels, depth, min(height, 500), min(width, 500))
        for channel in range(0, n_channels, pixels.n_joint_channels):
            pixels.read_into((0, channel, 0, 0, 0), np.empty(shape, pixels.dtype))
        pixels.close()
    elif isinstance(element, TableElement):
        table = reader.read_table(source, element)
        assert table.shape == (element.n_obs, element.n_vars)
    elif isinstance(element, ShapesElement):
        assert len(reader.read_shapes(source, element)) == element.n_shapes
    else:
        n_points = sum(batch.num_rows for batch in reader.iterate_points(source, element))
        assert element.n_points in {None, n_points}


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")  # NumPy's, of numbers that damage made infinite
def test_nothing_but_our_errors_comes_out_of_damaged_bundles(written, tmp_path):
    reader, whole = written
    rng = random.Random(0)  # noqa: S311 no secret
    n_refused, messages = 0, []
    for number in range(N_ROUNDS):
        path = tmp_path / str(number)
        shutil.copytree(whole, path)
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix != ".json")
        for file in rng.sample(files, 2):
            file.write_bytes(damage(rng, file.read_bytes()))
        source = open_source(path)
        content = reader.read_content(source)
        n_refused += any(finding.severity == "error" for finding in content.findings)
        for element in content.elements:
            try:
                read_element(reader, source, element)
            except VitrinaError as err:
                messages.append(err.message)
        shutil.rmtree(path)
    assert n_refused + len(messages) > N_ROUNDS // 4, "the damage was noticed"
    assert all(message.endswith(".") for message in messages)
