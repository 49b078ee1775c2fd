"""Bundles for tests: read by name, copied to be damaged, and sections simulated in a vendor's layout."""

import shutil

import numpy as np
import samples

from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.source import open_source
from vitrina.simulate.section import SectionParameters

PARAMETERS = SectionParameters(
    n_cells=150, n_genes=50, n_transcripts=5_000, width_um=200.0, height_um=150.0, pixel_size_um=0.5
)


def read(reader, path):
    """The source, what the reader finds in it, and its elements by name."""
    source = open_source(path)
    assert reader.detect(source)
    content = reader.read_content(source)
    return source, content, {element.name: element for element in content.elements}


def copy(name, tmp_path):
    """A sample that may be changed."""
    path = tmp_path / name.split("/")[-1]
    shutil.copytree(samples.get(name), path, copy_function=shutil.copyfile)
    for folder in (path, *(child for child in path.rglob("*") if child.is_dir())):
        folder.chmod(0o755)
    return path


def read_pixels(reader, source, element):
    """All pixels of an element, in the order of its axes."""
    return IndexedPixels(reader.open_pixels(source, element, 0), element.axes, element.levels[0].shape)[...]


def read_points(reader, source, element):
    """All points of an element as a data frame."""
    import pyarrow as pa

    return pa.Table.from_batches(list(reader.iterate_points(source, element))).to_pandas()


def place(element, xy):
    """Coordinates of an element in the coordinate system ``global``."""
    a, b, c, d, e, f = element.placements[0].affine_xy
    x, y = np.asarray(xy, dtype=np.float64).T
    return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)


def find_pixels(element, xy_global):
    """Rows and columns of the pixels of an image that lie under places in ``global``."""
    a, b, c, d, e, f = element.placements[0].affine_xy
    inverse = np.linalg.inv(np.array([[a, b, c], [d, e, f], [0, 0, 1]]))
    columns, rows = np.floor((np.asarray(xy_global) @ inverse[:2, :2].T + inverse[:2, 2]).T).astype(int)
    return rows, columns


def list_codes(content):
    """Codes of all findings, with the file that each is about."""
    return {(finding.code, finding.path.partition("#")[0]) for finding in content.findings}
