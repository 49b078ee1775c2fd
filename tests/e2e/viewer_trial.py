"""One dataset, drawn twice: as it lies through ``/data``, and through the gateway as the hub draws it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pixels
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, Route

GIVE_UP_SECONDS = 45
"""How long to wait for a picture that may never come to rest."""

QUIET_SECONDS = 2.0
"""A viewer that has asked for nothing for so long has drawn what it can, or given up."""

_HARMLESS = (
    "status of 404",
    "offsets JSON file is missing",
    "GPU stall",
    "GL Driver",
    "favicon",
    "preloaded using link preload",
)

type Config = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A dataset with one fault, and how it is drawn.

    Attributes:
        name: Also the key of the artifact, with the suffix of the format.
        code: The finding that it was made for; None for the faultless ones that the others are held against.
        build: Writes the dataset at a path.
        change: Changes the configuration that reads the stored bytes.
        files: Further files that the viewer finds under ``/trial/``.
        like: Name of the faultless trial that the picture must equal.
    """

    name: str
    code: str | None
    build: Callable[[Path], object]
    change: Callable[[Config], Config] = lambda config: config
    files: Mapping[str, bytes] = field(default_factory=dict)
    like: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the viewer made of it.

    Attributes:
        picture: The first canvas; empty when there is none.
        n_requests: Requests for data.
        n_bytes: Bytes of data.
        errors: What the page logged or threw, shortened.
        texts: What the page says.
    """

    picture: pixels.Pixels
    n_requests: int
    n_bytes: int
    errors: tuple[str, ...]
    texts: str

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture; all trials are made to have many colours."""
        return shows_picture(self.picture)

    def differs_from(self, other: Outcome) -> float:
        """Share of the pixels that differ clearly; 1 when the sizes do."""
        if self.picture.shape != other.picture.shape:
            return 1.0
        return pixels.measure_change(self.picture, other.picture)


def build_direct(config: Config, uid: str, basename: str) -> Config:
    """The hub's own configuration, made to read the stored bytes."""
    direct: Config = json.loads(json.dumps(config))
    for dataset in direct["datasets"]:
        for file in dataset["files"]:
            gateway, _, path = file["url"].partition(f"/zarr/{uid}")
            if gateway != file["url"]:
                file["url"] = f"{gateway}/data/{uid}/{basename}{path}"
            if basename.endswith((".tif", ".tiff")):
                file["url"] = f"{gateway}/data/{uid}/{basename}"
                file["fileType"] = file["fileType"].replace("ome-zarr", "ome-tiff")
            if basename.endswith(".zip") and not file["fileType"].endswith(".zip"):
                file["fileType"] += ".zip"
    return direct


def draw(
    page: Page,
    hub_url: str,
    config: Config,
    files: Mapping[str, bytes] | None = None,
    *,
    expected: Callable[[pixels.Pixels], bool] | None = None,
    in_hurry: bool = False,
) -> Outcome:
    """Open a configuration in the shipped viewer and wait until it has come to rest.

    Args:
        page: A new page.
        hub_url: Where the hub listens.
        config: What to draw.
        files: Further files by name, see ``Trial``.
        expected: Whether a picture shows what it must, which is waited for as long as it may take. None where it is
            not known whether there will be any; it is given up then when the page no longer asks for anything.
        in_hurry: Whether the first picture or the first error is enough, one of which must come.
    """
    asked: list[float] = []
    errors: list[str] = []
    page.on("request", lambda _: asked.append(time.monotonic()))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    body = json.dumps(config)
    page.route(f"{hub_url}/trial.json", lambda route: route.fulfill(body=body, content_type="application/json"))
    for name, content in (files or {}).items():
        page.route(f"{hub_url}/trial/{name}", _answer_with(content))
    page.set_default_timeout(pixels.DRAW_SECONDS * 1000)
    page.add_init_script("performance.setResourceTimingBufferSize(100000)")
    page.goto(f"{hub_url}/viewer/?config=/trial.json")
    canvas = page.locator("canvas").first
    may_fail = expected is None and not in_hurry
    end = time.monotonic() + (GIVE_UP_SECONDS if may_fail else pixels.DRAW_SECONDS)
    last = np.zeros((0, 0, 3), dtype=np.int16)
    while time.monotonic() < end:
        page.wait_for_timeout(700)
        if in_hurry:
            if _drop_harmless(errors) or shows_picture(last := _take(canvas, last)):  # a broken page gives no picture
                break
            continue
        quiet_seconds = time.monotonic() - asked[-1]
        if quiet_seconds < QUIET_SECONDS or page.locator("[role=progressbar]").count():
            continue
        before, last = last, _take(canvas, last)
        is_still = before.size and before.shape == last.shape and pixels.measure_change(before, last) < 0.001
        if is_still and (expected is None or expected(last)):
            break
        if may_fail and not canvas.count() and quiet_seconds > 2 * QUIET_SECONDS:
            break
    entries = page.evaluate(
        "performance.getEntriesByType('resource').map(e => [e.name, e.transferSize || e.encodedBodySize])"
    )
    data = [size for name, size in entries if "/data/" in name or "/zarr/" in name]
    return Outcome(
        picture=last,
        n_requests=len(data),
        n_bytes=sum(data),
        errors=_drop_harmless(errors),
        texts=page.locator("body").inner_text(),
    )


def _answer_with(content: bytes) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=content)


def _drop_harmless(errors: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e[:300] for e in errors if not any(part in e for part in _HARMLESS)))


def shows_picture(picture: pixels.Pixels) -> bool:
    """Whether there are as many colours as only a picture has."""
    return bool(picture.size) and pixels.count_colors(picture) > pixels.DRAWN_COLORS


def _take(canvas: Locator, otherwise: pixels.Pixels) -> pixels.Pixels:
    """The picture, or what was seen before when there is none or the page is too busy or too broken to give it."""
    try:
        return pixels.take(canvas) if canvas.count() else otherwise
    except PlaywrightError:
        return otherwise


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """A hub on the instance for as long as it is needed; its address."""
    command = [sys.executable, "-m", "vitrina", "--instance", str(root), "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        found = re.search(r"http://[^\s]+", server.stdout.readline() if server.stdout else "")
        if found is None:
            raise RuntimeError("vitrina serve did not say where it listens")
        yield found[0].rstrip("/")
    finally:
        server.terminate()
        server.wait(30)
