"""Where the running server of an instance is: written when it starts, believed only when it answers."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from vitrina.settings import Settings

TIMEOUT_S = 2.0


def write_running(settings: Settings, url: str, server_id: str) -> None:
    """Remember a server that has just started."""
    path = settings.folder / "server.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"url": url, "server_id": server_id}), encoding="utf-8")
    draft.replace(path)


def forget_running(settings: Settings, server_id: str) -> None:
    """Forget a server that has stopped, unless another one took its place."""
    found = _read_running(settings)
    if found is not None and found["server_id"] == server_id:
        (settings.folder / "server.json").unlink(missing_ok=True)


def find_running(settings: Settings) -> str | None:
    """Address of the server that serves this instance on this machine, None when none answers."""
    found = _read_running(settings)
    if found is None:
        return None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy
    try:
        with opener.open(f"{found['url']}/api/v1/health", timeout=TIMEOUT_S) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return None
    is_same = isinstance(health, dict) and health.get("server_id") == found["server_id"]
    return found["url"] if is_same else None


def _read_running(settings: Settings) -> dict[str, str] | None:
    try:
        found: Any = json.loads((settings.folder / "server.json").read_text(encoding="utf-8"))
        return {"url": str(found["url"]), "server_id": str(found["server_id"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None
