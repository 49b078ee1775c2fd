"""The local path of an artifact that also knows its address."""

from __future__ import annotations

from pathlib import Path, PosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike


class ArtifactPath(PosixPath):
    """A path to stored bytes. Paths made from it are ordinary ones.

    Args:
        path: Where the bytes lie.
        build_url: Gives the address of the bytes on a server; called when it is asked for.
    """

    def __init__(self, path: Path, build_url: Callable[[], str]) -> None:
        super().__init__(path)
        self._build_url = build_url

    def with_segments(self, *segments: str | PathLike[str]) -> Path:  # type: ignore[override]  # children are plain
        return Path(*segments)

    def to_url(self) -> str:
        """The address under which a viewer reads the artifact: the instance's public URL, else the running server's,
        else that of a server started in this process.
        """  # noqa: D205 - one sentence
        return self._build_url()
