"""Small pictures of artifacts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vitrina.errors import VitrinaError
from vitrina.readers.registry import get_reader

if TYPE_CHECKING:
    from vitrina.model.artifact import Artifact
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


def _draw(instance: Instance, artifact: Artifact) -> bytes | None:
    from vitrina.gateway.thumbnail import draw_thumbnail

    if not artifact.content.is_recognized:
        return None
    try:
        source = instance.get_source(artifact)
        preview = get_reader(artifact.format).read_preview(source, artifact.content, SIDE_PX)
        return None if preview is None else draw_thumbnail(preview, SIDE_PX)
    except VitrinaError as err:
        _log.warning("no thumbnail of %s: %s", artifact.key, err)
    except Exception:  # noqa: BLE001 # a picture is never worth losing an artifact for
        _log.exception("no thumbnail of %s", artifact.key)
    return None
