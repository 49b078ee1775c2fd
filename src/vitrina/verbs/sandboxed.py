"""Read the files of strangers in the sandbox: what they contain, what is wrong with them, what to draw of them.

The functions that take an instance are called here; those that take a path are what the sandbox calls.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content
from vitrina.model.jsonable import build_json, parse_json
from vitrina.model.report import Report
from vitrina.readers.registry import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.artifact import Artifact
    from vitrina.verbs.check import Purpose
    from vitrina.verbs.instance import Instance

PRELOADED = (
    "h5py", "numpy", "pandas", "PIL.Image", "pyarrow.csv", "pyarrow.parquet", "pydantic", "tifffile", "zarr",
    "vitrina.checks.formats.anndata", "vitrina.checks.formats.ome_tiff", "vitrina.checks.ngff.check",
    "vitrina.gateway.thumbnail", "vitrina.verbs.add", "vitrina.verbs.thumbnail",
    *(reader.module for reader in BUILT_IN.values()),
)  # fmt: skip
"""What most of the calls need; the rest is imported by the call that needs it."""

MAX_PICTURE_BYTES = 2**20
"""Of a thumbnail; they take some tens of kilobytes."""


def is_sandboxed(instance: Instance, content: Content) -> bool:
    """Whether the parsers of a dataset run in the sandbox."""
    return content.is_untrusted or instance.settings.isolate_readers


def read_content_sandboxed(instance: Instance, path: Path) -> Content:
    """What a file or folder contains, and what breaks its specification; see ``read_content``.

    Raises:
        UnreadableError: It is damaged, or its parser crashed, or needed too much memory or time.
    """
    return _parse(Content, instance.sandbox.call(f"{__name__}:describe", path), path)


def draw_sandboxed(instance: Instance, artifact: Artifact) -> bytes | None:
    """A picture of an artifact as WebP, None when there is nothing to draw; see ``thumbnail``.

    Raises:
        UnreadableError: It is damaged, or its parser crashed, or needed too much memory or time.
    """
    path = instance.get_path(artifact)
    answer = instance.sandbox.call(f"{__name__}:draw", path, content=build_json(artifact.content))
    if answer is None:
        return None
    try:
        picture = b64decode(answer, validate=True)
    except (TypeError, ValueError) as err:
        raise _senseless(path) from err
    if len(picture) > MAX_PICTURE_BYTES or picture[:4] != b"RIFF" or picture[8:12] != b"WEBP":
        raise _senseless(path)
    return picture


def check_sandboxed(
    instance: Instance, artifact: Artifact, *, purpose: Purpose, is_metadata_only: bool, is_strict: bool
) -> Report:
    """Check the stored bytes of an artifact; see ``check.check_artifact``.

    Raises:
        UnreadableError: Nothing of them can be read, or the parser crashed, or needed too much memory or time.
        UnsupportedError: They are of no format that is checked.
    """
    path = instance.get_path(artifact)
    answer = instance.sandbox.call(
        f"{__name__}:check", path, purpose=purpose, is_metadata_only=is_metadata_only, is_strict=is_strict
    )
    return replace(_parse(Report, answer, path), source=artifact.key)


def describe(path: Path) -> Any:
    """In the sandbox: the content of a file or folder as JSON values."""
    from vitrina.checks.formats.apart import checking_here
    from vitrina.readers.source import open_source
    from vitrina.verbs.add import tell_broken
    from vitrina.verbs.read_content import read_content

    source = open_source(path)
    with checking_here():
        return build_json(tell_broken(source, read_content(source)))


def draw(path: Path, content: Any) -> str | None:
    """In the sandbox: a picture of a described file or folder as WebP in base64."""
    from vitrina.readers.source import open_source
    from vitrina.verbs.thumbnail import draw_source

    picture = draw_source(open_source(path), parse_json(Content, content))
    return None if picture is None else b64encode(picture).decode()


def check(path: Path, *, purpose: Purpose, is_metadata_only: bool, is_strict: bool) -> Any:
    """In the sandbox: the report on a file or folder as JSON values."""
    from vitrina.checks.formats.apart import checking_here
    from vitrina.verbs.check import check as check_here

    with checking_here():
        return build_json(check_here(path, purpose=purpose, is_metadata_only=is_metadata_only, is_strict=is_strict))


def _parse[T](record_type: type[T], answer: Any, path: Path) -> T:
    try:
        return parse_json(record_type, answer)
    except ValueError as err:
        raise _senseless(path) from err


def _senseless(path: Path) -> UnreadableError:
    return UnreadableError(
        "reader-killed",
        f"{path} cannot be read: what its parser answered makes no sense.",
        hint="The file is damaged or hostile. Copy or download it again.",
        where=str(path),
    )
