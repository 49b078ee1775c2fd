"""Photograph every sample dataset as the viewer draws it, and write ``docs/gallery.md``.

    make gallery [ARGS="NAME... [--page-only]"]

Names are regular expressions that find paths of samples; pictures of the others are kept. What should be drawn and is
not, and every request that leaves the server, is told and ends the run with an error.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))

import numpy as np
import pixels
import samples
from conftest import CHROMIUM_FLAGS, find_chromium
from gallery_page import Sample, Verdict, build_page, find_doubt, list_samples, read_credit
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from viewer_trial import draw, serve

from vitrina.errors import VitrinaError
from vitrina.gateway.vitessce.plan import Urls
from vitrina.gateway.vitessce.view import plan_view
from vitrina.model.artifact import Artifact
from vitrina.verbs.init import init

if TYPE_CHECKING:
    from vitrina.model.content import Content
    from vitrina.verbs.instance import Instance

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "images" / "gallery"
DATA = samples.SHARED / "data"
VIEWPORT = {"width": 1280, "height": 800}
WIDTH_PX = 640
MAX_BYTES = 60_000
DRAWN_SHARE = 0.001
"""A canvas shows data if so much of it differs from its most frequent colour."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A screenshot of the whole page, whether one of its canvases shows data, and what was seen on the way."""

    picture: Image.Image
    is_drawn: bool
    errors: tuple[str, ...]
    foreign_requests: list[str]


def shows_data(canvas: pixels.Pixels) -> bool:
    """Whether there is more than one colour; what the viewer lays over the margins does not count."""
    height, width = canvas.shape[:2]
    inner = canvas[int(height * 0.15) : int(height * 0.88), : int(width * 0.84)].reshape(-1, 3)
    colors, counts = np.unique(inner, axis=0, return_counts=True)
    differs = np.abs(inner - colors[counts.argmax()]).max(axis=1) > 16
    return bool(differs.mean() > DRAWN_SHARE)


def add_all(instance: Instance) -> dict[str, Artifact | VitrinaError]:
    """Every sample added where it lies, or why it cannot be, by path."""
    added: dict[str, Artifact | VitrinaError] = {}
    for sample in list_samples():
        try:
            added[sample.path] = instance.add(DATA / sample.path, key=sample.path, in_place=True).artifact
        except VitrinaError as err:
            added[sample.path] = err
    return added


def judge(content: Content) -> Verdict:
    """Whether the viewer shows it, and whether it reads what is stored or what the gateway makes of it."""
    plan = plan_view(content, Urls(data="as it lies", zarr="through the gateway"))
    problem = next((finding for finding in plan.findings if finding.severity == "error"), None)
    if problem is not None:
        return Verdict(reason=problem.message)
    ways = dict.fromkeys(file.url.partition("/")[0] for file in plan.files)
    return Verdict(way=" and ".join(ways))


def photograph(browser: Browser, url: str, artifact: Artifact) -> Shot:
    """Open the automatic view, wait until it has come to rest, and take a picture of the page."""
    page = browser.new_page(viewport=VIEWPORT)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        config = page.request.get(f"{url}/api/v1/artifacts/{artifact.uid}/vitessce.json").json()
        outcome = draw(page, url, config)
        canvases = [pixels.take(canvas) for canvas in page.locator("canvas").all() if canvas.is_visible()]
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    finally:
        page.close()
    own = (f"{url}/", f"blob:{url}/", "data:")
    foreign = [request for request in asked if not request.startswith(own)]
    return Shot(picture, any(map(shows_data, canvases)), outcome.errors, foreign)


def save(picture: Image.Image, path: Path) -> int:
    """Shrink and write it as WebP, as well as the size allows; gives the number of bytes."""
    height_px = round(picture.height * WIDTH_PX / picture.width)
    small = picture.resize((WIDTH_PX, height_px), Image.Resampling.LANCZOS)
    for quality in range(86, 20, -6):
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MAX_BYTES:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return buffer.tell()


def photograph_all(wanted: list[Sample], added: dict[str, Artifact | VitrinaError], root: Path, out: Path) -> int:
    """Take the pictures, tell of each; gives the number of those that failed."""
    n_failed = 0
    with serve(root) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=CHROMIUM_FLAGS)
        for sample in wanted:
            artifact = added[sample.path]
            if isinstance(artifact, VitrinaError):
                continue
            shot = photograph(browser, url, artifact)
            doubt = find_doubt(sample)
            is_good = (shot.is_drawn or doubt is not None) and not shot.foreign_requests
            n_failed += not is_good
            folder = out if is_good and doubt is None else ROOT / "build" / "gallery"
            size = save(shot.picture, folder / f"{sample.slug}.webp")
            told = [*shot.foreign_requests, *shot.errors]
            print(f"{'drawn' if is_good else 'FAILED':7} {size:6,} {sample.path} {told or ''}", flush=True)
        browser.close()
    return n_failed


def main() -> None:
    """Photograph the samples whose names were given, or all, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--page-only", action="store_true", help="write the page, and keep all pictures")
    options = parser.parse_args()
    n_failed = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "museum")
        added = add_all(init(root).instance)
        verdicts = {
            path: judge(one.content)
            if isinstance(one, Artifact)
            else Verdict(reason=one.message.replace(f"{DATA}/", ""))
            for path, one in added.items()
        }
        drawable = [sample for sample in list_samples() if verdicts[sample.path].way]
        wanted = [s for s in drawable if not options.names or any(re.search(n, s.path) for n in options.names)]
        if not options.page_only:
            n_failed = photograph_all(wanted, added, root, PICTURES)
    folders = {sample.path.split("/")[0] for sample in list_samples()}
    PAGE.write_text(build_page(verdicts, {name: read_credit(DATA / name) for name in folders}), encoding="utf-8")
    sys.exit(bool(n_failed))


if __name__ == "__main__":
    main()
