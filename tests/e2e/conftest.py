"""A real server and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pixels
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
START_SECONDS = 30

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # without a graphics card, pages are put together faster without pretending one
]


def find_chromium() -> str:
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name) if name else None
        if path:
            return path
    pytest.fail("The browser tests need Chromium: run `make chromium`, or set CHROMIUM to its path.")


expect.set_options(timeout=pixels.DRAW_SECONDS * 1000)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, in which no other test could run its own
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, with every request that it made and every error that it logged."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def find_foreign_requests(self, origin: str) -> list[str]:
        own = re.compile(rf"{re.escape(origin)}(/|$)|blob:{re.escape(origin)}/|data:")
        return [url for url in self.requests if not own.match(url)]


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(pixels.DRAW_SECONDS * 1000)
    page = context.new_page()
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("console", lambda message: watched.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    yield watched
    context.close()


@dataclass(frozen=True)
class Hub:
    """A running server and the folder of its instance."""

    url: str
    root: Path


@pytest.fixture(scope="session")
def start_hub(tmp_path_factory):
    """Start `vitrina serve` on an instance folder, stop it at the end of the session."""
    started = []

    def start(root: Path) -> Hub:
        with (root / "serve.log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "vitrina", "--instance", str(root), "serve", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        started.append(server)
        line = server.stdout.readline()
        found = re.search(r"http://[^\s]+", line)
        assert found, f"vitrina serve said {line!r}: {(root / 'serve.log').read_text()}"
        return Hub(url=found[0].rstrip("/"), root=root)

    yield start
    for server in started:
        server.terminate()
    for server in started:
        assert server.wait(START_SECONDS) == 0
        server.stdout.close()
