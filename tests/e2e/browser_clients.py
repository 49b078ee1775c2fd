"""Clients of other makers in the browser: zarrita reads, Viv draws. Their pages are built by `make browser-clients`."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import ROOT
from playwright.sync_api import Page

BUILT = ROOT / "build" / "browser-clients"

SIZE_PX = (512, 384)
"""Width and height of the element in which images are drawn."""

_PAGE = """<!doctype html>
<link rel="icon" href="data:,">
<style>body {{ margin: 0 }} #picture {{ position: relative; width: {}px; height: {}px }}</style>
<div id="picture"></div>
<script type="module" src="{}.js"></script>
"""


def open_client(page: Page, hub_url: str, name: str) -> None:
    """Open the page of a client on the hub's own origin, so that it asks as the hub's pages do."""
    script = BUILT / f"{name}.js"
    if not script.exists():
        pytest.fail(f"{script} is missing: run `make browser-clients`")
    page.route(f"{hub_url}/client/{name}.js", lambda route: route.fulfill(path=script))
    body = _PAGE.format(*SIZE_PX, name)
    page.route(f"{hub_url}/client/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{hub_url}/client/")


def read_arrays(
    page: Page, url: str, zarr_format: int, parts: list[tuple[str, tuple[slice, ...] | None]]
) -> tuple[dict[str, Any], list[npt.NDArray[Any]]]:
    """Attributes of the root of a tree, and arrays or windows of them, as zarrita reads them."""
    asked = [
        {"path": path, "window": None if window is None else [[part.start, part.stop] for part in window]}
        for path, window in parts
    ]
    read = page.evaluate("(args) => window.readArrays(...args)", [url, zarr_format, asked])
    return read["attrs"], [_unpack(array) for array in read["arrays"]]


def _unpack(array: dict[str, Any]) -> npt.NDArray[Any]:
    if "bytes" in array:
        return np.frombuffer(base64.b64decode(array["bytes"]), array["dtype"]).reshape(array["shape"])
    return np.array(array["values"]).reshape(array["shape"])
