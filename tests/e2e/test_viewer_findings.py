"""What decides how bad some findings about viewing are, drawn by the shipped viewer.

The others were drawn with ``try_viewer.py``, and stand in ``docs/reference/viewer-readiness.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import viewer_faults_image
import viewer_faults_table
import viewer_faults_tiff
from viewer_trial import Outcome, Trial, build_direct, draw

from vitrina.checks.viewer.check import check_viewer
from vitrina.model.artifact import Artifact
from vitrina.readers.source import open_source
from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

NAMES = ("omero-missing.zarr", "z-downsampled.zarr", "tiff-zstd.ome.tif", "sets-int-categories.zarr", "x-uint64.zarr")

TRIALS = {
    trial.name: trial
    for trial in (*viewer_faults_image.TRIALS, *viewer_faults_tiff.TRIALS, *viewer_faults_table.TRIALS)
    if trial.name in NAMES
}


@dataclass(frozen=True)
class Shown:
    """A dataset in a hub, and what the check says of it."""

    trial: Trial
    artifact: Artifact
    severities: dict[str, str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The trials by name, in one instance."""
    root = tmp_path_factory.mktemp("faults")
    instance = init(root / "museum").instance
    found = {}
    for name, trial in TRIALS.items():
        trial.build(root / name)
        artifact = instance.add(root / name, key=name).artifact
        findings = check_viewer(open_source(root / name), artifact.content).findings
        found[name] = Shown(trial, artifact, {finding.code: finding.severity for finding in findings})
    return found


@pytest.fixture(scope="module")
def url(shown, tmp_path_factory, start_hub):
    return start_hub(tmp_path_factory.getbasetemp() / "faults0/museum").url


@pytest.fixture
def see(browser, shown, url):
    """Draw a dataset as it lies, or as the hub shows it."""

    def see(name: str, *, direct: bool) -> Outcome:
        one = shown[name]
        page = browser.new_page(viewport={"width": 1000, "height": 640})
        answer = page.request.get(f"{url}/api/v1/artifacts/{one.artifact.uid}/vitessce.json")
        config = answer.json()
        if direct:
            config = one.trial.change(build_direct(config, one.artifact.uid, one.artifact.basename))
        outcome = draw(page, url, config, in_hurry=True)
        page.close()
        return outcome

    return see


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("omero-missing.zarr", "ngff-omero-missing", "must have omero metadata"),
        ("tiff-zstd.ome.tif", "tiff-compression-unsupported", "compression"),
    ],
)
def test_what_the_viewer_cannot_open_is_healed_by_the_gateway(shown, see, name, code, error):
    alone = see(name, direct=True)
    assert not alone.is_drawn
    assert error in " ".join(alone.errors)
    healed = see(name, direct=False)
    assert healed.is_drawn
    assert healed.errors == ()
    assert shown[name].severities[code] == "info"


def test_numbers_that_are_of_no_type_that_it_draws_break_the_view(shown, see):
    assert "BigInt" in " ".join(see("x-uint64.zarr", direct=True).errors)
    assert shown["x-uint64.zarr"].severities["zarr-dtype-unsupported"] == "error"


def test_categories_that_are_numbers_are_shown_as_their_codes(shown, see):
    texts = see("sets-int-categories.zarr", direct=True).texts
    assert "level\n0" in texts  # the first category is 10
    assert shown["sets-int-categories.zarr"].severities["anndata-integer-categories"] == "warning"
