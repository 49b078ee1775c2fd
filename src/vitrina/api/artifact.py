"""``vt.Artifact``: one dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypedDict, Unpack
from urllib.parse import quote

from vitrina.api.annotations import Annotated
from vitrina.api.connection import get_instance
from vitrina.api.overrides import list_overrides, parse_overrides
from vitrina.api.query import COLUMNS, ArtifactQuery
from vitrina.api.record_list import RecordList
from vitrina.api.tracking.active import record_inputs, record_output
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd
    from anndata import AnnData
    from mudata import MuData
    from spatialdata import SpatialData

    from vitrina.api.lineage import Lineage
    from vitrina.api.path import ArtifactPath
    from vitrina.api.records import RecordQuery
    from vitrina.api.run import Run
    from vitrina.api.schema import Schema
    from vitrina.api.view import View
    from vitrina.ml.choices import TileKeywords
    from vitrina.ml.tiles import Tiles
    from vitrina.model.artifact import Artifact as Record
    from vitrina.model.content import Content
    from vitrina.model.difference import Difference
    from vitrina.model.expression import Expression
    from vitrina.model.view import View as ViewRecord
    from vitrina.verbs.add import Added
    from vitrina.verbs.instance import Instance

GATEWAY_SUFFIXES = (".h5ad", ".h5mu")
"""Files that viewers cannot read as they lie, and read through the gateway instead."""


class SaveOptions(TypedDict, total=False):
    """What the constructors of Artifact take besides the dataset; see there."""

    key: str | None
    description: str | None
    kind: str
    schema: Schema | str | None
    features: Mapping[str, object] | None
    revises: Artifact | None
    run: Run | Literal[False] | None


class Artifact(Annotated):
    """A dataset in the catalog, or one about to be saved.

    Args:
        path: A file or folder to be saved, or an object.
        key: Its name in the catalog; the name of the file or folder unless given. A known key gets a new version.
        description: Free text.
        kind: ``dataset``, ``model`` or what it is.
        schema: What it must satisfy to be saved: a schema, the name of one, or ``"valid_features"`` for columns that
            are features. Its terms and values become labels.
        features: Values given along with the dataset, by feature.
        revises: Artifact of which it is a new version: gives the key.
        run: Run that made it; the one that ``track`` started unless given; False for none.

    Example:
        >>> import vitrina as vt
        >>> artifact = vt.Artifact("section.zarr", key="xenium/section.zarr").save()  # doctest: +SKIP
    """

    _bound: ClassVar[Instance | None] = None

    def __init__(
        self,
        path: object,
        *,
        key: str | None = None,
        description: str | None = None,
        kind: str = "dataset",
        schema: Schema | str | None = None,
        features: Mapping[str, object] | None = None,
        revises: Artifact | None = None,
        run: Run | Literal[False] | None = None,
    ) -> None:
        self._instance = self._get_instance()
        self._source: object = Path(path) if isinstance(path, str | os.PathLike) else path
        key = revises.key if key is None and revises is not None else key
        if key is None and not isinstance(self._source, Path):
            raise InputError("key-missing", "An object needs a key.", hint='Pass key="my/dataset".')
        self._draft: dict[str, Any] = {"key": key, "description": description, "kind": kind}
        self._schema = schema
        self._features = features
        self._run = run
        self._record: Record | None = None

    @classmethod
    def _get_instance(cls) -> Instance:
        return cls._bound or get_instance()

    @classmethod
    def _wrap(cls, instance: Instance, record: Record) -> Self:
        artifact = cls.__new__(cls)
        artifact._instance = instance
        artifact._source = None
        artifact._draft = {}
        artifact._record = record
        return artifact

    @classmethod
    def _query(cls) -> ArtifactQuery[Self]:
        instance = cls._get_instance()
        return ArtifactQuery(instance, lambda record: cls._wrap(instance, record))

    @classmethod
    def from_spatialdata(cls, sdata: SpatialData | str | os.PathLike[str], **options: Unpack[SaveOptions]) -> Self:
        """A SpatialData object, or the path of one, about to be saved."""
        return cls(sdata, **options)

    @classmethod
    def from_anndata(cls, adata: AnnData | str | os.PathLike[str], **options: Unpack[SaveOptions]) -> Self:
        """An AnnData object, or the path of one, about to be saved; a key that ends in ``.zarr`` makes it Zarr."""
        return cls(adata, **options)

    @classmethod
    def from_mudata(cls, mdata: MuData | str | os.PathLike[str], **options: Unpack[SaveOptions]) -> Self:
        """A MuData object, or the path of one, about to be saved; a key that ends in ``.zarr`` makes it Zarr."""
        return cls(mdata, **options)

    @classmethod
    def from_dataframe(cls, frame: pd.DataFrame | str | os.PathLike[str], **options: Unpack[SaveOptions]) -> Self:
        """A DataFrame, or the path of a table, about to be saved; a key that ends in ``.csv`` makes it CSV."""
        return cls(frame, **options)

    @classmethod
    def from_dir(cls, path: str | os.PathLike[str], **options: Unpack[SaveOptions]) -> RecordList[Self]:
        """The datasets in a folder, about to be saved, with ``.save()`` for all: files, and Zarr trees as a whole.

        Args:
            path: The folder.
            **options: As for one dataset; ``key`` stands before the names inside the folder, the folder's name unless
                given.
        """
        root = Path(path).expanduser().absolute()
        prefix = options.pop("key", None) or root.name
        artifacts = []
        for found in cls._get_instance().list_datasets(root):
            options["key"] = f"{prefix}/{found.relative_to(root)}".removesuffix("/.")
            artifacts.append(cls(found, **options))
        return RecordList(artifacts, COLUMNS)

    @classmethod
    def filter(cls, *expressions: Expression, exact: bool | None = None, **where: object) -> ArtifactQuery[Self]:
        """The artifacts that match, see ``ArtifactQuery.filter``: ``tissue="lung"``, ``size__gt=10**9``."""
        return cls._query().filter(*expressions, exact=exact, **where)

    @classmethod
    def search(cls, text: str) -> ArtifactQuery[Self]:
        """The artifacts in which all words occur: in keys, descriptions, elements, channels, columns."""
        return cls._query().search(text)

    @classmethod
    def get(cls, ref: str) -> Self:
        """The artifact that a key, ``key@0001``, a uid or the start of a uid names.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        instance = cls._get_instance()
        return cls._wrap(instance, instance.show(ref))

    @classmethod
    def to_dataframe(cls, **options: Any) -> pd.DataFrame:
        """The artifacts added last as a table; see ``ArtifactQuery.to_dataframe``."""
        return cls._query().to_dataframe(**options)

    def save(self) -> Self:
        """Put it into the catalog; it is immutable from then on. Saved once more, nothing happens.

        Raises:
            ValidationError: It does not satisfy its schema; nothing is saved.
            UnreadableError: The bytes are damaged.
            StorageError: The bytes cannot be copied.
        """
        if self._record is None:
            self._record = self._add().artifact
            self._source = None
            if self._run is None:
                record_output(self._instance, self.uid)
            elif self._run:
                self._instance.record_outputs(self._run.uid, [self.uid])
        return self

    def _add(self) -> Added:
        if self._schema is not None:
            schema = self._schema if isinstance(self._schema, str) else self._schema.save()._saved
            return self._instance.add_curated(self._source, schema, features=self._features, **self._draft)
        annotations = self._instance.build_given(self._features) if self._features else None
        if isinstance(self._source, Path):
            return self._instance.add(self._source, annotations=annotations, **self._draft)
        return self._instance.add_object(self._source, annotations=annotations, **self._draft)

    @property
    def is_saved(self) -> bool:
        """Whether it is in the catalog."""
        return self._record is not None

    @property
    def _saved(self) -> Record:
        if self._record is None:
            raise InputError(
                "artifact-not-saved", f"The artifact {self._draft['key']!r} is not saved yet.", hint="Call .save()."
            )
        return self._record

    @property
    def uid(self) -> str:
        """20 characters: 16 for the family of versions, 4 for the version."""
        return self._saved.uid

    @property
    def key(self) -> str | None:
        """Name in the catalog."""
        return self._record.key if self._record else self._draft["key"]

    @property
    def description(self) -> str | None:
        """Free text."""
        return self._record.description if self._record else self._draft["description"]

    @property
    def kind(self) -> str:
        """``dataset``, ``model`` or what it is."""
        kind: str = self._record.kind if self._record else self._draft["kind"]
        return kind

    @property
    def format(self) -> str:
        """``spatialdata``, ``anndata``, ``ome-zarr``, ``ome-tiff``, ``tiff``, ``table``, ``file`` or ``folder``."""
        return self._saved.format

    @property
    def suffix(self) -> str:
        """Suffix of the stored file or folder, such as ``.zarr``."""
        return Path(self._saved.basename).suffix

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self._saved.size_bytes

    @property
    def hash(self) -> str:
        """BLAKE3 of the bytes."""
        return self._saved.hash

    @property
    def n_files(self) -> int:
        """Number of files."""
        return self._saved.n_files

    @property
    def n_observations(self) -> int | None:
        """Observations of the largest table."""
        return self._saved.n_observations

    @property
    def version(self) -> str:
        """Four characters, ``0001`` for the first."""
        return self._saved.version

    @property
    def is_latest(self) -> bool:
        """Whether there was no newer version when this object was made."""
        return self._saved.is_latest

    @property
    def created_at(self) -> datetime:
        """UTC."""
        return self._saved.created_at

    @property
    def created_by(self) -> str:
        """Handle of the user."""
        return self._saved.created_by

    @property
    def content(self) -> Content:
        """Elements, axes, sizes, channels and columns."""
        return self._saved.content

    @property
    def overrides(self) -> dict[str, dict[str, Any]]:
        """What people know better than the file, by the path of the element.

        Example:
            >>> artifact.overrides = {"pixel_size": (0.5, 0.5), "channel_names": ["DAPI", "CD3"]}  # doctest: +SKIP
            >>> artifact.overrides = {"images/he": {"is_rgb": True}}  # doctest: +SKIP
            >>> artifact.overrides = None  # doctest: +SKIP
        """
        return list_overrides(self._saved)

    @overrides.setter
    def overrides(self, given: Mapping[str, Any] | None) -> None:
        elements = parse_overrides(self._saved, given)
        self._record = self._instance.set_overrides(self._saved, elements)

    @property
    def versions(self) -> ArtifactQuery[Self]:
        """All versions, newest first."""
        return self._query().with_versions().filter(uid__startswith=self.uid[:16])

    @property
    def path(self) -> ArtifactPath:
        """Where the bytes lie; ``.path.to_url()`` is their address on a server."""
        from vitrina.api.path import ArtifactPath

        return ArtifactPath(self._instance.get_path(self._saved), self._build_url)

    @property
    def _local_filepath(self) -> str:
        """What vitessce-python asks for."""
        return str(self._instance.get_path(self._saved))

    def _build_url(self) -> str:
        from vitrina.api.hub import get_base_url

        base = get_base_url(self._instance)
        if self.suffix in GATEWAY_SUFFIXES:
            return f"{base}/zarr/{self.uid}"
        return f"{base}/data/{self.uid}/{quote(self._saved.basename)}"

    def load(self) -> Any:
        """The dataset in memory, detached from the stored bytes: SpatialData, AnnData, DataFrame or DataArray."""
        loaded = self._instance.load(self._saved)
        record_inputs(self._instance, [self.uid])
        return loaded

    def open(self) -> Any:
        """A lazy, read-only handle on the stored bytes."""
        opened = self._instance.open_lazily(self._saved)
        record_inputs(self._instance, [self.uid])
        return opened

    def cache(self) -> Path:
        """A local path to the stored bytes, which are read-only."""
        path = self._instance.get_path(self._saved)
        record_inputs(self._instance, [self.uid])
        return path

    def checkout(self, folder: str | os.PathLike[str]) -> Path:
        """A copy in a folder, under its own name, that may be written to; what is stored stays as it is.

        Raises:
            ConflictError: There is already something of that name.
            DataError: The stored bytes are not what was saved.
        """
        path = self._instance.checkout(self._saved, folder)
        record_inputs(self._instance, [self.uid])
        return path

    def delete(self, *, permanent: bool = False) -> None:
        """Move it to the trash, from where ``restore`` brings it back.

        Args:
            permanent: Remove it for good instead. Bytes that were registered in place stay.

        Raises:
            ConflictError: ``permanent``, and a collection holds it.
        """
        self._record = self._instance.delete(self.uid, permanent=permanent).artifact

    def restore(self) -> Self:
        """Take it out of the trash."""
        self._record = self._instance.restore(self.uid)
        return self

    def diff(self, other: Artifact | str) -> Difference:
        """What changes from this artifact to another one, or to the one that a reference names."""
        new = other._saved if isinstance(other, Artifact) else self._instance.show(other)
        return self._instance.diff(self._saved, new)

    def tiles(self, **options: Unpack[TileKeywords]) -> Tiles:
        """Square tiles around its cells, for training; see ``ArtifactQuery.tiles``."""
        from vitrina.api.tiles import build_tiles

        return build_tiles(self._instance, [self._saved], options, {"artifact": {"uid": self.uid, "key": self.key}})

    def describe(self) -> None:
        """Print what it contains as a tree."""
        print(self._instance.describe_artifact(self._saved))  # noqa: T201 - this is what it is for

    def view(self) -> Any:
        """Show it in the notebook, or open it in the browser; a server is started when none runs."""
        from vitrina.api.hub import show_page

        return show_page(self._instance, f"/a/{self.uid}")

    @property
    def run(self) -> Run | None:
        """The run that saved it, the latest when several did; None when none was tracked."""
        from vitrina.api.run import Run

        found = self._instance.find_runs(output_uid=self.uid, limit=1).items
        return Run.wrap(self._instance, found[0]) if found else None

    def view_lineage(self, *, depth: int | None = None) -> Lineage:
        """Where it came from and what it went into: a picture in a notebook, a tree of text elsewhere.

        Args:
            depth: How many runs to follow in each direction; None for all.
        """
        from vitrina.api.hub import find_base_url
        from vitrina.api.lineage import Lineage

        graph = self._instance.read_lineage(self._saved, depth=depth)
        return Lineage(graph, base_url=find_base_url(self._instance) or "")

    def save_vitessce_config(self, vitessce_config: Any, *, name: str | None = None) -> View:
        """Save a configuration of vitessce-python as a view of this artifact, for the hub and for later.

        Args:
            vitessce_config: A ``VitessceConfig`` over artifacts, or its JSON.
            name: Of the view; the configuration's own unless given.

        Raises:
            InputError: It is no configuration, or shows data that is no artifact.
            NotFoundError: It shows an artifact of another instance.
        """
        from vitrina.api.view import View

        return View(self._instance, self._instance.save_view(vitessce_config, subject_uid=self.uid, name=name))

    @property
    def views(self) -> RecordQuery[ViewRecord, View]:
        """The views that were saved of it, newest first."""
        from vitrina.api.view import View

        bound: type[View] = type("View", (View,), {"_bound": self._instance})
        return bound.filter(subject_uid=self.uid)

    def __repr__(self) -> str:
        if self._record is None:
            return f"Artifact(key={self._draft['key']!r}, not saved)"
        return f"Artifact(uid={self.uid!r}, key={self.key!r}, format={self.format!r}, size={self.size})"
