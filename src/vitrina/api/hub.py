"""The hub seen from Python: its address, and its pages in a notebook."""

from __future__ import annotations

import sys
import webbrowser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina.verbs.instance import Instance

FRAME_HEIGHT_PX = 700


def find_base_url(instance: Instance) -> str | None:
    """Scheme, host and port of the hub: the public URL, else the running server; None when there is neither."""
    from vitrina.server.running import find_running

    return instance.settings.public_url or find_running(instance.settings)


def get_base_url(instance: Instance) -> str:
    """Scheme, host and port of the hub: as found, else of a server started in this process."""
    from vitrina.server.background import serve_in_background

    return find_base_url(instance) or serve_in_background(instance)


def show_page(instance: Instance, path: str) -> Any:
    """Show a page of the hub: a frame in a notebook, the browser elsewhere."""
    url = get_base_url(instance) + path
    if "ipykernel" in sys.modules:
        from IPython.display import IFrame  # type: ignore[import-not-found]  # only there in a notebook

        return IFrame(url, width="100%", height=FRAME_HEIGHT_PX)
    webbrowser.open(url)
    return url
