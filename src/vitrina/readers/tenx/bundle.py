"""The files of an output folder: found by their documented names, never outside of the folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.readers.source import MAX_METADATA_BYTES, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_FILES = 20_000
MAX_CHILDREN = 200
"""Output folders have some hundred files; links are looked for among so many at most."""

_OUTS = "outs"
DECLARATION = "vitrina.json"
"""File in which a simulated output folder says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An output folder.

    Attributes:
        root: The folder that holds the outputs.
        top: The dataset's own folder, ``root`` or its parent; nothing outside of it is read.
    """

    root: Path
    top: Path

    def find(self, *names: str) -> Path | None:
        """The first of some files or folders that is there, by its path below the root.

        Downloads put the name of the dataset before the names of files, so ``brain_tissue_positions.csv`` is found as
        ``tissue_positions.csv`` where no other file ends so.
        """
        for name in names:
            exact = self.root / name
            if exact.exists():
                if self.is_inside(exact):
                    return exact
                continue
            prefixed = _list_prefixed(exact)
            if len(prefixed) == 1 and self.is_inside(prefixed[0]):
                return prefixed[0]
        return None

    def get(self, key: str) -> Path:
        """The file that an element's path names: relative to the root, without what follows ``#``.

        Raises:
            UnreadableError: It is not there, or lies outside of the dataset.
        """
        name = key.split("#", 1)[0]
        path = self.root / PurePosixPath(name)
        if not name or not path.exists() or not self.is_inside(path):
            raise UnreadableError(
                "bundle-file-missing",
                f"{self.root} has no file {name!r} any more.",
                hint="The dataset has changed since: read its content again.",
                where=str(path),
            )
        return path

    def open(self, key: str) -> Source:
        """The file of an element as a source of its own."""
        return Source(self.get(key))

    def name(self, path: Path) -> str:
        """The path of a file below the root, as elements carry it."""
        return path.relative_to(self.root).as_posix()

    def is_inside(self, path: Path) -> bool:
        """Whether a path, with all links followed, lies in the dataset's own folder."""
        return path.resolve().is_relative_to(self.top.resolve())

    def is_simulated(self) -> bool:
        """Whether the folder declares that its data is simulated."""
        path = self.find(DECLARATION)
        try:
            return path is not None and read_json(path).get("simulated") is True
        except UnreadableError:
            return False

    def check_links(self) -> tuple[Finding, ...]:
        """Which links lead out of the dataset, or nowhere."""
        return tuple(
            Finding(
                code="link-outside",
                severity="warning",
                path=f"{self.name(path)}#",
                message=f"{self.name(path)} is a link that leads out of the dataset or nowhere; it is not followed.",
                fix="Copy the file into the folder.",
            )
            for path in self._iterate_links()
            if not path.exists() or not self.is_inside(path)
        )

    def _iterate_links(self) -> Iterator[Path]:
        n_files = 0
        for folder, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                path = Path(folder) / name
                if path.is_symlink():
                    yield path
            n_files += len(files)
            if n_files > MAX_FILES:
                return


def find_bundle(source: Source, is_root: Callable[[Path], bool]) -> Bundle | None:
    """The output folder of a dataset: the folder itself, its ``outs``, or the only folder in it that is one."""
    if not source.is_folder:
        return None
    top = source.path
    try:
        if is_root(top):
            return Bundle(root=top, top=top)
        children = sorted(child for child in top.iterdir() if child.is_dir())[:MAX_CHILDREN]
        outs = [child for child in children if child.name == _OUTS] or children
        roots = [child for child in outs if is_root(child) and Bundle(root=child, top=top).is_inside(child)]
    except OSError:
        return None
    return Bundle(root=roots[0], top=top) if len(roots) == 1 else None


def read_json(path: Path) -> dict[str, Any]:
    """A small JSON object.

    Raises:
        UnreadableError: It is large, damaged, or no object.
    """
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_METADATA_BYTES))
    except (OSError, ValueError, RecursionError) as err:
        raise UnreadableError(
            "json-damaged",
            f"{path} cannot be read as JSON: {err}.",
            hint="The file is probably truncated or damaged: copy or download it again.",
            where=str(path),
        ) from err
    if not isinstance(value, dict):
        raise UnreadableError("json-damaged", f"{path} holds no JSON object.", where=str(path))
    return value


def get_number(values: dict[str, Any], name: str) -> float | None:
    """A positive number of a JSON object, None where there is none."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < float("inf") else None


class describing:  # noqa: N801 reads as a function where it is used
    """While a file is described: when it turns out damaged, a finding says that it is left out; the others go on.

    Args:
        key: The file, for the finding.
        findings: Gets it.
    """

    def __init__(self, key: str, findings: list[Finding]) -> None:
        self._key = key
        self._findings = findings

    def __enter__(self) -> None:
        """Nothing is opened."""

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: object) -> bool:
        if not isinstance(err, Exception) or isinstance(err, (MemoryError, Warning)):
            return False
        message, code, hint = str(err).split("\n", 1)[0], "bundle-file-damaged", "Copy or download the file again."
        if isinstance(err, VitrinaError):
            message, code, hint = err.message, err.code, err.hint or hint
        text = f"{self._key} is left out: {message.rstrip('.') or type(err).__name__}."
        self._findings.append(Finding(code=code, severity="error", path=f"{self._key}#", message=text, fix=hint))
        return True


def tell_missing(name: str, consequence: str, fix: str | None = None) -> Finding:
    """What is lost because a file is not there."""
    return Finding(
        code="bundle-file-missing",
        severity="warning",
        path=f"{name}#",
        message=f"There is no {name}: {consequence}.",
        fix=fix or "Copy the file from the original output folder if it is there.",
    )


def _list_prefixed(exact: Path) -> list[Path]:
    """Files in the same folder whose name is the wanted one after a prefix and an underscore."""
    try:
        return sorted(path for path in exact.parent.iterdir() if path.name.endswith(f"_{exact.name}"))
    except OSError:
        return []
