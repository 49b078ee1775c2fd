"""Valid OME-Zarr stores by several writers, and stores in memory whose metadata can be broken."""

import copy
import json
import warnings

import ngff_zarr
import numpy as np
import ome_zarr.format
import ome_zarr.writer
import zarr

from vitrina.checks.ngff.check import check_ngff
from vitrina.errors import UnreadableError

SHAPE_TCZYX = (1, 2, 4, 64, 64)
NAMES = {"0.4": (".zattrs", ".zgroup"), "0.5": ("zarr.json",), "0.6": ("zarr.json",)}


class MemoryTree:
    """Documents by key; lists them only where it is asked to."""

    def __init__(self, documents, *, can_list=True):
        self.documents = documents
        self.can_list = can_list

    def get(self, key):
        value = self.documents.get(key)
        return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()

    def open_file(self, key):
        raise NotImplementedError

    def list_children(self, prefix):
        prefix = f"{prefix}/" if prefix else ""
        keys = (key for key in self.documents if key.startswith(prefix)) if self.can_list else ()
        return sorted({key[len(prefix) :].split("/")[0] for key in keys})

    def open_zarr_store(self):
        raise NotImplementedError


class Store:
    """A store in memory: its documents as JSON values, to be broken at will."""

    def __init__(self, documents, version):
        self.documents = documents
        self.version = version

    @classmethod
    def read(cls, root, version):
        """The metadata documents of a store on disk."""
        names = {".zattrs", ".zgroup", ".zarray", "zarr.json", "METADATA.ome.xml"}
        paths = [path for path in sorted(root.rglob("*")) if path.name in names]
        documents = {
            str(path.relative_to(root)): path.read_bytes() if path.suffix == ".xml" else json.loads(path.read_bytes())
            for path in paths
        }
        return cls(documents, version)

    def copy(self):
        return Store(copy.deepcopy(self.documents), self.version)

    @property
    def is_v3(self):
        return self.version >= "0.5"

    def block(self, node=""):
        """The object that holds the OME-Zarr keys of a group."""
        if self.is_v3:
            return self.documents[_join(node, "zarr.json")]["attributes"]["ome"]
        return self.documents[_join(node, ".zattrs")]

    def array(self, node):
        return self.documents[_join(node, "zarr.json" if self.is_v3 else ".zarray")]

    def multiscale(self, node=""):
        return self.block(node)["multiscales"][0]

    def delete(self, node):
        for key in [key for key in self.documents if key == node or key.startswith(f"{node}/")]:
            del self.documents[key]

    def add_group(self, node, block):
        if self.is_v3:
            attributes = {"ome": {"version": self.version, **block}} if block else {}
            self.documents[_join(node, "zarr.json")] = {
                "zarr_format": 3,
                "node_type": "group",
                "attributes": attributes,
            }
        else:
            self.documents[_join(node, ".zgroup")] = {"zarr_format": 2}
            if block:
                self.documents[_join(node, ".zattrs")] = block

    def move_in(self, node, other):
        """Put another store below a group of this one."""
        for key, value in copy.deepcopy(other.documents).items():
            self.documents[_join(node, key)] = value

    def check(self, **options):
        return check_ngff(MemoryTree(self.documents), **options)


def find_codes(checked, severity="error"):
    return {finding.code for finding in checked.findings if finding.severity == severity}


def is_refused(store):
    """Whether nothing could be read at all."""
    try:
        store.check()
    except UnreadableError:
        return True
    return False


def make_pixels(dtype="uint16", shape=SHAPE_TCZYX):
    return np.random.default_rng(0).integers(0, 200, shape).astype(dtype)


def write_image_by_ome_zarr_py(root, version, *, with_labels=True, with_omero=True):
    """An image of two levels with labels and display settings."""
    fmt = ome_zarr.format.format_from_version(version)
    group = zarr.open_group(str(root), mode="w", zarr_format=fmt.zarr_format)
    pixels = make_pixels()
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    channels = [{"label": name, "color": "00FF00", "window": window, "active": True} for name in ("a", "b")]
    metadata = {"omero": {"channels": channels}} if with_omero else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_levels(group, [pixels, pixels[..., ::2, ::2]], fmt, metadata=metadata, name="image")
        if with_labels:
            labels = (pixels[:, :1] > 100).astype("int32")
            ome_zarr.writer.write_multiscale_labels(
                [labels, labels[..., ::2, ::2]],
                group,
                name="cells",
                axes=_make_axes(),
                fmt=fmt,
                coordinate_transformations=_make_transforms(),
                label_metadata={"colors": [{"label-value": 1, "rgba": [0, 128, 0, 255]}]},
            )
    return root


