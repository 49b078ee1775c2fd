"""Draw datasets with one fault each, directly and through the gateway, and print what came out.

    .venv/bin/python tests/e2e/try_viewer.py [NAME...] [--direct] [--out build/viewer-trials]

Names are regular expressions that find names. Pictures and a line of JSON per trial are kept in the folder. The table
in ``docs/reference/viewer-readiness.md`` was written from this.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pixels
import viewer_faults_image
import viewer_faults_spatial
import viewer_faults_table
import viewer_faults_tiff
from conftest import CHROMIUM_FLAGS, find_chromium
from playwright.sync_api import Browser, sync_playwright
from viewer_trial import Config, Outcome, Trial, build_direct, draw, serve

from vitrina.verbs.init import init

TRIALS = (
    *viewer_faults_image.TRIALS,
    *viewer_faults_tiff.TRIALS,
    *viewer_faults_table.TRIALS,
    *viewer_faults_spatial.TRIALS,
)


def draw_alone(browser: Browser, url: str, config: Config, trial: Trial) -> Outcome:
    """Draw in a page of its own."""
    page = browser.new_page(viewport={"width": 1000, "height": 640})
    try:
        return draw(page, url, config, trial.files)
    finally:
        page.close()


def describe(outcome: Outcome | None, like: Outcome | None) -> dict[str, object] | None:
    """An outcome in a few numbers."""
    if outcome is None:
        return None
    return {
        "drawn": outcome.is_drawn,
        "colors": pixels.count_colors(outcome.picture) if outcome.picture.size else 0,
        "differs": round(outcome.differs_from(like), 3) if like is not None and outcome.picture.size else None,
        "requests": outcome.n_requests,
        "bytes": outcome.n_bytes,
        "errors": outcome.errors[:4],
        "texts": outcome.texts[-400:],
    }


def try_all(browser: Browser, trials: list[Trial], folder: Path, out: Path, *, is_direct: bool) -> None:
    """Add, serve and draw; one line of JSON per trial."""
    instance = init(folder / "museum").instance
    added, refused = {}, {}
    for trial in trials:
        try:
            trial.build(folder / trial.name)
            added[trial.name] = instance.add(folder / trial.name, key=trial.name).artifact
        except Exception as err:  # noqa: BLE001 a trial that cannot be made is a line of the table, and others go on
            refused[trial.name] = f"{getattr(err, 'code', type(err).__name__)}: {err}"
    outcomes: dict[str, tuple[Outcome | None, Outcome | None]] = {}
    with serve(folder / "museum") as url:
        for trial in trials:
            if trial.name in refused:
                report(out, trial, {"refused": refused[trial.name]})
                continue
            artifact = added[trial.name]
            page = browser.new_page()
            answer = page.request.get(f"{url}/api/v1/artifacts/{artifact.uid}/vitessce.json")
            config = answer.json()
            page.close()
            if not answer.ok:
                report(out, trial, {"no view": config})
                continue
            direct_config = trial.change(build_direct(config, artifact.uid, artifact.basename))
            direct = draw_alone(browser, url, direct_config, trial)
            healed = draw_alone(browser, url, config, trial) if direct_config != config and not is_direct else direct
            outcomes[trial.name] = direct, healed
            for way, outcome in (("direct", direct), ("gateway", healed)):
                if outcome.picture.size:
                    pixels.keep(outcome.picture, out / f"{trial.name}.{way}.png")
            like, healed_like = outcomes.get(trial.like or "", (None, None))
            report(out, trial, {"direct": describe(direct, like), "gateway": describe(healed, healed_like)})


def report(out: Path, trial: Trial, found: dict[str, object]) -> None:
    """Print a line, and keep it."""
    line = json.dumps({"name": trial.name, "code": trial.code, **found})
    print(line, flush=True)
    with (out / "trials.jsonl").open("a") as file:
        file.write(line + "\n")


def main() -> None:
    """Run the trials whose names were given, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("build/viewer-trials"))
    parser.add_argument("--direct", action="store_true", help="leave out what the hub shows, for speed")
    options = parser.parse_args()
    wanted = [t for t in TRIALS if not options.names or any(re.search(name, t.name) for name in options.names)]
    likes = {t.like for t in wanted if t.like}
    trials = [t for t in TRIALS if t in wanted or t.name in likes]
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=CHROMIUM_FLAGS)
        try_all(browser, trials, Path(folder), options.out, is_direct=options.direct)
        browser.close()


if __name__ == "__main__":
    main()
