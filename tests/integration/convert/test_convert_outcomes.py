"""What docs/reference/conversions.md lists is what becomes of each sample. The result is counted by other readers.

That values are kept is tested format by format; here whole datasets go in, and anndata, spatialdata, mudata or
zarr-python counts what came out.
"""

import json
import re
from pathlib import Path

import pytest
import samples
import zarr

from vitrina.errors import VitrinaError
from vitrina.verbs.convert import convert

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/conversions.md"


def read_rows():
    lines = re.findall(r"^\| `.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


ROWS = read_rows()


def count_table(table):
    return f"{table.n_obs:,} × {table.n_vars:,} table"


def count_spatialdata(path):
    import spatialdata

    found = spatialdata.read_zarr(path)
    told = []
    for name, element in {**found.images, **found.labels}.items():
        finest = element if hasattr(element, "shape") else element["scale0"]["image"]
        kind = "image" if name in found.images else "labels"
        told.append(f"{kind} {' × '.join(map(str, finest.shape))}")
    told += [f"{len(points):,} points" for points in found.points.values()]
    told += [f"{len(shapes):,} shapes" for shapes in found.shapes.values()]
    return told + [count_table(table) for table in found.tables.values()]


def count_images(path):
    root = zarr.open_group(path, mode="r", zarr_format=3)
    ome = root.attrs["ome"]
    if "plate" in ome:
        wells = [root[well["path"]] for well in ome["plate"]["wells"]]
        fields = [well[field["path"]] for well in wells for field in well.attrs["ome"]["well"]["images"]]
        return [f"plate of {len(wells)} wells", f"{len(fields)} × {describe_array(fields[0])}"]
    groups = [root] if "multiscales" in ome else [root[name] for name in sorted(root.group_keys()) if name != "OME"]
    return [describe_array(group) for group in groups]


def describe_array(group):
    multiscale = group.attrs["ome"]["multiscales"][0]
    finest = group[multiscale["datasets"][0]["path"]]
    axes = "".join(axis["name"] for axis in multiscale["axes"])
    kind = "labels" if "image-label" in group.attrs["ome"] else "image"
    return f"{kind} {axes} {' × '.join(map(str, finest.shape))} {finest.dtype.name}"


def count(path, name):
    match name:
        case "spatialdata":
            return count_spatialdata(path)
        case "anndata-zarr":
            import anndata

            return [count_table(anndata.io.read_zarr(path))]
        case "mudata-zarr":
            import mudata

            return [f"{key}: {count_table(part)}" for key, part in mudata.read_zarr(path).mod.items()]
    return count_images(path)


def tell(source, target):
    """Format, contents, and codes of what was told; or the code of the refusal."""
    try:
        done = convert(source, target)
    except VitrinaError as err:
        return ["refused", "", f"`{err.code}`"]
    codes = sorted({finding.code for finding in done.findings})
    return [done.format, ", ".join(count(target, done.format)), ", ".join(f"`{code}`" for code in codes)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`") for row in ROWS])
@pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")
def test_a_sample_becomes_what_the_page_says(row, tmp_path):
    path, *expected, _ = row
    source = samples.get(path.strip("`"))
    assert tell(source, tmp_path / "out.zarr") == expected


def test_each_sample_is_in_the_page():
    data = samples.get("LICENSES").parent
    listed = {row[0].strip("`").split("/")[0] for row in ROWS}
    assert listed == {path.name for path in data.iterdir() if path.is_dir()} - {"LICENSES"}


def test_what_is_refused_or_told_has_a_reason():
    assert [row[0] for row in ROWS if row[3] and not row[4]] == []


if __name__ == "__main__":  # prints the rows anew: python test_convert_outcomes.py SOURCE...
    import sys
    import tempfile

    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            told = tell(samples.get(name), Path(folder) / "out.zarr")
        print(json.dumps([f"`{name}`", *told], ensure_ascii=False))
