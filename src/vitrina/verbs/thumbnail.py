"""Small pictures of artifacts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vitrina.errors import VitrinaError
from vitrina.readers.registry import get_reader
from vitrina.verbs.sandboxed import draw_sandboxed, is_sandboxed

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
    from vitrina.model.content import Content
    from vitrina.readers.source import Source
    from vitrina.verbs.instance import Instance

SIDE_PX = 512
_log = logging.getLogger(__name__)


def read_thumbnail(instance: Instance, artifact: Artifact) -> bytes | None:
    """A WebP picture of the artifact, drawn when it is first looked at and cached; None when there is nothing to draw.

    Adding does not wait for it: most of many datasets are never looked at, and a page of them is drawn in a moment.
    """
    name = f"{artifact.uid}-{artifact.overrides.digest}" if artifact.overrides else artifact.uid
    path = instance.settings.cache / "thumbnails" / f"{name}.webp"
    locks = instance.thumbnail_locks
    with locks[hash(artifact.uid) % len(locks)]:
        try:
            return path.read_bytes() or None
        except FileNotFoundError:
            picture = _draw(instance, artifact)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_bytes(picture or b"")  # an empty file remembers that there is nothing to draw
        draft.replace(path)
    return picture


def draw_source(source: Source, content: Content) -> bytes | None:
    """A WebP picture of a described file or folder, None when there is nothing to draw.

    Raises:
        UnreadableError: It is damaged.
    """
    from vitrina.gateway.thumbnail import draw_thumbnail

    preview = get_reader(content.format).read_preview(source, content, SIDE_PX)
    return None if preview is None else draw_thumbnail(preview, SIDE_PX)


def _draw(instance: Instance, artifact: Artifact) -> bytes | None:
    if not artifact.content.is_recognized:
        return None
    try:
        if is_sandboxed(instance, artifact.content):
            return draw_sandboxed(instance, artifact)
        return draw_source(instance.get_source(artifact), artifact.content)
    except VitrinaError as err:
        _log.warning("no thumbnail of %s: %s", artifact.key, err)
    except Exception:  # noqa: BLE001 # a picture is never worth losing an artifact for
        _log.exception("no thumbnail of %s", artifact.key)
    return None
