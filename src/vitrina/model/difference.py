"""What is different between two datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

type ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file that is only in one of two datasets, or differs.

    Attributes:
        path: Inside the dataset; empty when the dataset is that file.
        old_size_bytes: None when it was added.
        new_size_bytes: None when it was removed.
    """

    path: str
    kind: ChangeKind
    old_size_bytes: int | None
    new_size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentChange:
    """Something that the contents of two datasets say differently.

    Attributes:
        path: Where, such as ``elements/table/n_obs`` or ``elements/table/obs_columns/cell_type``.
        old: JSON value; None when it was added.
        new: JSON value; None when it was removed.
    """

    path: str
    kind: ChangeKind
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How one dataset becomes another.

    Attributes:
        old_uid: Of the one that is compared.
        new_uid: Of the one that it is compared with.
        n_unchanged: Files that are the same.
        files: By path.
        contents: By path; they say what the changes of files mean.
    """

    old_uid: str
    new_uid: str
    n_unchanged: int
    files: tuple[FileChange, ...]
    contents: tuple[ContentChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self.files and not self.contents