def write_plate_by_ome_zarr_py(root, version):
    """A plate of two wells with one field of each of two acquisitions."""
    fmt = ome_zarr.format.format_from_version(version)
    plate = zarr.open_group(str(root), mode="w", zarr_format=fmt.zarr_format)
    acquisitions = [{"id": i, "name": f"run {i}", "maximumfieldcount": 1} for i in range(2)]
    pixels = make_pixels(shape=(1, 1, 1, 32, 32))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ome_zarr.writer.write_plate_metadata(
            plate, ["A", "B"], ["1", "2"], ["A/1", "B/2"], fmt=fmt, name="p", field_count=2, acquisitions=acquisitions
        )
        for path in ("A/1", "B/2"):
            row, column = path.split("/")
            well = plate.require_group(row).require_group(column)
            fields = [{"path": str(i), "acquisition": i} for i in range(2)]
            ome_zarr.writer.write_well_metadata(well, fields, fmt=fmt)
            for i in range(2):
                _write_levels(well.require_group(str(i)), [pixels, pixels[..., ::2, ::2]], fmt, name="field")
    return root


def write_image_by_ngff_zarr(root, version):
    """A stack of two levels."""
    image = ngff_zarr.to_ngff_image(
        make_pixels()[0, 0],
        dims=["z", "y", "x"],
        scale={"z": 2.0, "y": 0.5, "x": 0.5},
        name="image",
        axes_units=dict.fromkeys("zyx", "micrometer"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        multiscales = ngff_zarr.to_multiscales(image, scale_factors=[2], chunks=32)
        ngff_zarr.to_ngff_zarr(str(root), multiscales, version=version)
    return root


def build_collection(image, *, with_series):
    """Two images as bioformats2raw lays them out, out of one."""
    store = Store({}, image.version)
    store.add_group("", {"bioformats2raw.layout": 3})
    for name in "01":
        store.move_in(name, image)
    store.add_group("OME", {"series": ["0", "1"]} if with_series else {})
    described = "".join(f'<Image ID="Image:{i}"><Pixels><MetadataOnly/></Pixels></Image>' for i in range(2))
    schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    store.documents["OME/METADATA.ome.xml"] = f'<OME xmlns="{schema}">{described}</OME>'.encode()
    return store


def build_scene(image):
    """Two images of 0.6 beside each other."""
    store = Store({}, "0.6")
    name = image.multiscale()["coordinateSystems"][0]["name"]
    axes = image.multiscale()["coordinateSystems"][0]["axes"]
    transforms = [
        {
            "type": "translation",
            "translation": [0.0] * len(axes),
            "input": {"path": path, "name": name},
            "output": {"name": "world"},
        }
        for path in ("left", "right")
    ]
    store.add_group("", {"scene": {"coordinateSystems": [{"name": "world", "axes": copy.deepcopy(axes)}]}})
    store.block()["scene"]["coordinateTransformations"] = transforms
    for path in ("left", "right"):
        store.move_in(path, image)
    return store


def _write_levels(group, levels, fmt, **options):
    ome_zarr.writer.write_multiscale(
        levels, group, axes=_make_axes(), fmt=fmt, coordinate_transformations=_make_transforms(), **options
    )


def _make_axes():
    types = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
    units = {"time": "second", "space": "micrometer"}
    return [
        {"name": name, "type": type_, **({"unit": units[type_]} if type_ in units else {})}
        for name, type_ in types.items()
    ]


def _make_transforms():
    return [[{"type": "scale", "scale": [1.0, 1.0, 2.0, size, size]}] for size in (0.5, 1.0)]


def _join(node, name):
    return f"{node}/{name}" if node else name
