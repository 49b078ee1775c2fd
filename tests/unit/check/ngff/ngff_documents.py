"""Small valid documents of each kind, and a store in memory."""

import copy
import json

AXES = [
    {"name": "c", "type": "channel"},
    {"name": "y", "type": "space", "unit": "micrometer"},
    {"name": "x", "type": "space", "unit": "micrometer"},
]


class MemoryTree:
    """Keys and their bytes; it cannot list unless asked to."""

    def __init__(self, values, *, can_list=False):
        self.values = values
        self.can_list = can_list
        self.reads = []

    def get(self, key):
        self.reads.append(key)
        value = self.values.get(key)
        return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()

    def open_file(self, key):
        raise NotImplementedError

    def list_children(self, prefix):
        prefix = f"{prefix}/" if prefix else ""
        keys = (key for key in self.values if key.startswith(prefix)) if self.can_list else ()
        return sorted({key[len(prefix) :].split("/")[0] for key in keys})

    def open_zarr_store(self):
        raise NotImplementedError


def make_scale(factor):
    return [{"type": "scale", "scale": [1.0, factor, factor]}]


def make_image():
    """The ``multiscales`` of 0.5, of two levels."""
    datasets = [{"path": str(i), "coordinateTransformations": make_scale(2.0**i)} for i in range(2)]
    return {"name": "image", "type": "mean", "metadata": {}, "axes": copy.deepcopy(AXES), "datasets": datasets}


def make_image_06():
    image = make_image()
    image["coordinateSystems"] = [{"name": "physical", "axes": image.pop("axes")}, {"name": "world", "axes": AXES}]
    for dataset in image["datasets"]:
        ends = {"input": {"path": dataset["path"]}, "output": {"name": "physical"}}
        dataset["coordinateTransformations"][0] |= ends
    turn = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    ends = {"input": {"name": "physical"}, "output": {"name": "world"}}
    parts = [
        {"type": "rotation", "rotation": turn},
        {"type": "mapAxis", "mapAxis": [0, 2, 1]},
        {"type": "affine", "affine": [[1, 0, 0, 0], [0, 1, 0, 5], [0, 0, 1, 6]]},
        {
            "type": "byDimension",
            "transformations": [
                {"transformation": {"type": "identity"}, "inputAxes": [0], "outputAxes": [0]},
                {"transformation": {"type": "scale", "scale": [2, 3]}, "inputAxes": [1, 2], "outputAxes": [1, 2]},
            ],
        },
        {"type": "bijection", "forward": {"type": "identity"}, "inverse": {"type": "identity"}},
    ]
    image["coordinateTransformations"] = [{"type": "sequence", "transformations": parts, **ends}]
    return image


def make_array(size, dtype="uint16"):
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": [2, size, size],
        "data_type": dtype,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1, 16, 16]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        "dimension_names": ["c", "y", "x"],
    }


def make_group(version="0.5", **block):
    return {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": version, **block}}}


def make_channels():
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    return {"channels": [{"color": "00FF00", "window": window, "label": name, "active": True} for name in "ab"]}


def make_image_store(version="0.5"):
    """Documents of an image with one label image."""
    multiscale = make_image_06() if version == "0.6" else make_image()
    colors = [{"label-value": 1, "rgba": [0, 0, 0, 255]}]
    label = {"colors": colors, "properties": [{"label-value": 1, "area": 3}], "source": {"image": "../../"}}
    store = {
        "zarr.json": make_group(version, multiscales=[multiscale], omero=make_channels()),
        "labels/zarr.json": make_group(version, labels=["cells"]),
        "labels/cells/zarr.json": make_group(
            version, multiscales=[copy.deepcopy(multiscale)], **{"image-label": label}
        ),
    }
    for level in range(2):
        store[f"{level}/zarr.json"] = make_array(64 >> level)
        store[f"labels/cells/{level}/zarr.json"] = make_array(64 >> level, "int32")
    return store


def make_plate_store(n_rows=1, n_columns=1, n_fields=1):
    """Documents of a plate; its fields are images of one array each."""
    rows, columns = [chr(65 + i) for i in range(n_rows)], [str(1 + i) for i in range(n_columns)]
    wells = [
        {"path": f"{row}/{column}", "rowIndex": i, "columnIndex": j}
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]
    plate = {
        "name": "plate",
        "field_count": n_fields,
        "rows": [{"name": row} for row in rows],
        "columns": [{"name": column} for column in columns],
        "wells": wells,
        "acquisitions": [{"id": 0, "name": "one", "maximumfieldcount": n_fields}],
    }
    store = {"zarr.json": make_group(plate=plate)}
    fields = [{"path": str(i), "acquisition": 0} for i in range(n_fields)]
    image = make_image()
    del image["datasets"][1:]
    for well in wells:
        store[f"{well['path'].split('/')[0]}/zarr.json"] = make_group()
        store[f"{well['path']}/zarr.json"] = make_group(well={"images": fields})
        for field in fields:
            store[f"{well['path']}/{field['path']}/zarr.json"] = make_group(multiscales=[image])
            store[f"{well['path']}/{field['path']}/0/zarr.json"] = make_array(64)
    return store


def make_collection_store():
    store = {
        "zarr.json": make_group(**{"bioformats2raw.layout": 3}),
        "OME/zarr.json": make_group(series=["0"]),
        "OME/METADATA.ome.xml": b'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image/></OME>',
    }
    return store | {f"0/{key}": value for key, value in make_image_store().items()}


def make_scene_store():
    ends = {"input": {"name": "physical", "path": "a"}, "output": {"name": "world"}}
    transform = {"type": "translation", "translation": [0, 1, 2], **ends}
    scene = {"coordinateSystems": [{"name": "world", "axes": AXES}], "coordinateTransformations": [transform]}
    return {"zarr.json": make_group("0.6", scene=scene)} | {
        f"a/{key}": value for key, value in make_image_store("0.6").items()
    }


STORES = {
    "image-0.5": make_image_store(),
    "image-0.6": make_image_store("0.6"),
    "plate": make_plate_store(),
    "collection": make_collection_store(),
    "scene": make_scene_store(),
}
