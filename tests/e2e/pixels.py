"""What a picture shows, as numbers: browser tests judge pixels, not only the DOM."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Locator

type Pixels = npt.NDArray[np.int16]

DRAWN_COLORS = 40
"""An empty canvas, a spinner or a greyed one has fewer colours than this; a picture has far more."""

POLL_SECONDS = 1.0

DRAW_SECONDS = 180
"""How long to wait for a picture. Without a graphics card, one of a section takes half a minute, and clicks wait."""


def take(locator: Locator) -> Pixels:
    """What an element shows, height x width x 3, 0 to 255."""
    picture = Image.open(BytesIO(locator.screenshot())).convert("RGB")
    return np.asarray(picture, dtype=np.int16)


def count_colors(pixels: Pixels) -> int:
    """Number of colours with a saturation, coarsely: 32 steps per part; greys do not count."""
    coarse = pixels.reshape(-1, 3) // 8
    colorful = coarse[(coarse.max(axis=1) - coarse.min(axis=1)) >= 2]
    return len(np.unique(colorful, axis=0))


def measure_change(before: Pixels, after: Pixels) -> float:
    """Share of the pixels that differ clearly."""
    return float((np.abs(before - after).max(axis=2) > 16).mean())


def wait_until(happens: Callable[[], bool], what: str) -> None:
    """Poll until it happens, or fail with what was waited for."""
    end = time.monotonic() + DRAW_SECONDS
    while not happens():
        assert time.monotonic() < end, f"waited {DRAW_SECONDS} s in vain: {what}"
        time.sleep(POLL_SECONDS)


def wait_until_still(locator: Locator) -> Pixels:
    """The picture once it no longer changes."""
    last = take(locator)

    def is_still() -> bool:
        nonlocal last
        before, last = last, take(locator)
        return measure_change(before, last) < 0.001

    wait_until(is_still, "the picture comes to rest")
    return last


def wait_until_drawn(canvas: Locator) -> Pixels:
    """The picture of a canvas once it has colours and no longer changes."""
    canvas.wait_for(state="visible")
    wait_until(lambda: count_colors(take(canvas)) > DRAWN_COLORS, "the canvas is drawn")
    return wait_until_still(canvas)


def keep(pixels: Pixels, path: Path) -> None:
    """Keep a picture for people to look at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)
