"""Which instance to work with: a folder that holds ``.vitrina/``, or the URL of a database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.caches import get_user_caches
from vitrina.errors import NotFoundError, UnsupportedError
from vitrina.model.database_url import has_password, hide_password, is_database_url
from vitrina.settings import has_settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping

type Place = Path | str
"""A folder, or a database URL."""


def parse_place(text: str) -> Place:
    """The place that a user names.

    Raises:
        UnsupportedError: It is a URL of something else than a database.
    """
    if is_database_url(text):
        return text
    if "://" in text:
        raise UnsupportedError(
            "instance-url-unsupported",
            f"{hide_password(text)} is neither a folder nor a database that a catalog can be in.",
            hint="Name the folder that holds `.vitrina/`, or postgresql://USER@HOST/DATABASE.",
            where=hide_password(text),
        )
    return Path(text).expanduser().absolute()


def find_place(named: str | None, environ: Mapping[str, str], cwd: Path, last: Place | None) -> Place:
    """The instance to work with.

    The first that applies: the named one, ``VITRINA_INSTANCE``, the nearest parent of ``cwd`` with ``.vitrina/``, the
    last one connected.

    Raises:
        NotFoundError: None applies.
        UnsupportedError: See ``parse_place``.
    """
    chosen = named or environ.get("VITRINA_INSTANCE")
    if chosen:
        return parse_place(chosen)
    for folder in (cwd, *cwd.parents):
        if has_settings_file(folder):
            return folder
    if last is not None:
        return last
    raise NotFoundError(
        "instance-missing",
        f"No Vitrina instance was named, and neither {cwd} nor a folder above it is one.",
        hint="Make one with `vitrina init`, or name one with --instance or VITRINA_INSTANCE.",
    )


def read_last_place() -> Place | None:
    """The instance that was connected last, None when there is none or it is gone."""
    try:
        text = _get_last_file().read_text(encoding="utf-8").strip()
    except OSError:
        return None
    if is_database_url(text):
        return text
    return Path(text) if has_settings_file(Path(text)) else None


def write_last_place(place: Place) -> None:
    """Remember the instance as the one connected last.

    A URL with a password is not remembered, and a home that cannot be written to is no error.
    """
    if isinstance(place, str) and has_password(place):
        return
    path = _get_last_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{place.absolute() if isinstance(place, Path) else place}\n", encoding="utf-8")
    except OSError:
        return


def get_cache_root(uid: str) -> Path:
    """This user's folder for what belongs to an instance that has no folder of its own."""
    return get_user_caches() / "instances" / uid


def _get_last_file() -> Path:
    # https://specifications.freedesktop.org/basedir-spec/latest/ : a state, not a setting
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "vitrina" / "last-instance"
