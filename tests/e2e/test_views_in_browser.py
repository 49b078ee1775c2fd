"""A view saved from vitessce-python, as a person opens it in the hub, also after the server has moved."""

from __future__ import annotations

import warnings

import pixels
import pytest
from conftest import SCREENSHOTS
from playwright.sync_api import expect

from vitrina.simulate.section import SectionParameters
from vitrina.verbs.demo import add_section
from vitrina.verbs.init import init

pytestmark = pytest.mark.browser

NAME = "Cells by type, on H&E"


@pytest.fixture(scope="module")
def section(tmp_path_factory):
    """The folder of an instance with a small section, and a view of it saved from Python."""
    import vitrina as vt

    root = tmp_path_factory.mktemp("saved") / "museum"
    instance = init(root).instance
    small = SectionParameters(n_cells=1_000, n_transcripts=20_000, width_um=512.0, height_um=512.0)
    artifact = add_section(instance, small, key="section.zarr").artifact
    db = vt.DB(root)
    saved = db.Artifact.get("section.zarr").save_vitessce_config(build_config(db.Artifact.get("section.zarr")))
    return root, artifact, saved


def build_config(artifact):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its widget, which is not installed
        from vitessce import (
            CoordinationLevel,
            SpatialDataWrapper,
            VitessceConfig,
            get_initial_coordination_scope_prefix,
        )

    config = VitessceConfig(schema_version="1.0.18", name=NAME)
    wrapper = SpatialDataWrapper(
        sdata_artifact=artifact,
        image_path="images/he",
        coordinate_system="global",
        coordination_values={"fileUid": "he"},
    )
    dataset = config.add_dataset(name="section").add_object(wrapper)
    spatial = config.add_view("spatialBeta", dataset=dataset)
    layers = config.add_view("layerControllerBeta", dataset=dataset)
    config.link_views_by_dict(
        [spatial, layers],
        {"imageLayer": CoordinationLevel([{"fileUid": "he", "photometricInterpretation": "RGB"}])},
        scope_prefix=get_initial_coordination_scope_prefix("A", "image"),
    )
    config.layout(spatial | layers)
    return config


def test_a_saved_view_is_listed_and_drawn_and_still_is_on_another_port(section, start_hub, watched):
    root, artifact, saved = section
    pictures = []
    for number in (1, 2):
        hub = start_hub(root)
        watched.page.goto(f"{hub.url}/a/{artifact.uid}")
        link = watched.page.get_by_role("link", name=NAME)
        link.click()
        expect(link).to_have_attribute("aria-current", "true")
        assert watched.page.url == f"{hub.url}/a/{artifact.uid}?view={saved.uid}"
        canvas = watched.page.frame_locator("iframe").locator("canvas").first
        pictures.append(pixels.wait_until_drawn(canvas))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        watched.page.screenshot(path=SCREENSHOTS / f"saved-view-{number}.png", full_page=True)
        assert watched.find_foreign_requests(hub.url) == []
        watched.requests.clear()
    assert pixels.measure_change(*pictures) < 0.05
