"""``vt.Artifact``: one dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import quote

from vitrina.api.connection import get_instance
from vitrina.api.query import ArtifactQuery
from vitrina.api.tracking.active import record_inputs, record_output
from vitrina.errors import InputError

if TYPE_CHECKING:
    import os
    from datetime import datetime

    import pandas as pd
    from anndata import AnnData
    from spatialdata import SpatialData

    from vitrina.api.lineage import Lineage
    from vitrina.api.path import ArtifactPath
    from vitrina.api.run import Run
    from vitrina.model.artifact import Artifact as Record
    from vitrina.model.content import Content
    from vitrina.model.expression import Expression
    from vitrina.verbs.instance import Instance

GATEWAY_SUFFIXES = (".h5ad", ".h5mu")
"""Files that viewers cannot read as they lie, and read through the gateway instead."""


class Artifact:
    """A dataset in the catalog, or one about to be saved.

    Args:
        path: A file or folder to be saved.
        key: Its name in the catalog; the name of the file or folder unless given. A known key gets a new version.
        description: Free text.
        kind: ``dataset``, ``model`` or what it is.

    Example:
        >>> import vitrina as vt
        >>> artifact = vt.Artifact("section.zarr", key="xenium/section.zarr").save()  # doctest: +SKIP
    """

    _bound: ClassVar[Instance | None] = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        key: str | None = None,
        description: str | None = None,
        kind: str = "dataset",
    ) -> None:
        self._instance = self._get_instance()
        self._source: object = Path(path)
        self._draft: dict[str, Any] = {"key": key, "description": description, "kind": kind}
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
    def _from_object(cls, dataset: object, key: str, description: str | None, kind: str) -> Self:
        artifact = cls(".", key=key, description=description, kind=kind)
        artifact._source = dataset
        return artifact

    @classmethod
    def from_spatialdata(
        cls, sdata: SpatialData | str | os.PathLike[str], *, key: str, description: str | None = None
    ) -> Self:
        """A SpatialData object, or the path of one, about to be saved."""
        return cls._from_object(sdata, key, description, "dataset")

    @classmethod
    def from_anndata(cls, adata: AnnData | str | os.PathLike[str], *, key: str, description: str | None = None) -> Self:
        """An AnnData object, or the path of one, about to be saved; a key that ends in ``.zarr`` makes it Zarr."""
        return cls._from_object(adata, key, description, "dataset")

    @classmethod
    def from_dataframe(
        cls, frame: pd.DataFrame | str | os.PathLike[str], *, key: str, description: str | None = None
    ) -> Self:
        """A DataFrame, or the path of a table, about to be saved; a key that ends in ``.csv`` makes it CSV."""
        return cls._from_object(frame, key, description, "dataset")

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
            UnreadableError: The bytes are damaged.
            StorageError: The bytes cannot be copied.
        """
        if self._record is None:
            import os

            if isinstance(self._source, str | os.PathLike):
                added = self._instance.add(Path(self._source), **self._draft)
            else:
                added = self._instance.add_object(self._source, **self._draft)
            self._record, self._source = added.artifact, None
            record_output(self._instance, added.artifact.uid)
        return self

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

    def describe(self) -> None:
        """Print what it contains as a tree."""
        from vitrina.verbs.describe import describe

        print(describe(self._saved))  # noqa: T201 - this is what it is for

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

    def __repr__(self) -> str:
        if self._record is None:
            return f"Artifact(key={self._draft['key']!r}, not saved)"
        return f"Artifact(uid={self.uid!r}, key={self.key!r}, format={self.format!r}, size={self.size})"
