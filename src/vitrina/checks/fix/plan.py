"""What a plan of repairs consists of. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.plan import Zyx

type Kind = Literal["metadata", "consolidated", "levels", "pixels", "table", "offsets", "tiff"]

type Purpose = Literal["specification", "viewer"]

type Change = Literal["text-categories", "plain-column", "matrix"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One thing that is repaired.

    Attributes:
        codes: Of the findings that it removes; none where no check tells it.
        kind: What it touches: metadata alone, or pixels, a table, a file beside.
        path: Of the node, empty for the root.
        message: What it does, in one sentence.
    """

    codes: tuple[str, ...]
    kind: Kind
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageJob:
    """Arrays of an image that are to be written.

    Attributes:
        element: The image.
        level_paths: Of all its levels afterwards, below the root, finest first.
        chunk_zyx: Depth, height and width of chunks.
        dtype: NumPy name of the pixels afterwards.
        is_rewritten: Whether the levels that are there are written anew; else only those that are missing are made.
    """

    element: ImageElement | LabelsElement
    level_paths: tuple[str, ...]
    chunk_zyx: Zyx
    dtype: str
    is_rewritten: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableJob:
    """A part of a table that is to be written anew.

    Attributes:
        path: Of the column or matrix.
        change: Categories become text, a column of values and a mask becomes a plain one, or a matrix gets chunks of
            few variables.
    """

    path: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done with a dataset.

    Attributes:
        repairs: In the order of the data.
        documents: Metadata documents as they will be, by key below the root.
        images: Arrays to write.
        tables: Parts of tables to write.
        offsets_name: Of the list of where the planes of a TIFF lie, to be written beside it.
        is_tiff_rewritten: Whether a TIFF is written anew.
        has_root_copy: Whether the root gets a copy of all metadata; copies that there are, are made anew in any case.
        reasons: Why something is not repaired, by path of the node and code.
    """

    repairs: tuple[Repair, ...] = ()
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    images: tuple[ImageJob, ...] = ()
    tables: tuple[TableJob, ...] = ()
    offsets_name: str | None = None
    is_tiff_rewritten: bool = False
    has_root_copy: bool = False
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
