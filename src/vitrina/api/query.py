"""Lazy queries: ``vt.Artifact.filter(tissue="lung", assay="10x Xenium").to_dataframe()``."""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast, overload

from vitrina.errors import InputError, NotFoundError
from vitrina.model.expression import And, build_expression, describe_expression
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    import pandas as pd

    from vitrina.ml.choices import TileKeywords
    from vitrina.ml.tiles import Tiles
    from vitrina.model.annotation import Annotations
    from vitrina.model.artifact import Artifact as Record
    from vitrina.model.expression import Expression
    from vitrina.model.page import Facet, Page
    from vitrina.verbs.instance import Instance

PAGE_SIZE = 1000

INCLUDABLE = ("features", "labels")

COLUMNS = (
    "uid",
    "key",
    "description",
    "kind",
    "format",
    "size",
    "hash",
    "n_files",
    "n_observations",
    "version",
    "is_latest",
    "created_at",
    "created_by",
)


@dataclass(frozen=True)
class ArtifactQuery[T]:
    """Artifacts that match; nothing is asked of the catalog until results are wanted. Queries are never changed.

    Attributes:
        instance: Where to look.
        wrap: Turns a record into what the query yields.
        text: Words to search for.
        where: Conditions, all of which must hold.
        order: A field, with ``-`` for descending; None for the best match first, without text what was added last.
        which: The latest versions, all versions, or what is in the trash.
        is_exact: Whether terms are taken literally, without synonyms and terms below.
    """

    instance: Instance
    wrap: Callable[[Record], T]
    text: str = ""
    where: And = field(default_factory=And)
    order: str | None = None
    which: Literal["latest", "all", "trash"] = "latest"
    is_exact: bool = False

    def filter(self, *expressions: Expression, exact: bool | None = None, **where: object) -> ArtifactQuery[T]:
        """Narrow the query by fields, features and registries; all must hold.

        Args:
            expressions: Such as ``(Feature.get(name="dose") > 3) | (Feature.get(name="donor") == "D1")``.
            exact: True takes terms literally; otherwise synonyms and terms below them match too.
            where: ``tissue="lung"``, ``tissue__in=[...]``, ``size__gt=10**9``, ``key__startswith="xenium/"``.
        """
        parts = (*self.where.parts, *expressions, *build_expression(_get_records(where)).parts)
        return replace(self, where=And(parts=parts), is_exact=self.is_exact if exact is None else exact)

    def search(self, text: str) -> ArtifactQuery[T]:
        """Narrow the query to artifacts in which all words occur."""
        return replace(self, text=f"{self.text} {text}".strip())

    def order_by(self, order: str) -> ArtifactQuery[T]:
        """Sort by a field; ``-`` before it means descending."""
        return replace(self, order=order)

    def with_versions(self) -> ArtifactQuery[T]:
        """Yield older versions too."""
        return replace(self, which="all")

    def in_trash(self) -> ArtifactQuery[T]:
        """Yield what is in the trash instead."""
        return replace(self, which="trash")

    def count_facets(self, *names: str) -> dict[str, list[Facet]]:
        """The most frequent values among the matches, by facet: fields, features and registries.

        Args:
            names: Of the facets, such as ``tissue``; all without any.
        """
        return self._find_page(1, None, facets=names or "all").facets

    def count(self) -> int:
        """How many match."""
        return self._find_page(1, None).total

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[T]:
        return map(self.wrap, self._iter_records())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self.wrap(record) for record in list(self._iter_records())[index]]
        position = index if index >= 0 else self.count() + index
        for record in itertools.islice(self._iter_records(), max(position, 0), None) if position >= 0 else ():
            return self.wrap(record)
        raise IndexError(f"index {index} is out of range: {self.count()} artifacts match")

    def first(self) -> T | None:
        """The first match, None when nothing matches."""
        return next(iter(self), None)

    def one(self) -> T:
        """The only match.

        Raises:
            NotFoundError: Nothing matches, or several do.
        """
        page = self._find_page(2, None)
        if page.total == 1:
            return self.wrap(page.items[0])
        if page.total == 0:
            raise NotFoundError("nothing-matches", "No artifact matches, and exactly one was asked for.")
        raise NotFoundError(
            "several-match",
            f"{page.total} artifacts match, and exactly one was asked for.",
            hint="Narrow the query, or use .first().",
        )

    def to_dataframe(
        self, *, include: str | Sequence[str] = (), limit: int | None = 100, order_by: str | None = None
    ) -> pd.DataFrame:
        """The matches as a table, one row per artifact, indexed by uid.

        Args:
            include: ``features`` for one column per feature, ``labels`` for one per registry.
            limit: At most so many rows; None for all.
            order_by: See ``order_by``.
        """
        import pandas as pd

        if limit is not None and limit < 0:
            raise InputError("limit-out-of-range", f"limit is {limit}; it is a number of rows, or None for all.")
        wanted = _check_include((include,) if isinstance(include, str) else include)
        query = self if order_by is None else self.order_by(order_by)
        records = list(itertools.islice(query._iter_records(), limit))
        rows = [[_get_field(record, name) for name in COLUMNS] for record in records]
        frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS)).set_index("uid")
        if not wanted:
            return frame
        annotations = self.instance.read_many_annotations(records)
        columns = pd.DataFrame.from_dict(
            {uid: _build_columns(annotations[uid], wanted) for uid in frame.index}, orient="index"
        )
        taken = {name: f"{name} (feature)" for name in columns.columns.intersection(frame.columns)}
        return frame.join(columns.rename(columns=taken))

    def tiles(self, **options: Unpack[TileKeywords]) -> Tiles:
        """Square tiles around the cells of all matches, for training: see ``Tiles`` for what to do with them.

        Args:
            **options: ``size_px`` or ``size_um``, ``image``, ``channels``, ``columns``, ``masks``, ``genes`` and more,
                see ``TileOptions``.

        Raises:
            InputError: Nothing matches, an option makes no sense, or a choice is left open.
            NotFoundError: A dataset has no such image, channel, region, column or gene.

        Example:
            >>> tiles = vt.Artifact.filter(tissue="breast").tiles(size_um=64, image="he", columns=["cell_type"])
            ... # doctest: +SKIP
        """
        from vitrina.api.tiles import build_tiles

        chosen_by = {"text": self.text, "where": describe_expression(self.where), "which": self.which}
        return build_tiles(self.instance, list(self._iter_records()), options, {"query": chosen_by})

    def table_loader(self, **options: Any) -> Any:
        """Batches of cells of all matches, tables alone, as a loader of annbatch.

        Args:
            **options: ``columns``, ``batch_size``, ``shuffle``, ``seed`` and more, see
                ``vitrina.ml.torch.build_table_loader``.

        Raises:
            MissingExtraError: The extra ``vitrina[torch]`` is not installed.
            InputError: Nothing matches, or the tables have no gene in common.
            NotFoundError: A dataset has no such table or column.
        """
        from vitrina.api.tiles import build_table_loader

        return build_table_loader(self.instance, list(self._iter_records()), options)

    def __repr__(self) -> str:
        total = self.count()
        shown = self.to_dataframe(limit=10)[["key", "format", "size", "created_at"]]
        return f"{total:,} artifact{'' if total == 1 else 's'}\n{shown if total else ''}".rstrip()

    def _iter_records(self) -> Iterator[Record]:
        cursor = None
        while True:
            page = self._find_page(PAGE_SIZE, cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _find_page(self, limit: int, cursor: str | None, facets: Collection[str] | Literal["all"] = ()) -> Page[Record]:
        page = self.instance.find(
            self.text,
            where=self.where,
            order=self.order,
            limit=limit,
            cursor=cursor,
            which=self.which,
            is_exact=self.is_exact,
            facets=facets,
        )
        for hint in page.hints:
            warnings.warn(" ".join(filter(None, (hint.message, hint.fix))), UnknownValueWarning, stacklevel=4)
        return page


class UnknownValueWarning(UserWarning):
    """A query names a term that nothing is known by; it gives an empty result, and this says what was perhaps meant."""


def _get_records(where: dict[str, object]) -> dict[str, object]:
    """Objects of the notebook door as the records that they stand for."""
    return {
        name: [_get_record(item) for item in value] if isinstance(value, list | tuple | set) else _get_record(value)
        for name, value in where.items()
    }


def _get_record(value: object) -> object:
    """The record of an object that has one."""
    return getattr(value, "record", value)


def _check_include(include: Sequence[str]) -> Sequence[str]:
    for name in include:
        if name not in INCLUDABLE:
            raise InputError(
                "unknown-include", f"{name!r} cannot be included; there are {' and '.join(INCLUDABLE)}.", where=name
            )
    return include


def _build_columns(annotations: Annotations, include: Sequence[str]) -> dict[str, object]:
    """What is said of one artifact, as cells: several labels of one column are joined by commas."""
    cells: dict[str, object] = {}
    names: dict[str, list[str]] = {}
    for label in annotations.labels:
        if "features" in include and label.feature is not None:
            names.setdefault(label.feature, []).append(label.name)
        if "labels" in include:
            names.setdefault(REGISTRIES[label.registry].plural, []).append(label.name)
    cells.update((column, ", ".join(dict.fromkeys(texts))) for column, texts in names.items())
    values = annotations.values if "features" in include else ()  # noqa: PD011 - records, not a frame
    return cells | {item.feature: item.value for item in values}


def _get_field(record: Record, name: str) -> object:
    return cast("object", getattr(record, "size_bytes" if name == "size" else name))
