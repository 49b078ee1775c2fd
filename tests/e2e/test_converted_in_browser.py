"""A section that was converted to SpatialData, drawn by the shipped viewer: its sample of points, and all of them."""

from __future__ import annotations

import json
import urllib.request

import pixels
import pytest
from conftest import SCREENSHOTS
from viewer_trial import draw, shows_picture

from vitrina.simulate.section import SectionParameters
from vitrina.simulate.spatialdata import write_section
from vitrina.verbs.convert import convert
from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

N_POINTS = 205_000
"""So many that the hub draws a sample of them, and conversion puts a copy in tiles beside them."""

NEAR = {"spatialZoom": 1.0, "spatialTargetX": 256.0, "spatialTargetY": 256.0}


@pytest.fixture(scope="module")
def shown(tmp_path_factory, start_hub):
    """A hub with a converted section, and the hub's own configuration of it."""
    root = tmp_path_factory.mktemp("converted")
    parameters = SectionParameters(
        n_cells=150, n_genes=60, n_transcripts=N_POINTS, width_um=512.0, height_um=512.0, pixel_size_um=1.0
    )
    write_section(parameters, root / "section.zarr")
    convert(root / "section.zarr", root / "web.sdata.zarr")
    artifact = init(root / "museum").instance.add(root / "web.sdata.zarr", key="web.sdata.zarr").artifact
    hub = start_hub(root / "museum")
    with urllib.request.urlopen(f"{hub.url}/api/v1/artifacts/{artifact.uid}/vitessce.json") as answer:
        return hub.url, json.load(answer)


def show(config, layers):
    """The configuration from near, with only these layers of points."""
    changed = json.loads(json.dumps(config))
    space = changed["coordinationSpace"]
    for name, value in NEAR.items():
        space[name] = dict.fromkeys(space[name], value)
    for scope, label in space["spatialLayerLabel"].items():
        if label.startswith("transcripts"):
            space["spatialLayerVisible"][scope] = label in layers
    return changed


@pytest.fixture
def see(shown, browser):
    """Draw the section with only these layers of points, once it shows what is expected."""
    url, config = shown

    def see(name, layers, expected):
        page = browser.new_page(viewport={"width": 1000, "height": 640})
        try:
            outcome = draw(page, url, show(config, layers), expected=expected)
        finally:
            page.close()
        assert outcome.is_drawn, (outcome.errors, outcome.texts)
        # the viewer asks for one part more than there are, and says that it is not there
        assert [error for error in outcome.errors if "footerLength" not in error] == []
        pixels.keep(outcome.picture, SCREENSHOTS / f"converted-{name}.png")
        return outcome

    return see


def test_a_converted_section_is_drawn_with_a_sample_of_points_or_all_of_them(see):
    none = see("none", (), shows_picture)

    def has_points(picture):
        return picture.shape == none.picture.shape and pixels.measure_change(none.picture, picture) > 0.005

    sample = see("sample", ("transcripts",), has_points)
    every = see("all", ("transcripts: all, from near",), has_points)
    assert sample.differs_from(none) > 0.005
    assert every.differs_from(none) > 0.005
    # nearly all points are in the sample, so both layers show nearly the same, from different stores
    assert every.differs_from(sample) < 0.5 * every.differs_from(none)
