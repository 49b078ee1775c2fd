"""The hub and the viewer as a person sees them: the demo's section and real samples, in headless Chromium."""

from __future__ import annotations

import re

import pixels
import pytest
import samples
from conftest import SCREENSHOTS
from playwright.sync_api import expect

from vitrina.simulate.section import SectionParameters
from vitrina.verbs.demo import add_section
from vitrina.verbs.init import init
from vitrina.verbs.label_plan import parse_pairs

pytestmark = pytest.mark.browser

SECTION = "simulated/tissue-section.zarr"

SAMPLES = (
    "sdata-merfish-ileum/merfish_mouse_ileum_cropped.sdata.zarr.zip",
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "ome-tiff-pyramid/2048x2048_ome6_tiled.ome.tif",
    "ome-zarr-v04-mri/mri-stack.ome.zarr",
    "ome-zarr-v04-2dt-labels/image.ome.zarr.zip",
)
TISSUES = {SAMPLES[0]: "ileum", SAMPLES[1]: "blood"}
BLOOD = "UBERON:0000178"
GREY = {"ome-zarr-v04-mri/mri-stack.ome.zarr", "ome-zarr-v04-2dt-labels/image.ome.zarr.zip"}


@pytest.fixture(scope="session")
def hub(tmp_path_factory, start_hub):
    """A hub with a small section from the demo's simulator, the samples, and a file that nothing can show."""
    root = tmp_path_factory.mktemp("hub")
    instance = init(root / "museum").instance
    small = SectionParameters(n_cells=500, n_transcripts=15_000, width_um=320.0, height_um=320.0)
    add_section(instance, small, key=SECTION)
    for name in SAMPLES:
        artifact = instance.add(samples.get(name), key=name.split("/")[-1]).artifact
        if name in TISSUES:
            instance.label(artifact, instance.plan_labels(parse_pairs([f"tissue={TISSUES[name]}"])))
    (root / "protocol.bin").write_bytes(bytes(range(256)))
    instance.add(root / "protocol.bin")
    return start_hub(root / "museum")


def get_artifact(hub, key):
    from vitrina.verbs.connect import open_instance

    return open_instance(hub.root).show(key)


def open_viewer(hub, watched, key):
    uid = get_artifact(hub, key).uid
    watched.page.goto(f"{hub.url}/viewer/?config=/api/v1/artifacts/{uid}/vitessce.json")


def get_canvas(page):
    """The canvas of the first view, which is the main one."""
    return page.locator("canvas").first


def choose_gene(page, name):
    """Find a gene in the viewer's list and click it."""
    page.get_by_placeholder("Search").first.fill(name)
    page.locator(".ReactVirtualized__Table").get_by_text(name, exact=True).click()


def count_levels(picture):
    """Number of brightness levels, for pictures that are grey by nature."""
    return len({int(value) for value in picture.mean(axis=2).ravel() // 8})


def wait_until_grey_is_drawn(canvas):
    canvas.wait_for(state="visible")
    pixels.wait_until(lambda: count_levels(pixels.take(canvas)) > 12, "the canvas is drawn")
    return pixels.wait_until_still(canvas)


def test_the_gallery_shows_every_dataset_with_its_picture(hub, watched):
    page = watched.page
    page.goto(hub.url)
    expect(page.get_by_role("link", name=re.compile("tissue-section"))).to_be_visible()
    expect(page.get_by_text("Simulated").first).to_be_visible()
    pictures = page.locator("main img")
    expect(pictures).to_have_count(len(SAMPLES) + 1)
    have_come = "[...document.querySelectorAll('main img')].every(i => i.complete && i.naturalWidth > 0)"
    pixels.wait_until(lambda: page.evaluate(have_come), "all pictures have come")  # drawn when asked for
    page.screenshot(path=SCREENSHOTS / "gallery.png", full_page=True)
    assert watched.find_foreign_requests(hub.url) == []


def test_a_search_narrows_the_gallery_and_stands_in_the_address(hub, watched):
    page = watched.page
    page.goto(hub.url)
    expect(page.locator("main img").first).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search datasets")).to_be_focused()
    page.keyboard.type("PanCK")
    expect(page).to_have_url(re.compile(r"[?&]q=PanCK"))
    expect(page.locator("main img")).to_have_count(1)
    expect(page.get_by_role("link", name=re.compile("tissue-section"))).to_be_visible()
    page.reload()
    expect(page.get_by_label("Search datasets")).to_have_value("PanCK")


def test_a_tissue_in_the_sidebar_narrows_the_gallery_to_its_datasets(hub, watched):
    page = watched.page
    page.goto(hub.url)
    tissues = page.get_by_role("group", name="Tissue")
    expect(tissues.get_by_role("checkbox")).to_have_count(2)
    tissues.get_by_role("checkbox", name="blood").check()
    expect(page).to_have_url(re.compile(rf"[?&]tissue={BLOOD.replace(':', '%3A')}$"))
    expect(page.get_by_text("1 dataset", exact=True)).to_be_visible()
    card = page.get_by_role("article")
    expect(card).to_have_count(1)
    expect(card.get_by_role("link", name="10x_pbmc68k_reduced.h5ad")).to_be_visible()
    expect(card.get_by_role("list", name="Labels")).to_have_text("blood")
    expect(tissues.locator("label")).to_have_text(["ileum1", "blood1"])  # counted without the filter itself
    tissues.get_by_role("checkbox", name="ileum").check()
    expect(card).to_have_count(2)
    page.screenshot(path=SCREENSHOTS / "filtered.png", full_page=True)
    page.get_by_role("button", name="Remove Tissue blood").click()
    expect(card).to_have_count(1)
    expect(card.get_by_role("link", name="merfish_mouse_ileum")).to_be_visible()
    page.get_by_role("button", name="Remove Tissue ileum").click()
    expect(page.get_by_text(f"{len(SAMPLES) + 2} datasets")).to_be_visible()
    assert watched.find_foreign_requests(hub.url) == []


def test_a_click_leads_to_the_page_of_the_dataset_with_its_viewer(hub, watched):
    page = watched.page
    page.goto(hub.url)
    page.get_by_role("link", name=re.compile("tissue-section")).click()
    expect(page).to_have_url(re.compile(r"/a/"))
    expect(page.get_by_text("fluorescence").first).to_be_visible()
    frame = page.frame_locator("iframe")
    canvas = frame.locator("canvas").first
    pixels.wait_until_drawn(canvas)
    page.screenshot(path=SCREENSHOTS / "dataset.png", full_page=True)
    assert watched.find_foreign_requests(hub.url) == []


def test_the_section_is_drawn_and_a_gene_recolours_its_cells(hub, watched):
    page = watched.page
    open_viewer(hub, watched, SECTION)
    canvas = get_canvas(page)
    before = pixels.wait_until_drawn(canvas)
    expect(page.get_by_text("malignant cell").first).to_be_visible()
    before = pixels.wait_until_still(canvas)
    page.screenshot(path=SCREENSHOTS / "section.png")
    choose_gene(page, "EPCAM")
    pixels.wait_until(lambda: pixels.measure_change(before, pixels.take(canvas)) > 0.02, "the gene changes the picture")
    pixels.wait_until_still(canvas)
    page.screenshot(path=SCREENSHOTS / "section-gene.png")
    config = page.evaluate("window.vitrinaViewer.getConfig()")
    assert ["EPCAM"] in config["coordinationSpace"]["featureSelection"].values()
    assert "geneSelection" in config["coordinationSpace"]["obsColorEncoding"].values()
    assert watched.find_foreign_requests(hub.url) == []
    assert [error for error in watched.errors if "Content Security Policy" in error] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_sample_is_drawn_and_no_request_leaves_the_origin(hub, watched, name):
    key = name.split("/")[-1]
    open_viewer(hub, watched, key)
    wait = wait_until_grey_is_drawn if name in GREY else pixels.wait_until_drawn
    wait(get_canvas(watched.page))
    watched.page.screenshot(path=SCREENSHOTS / f"{key}.png")
    assert watched.find_foreign_requests(hub.url) == []
    assert [error for error in watched.errors if "Content Security Policy" in error] == []


def test_a_gene_changes_the_picture_of_a_real_sample(hub, watched):
    page = watched.page
    open_viewer(hub, watched, "10x_pbmc68k_reduced.h5ad")
    canvas = get_canvas(page)
    before = pixels.wait_until_drawn(canvas)
    choose_gene(page, "CD79A")
    pixels.wait_until(
        lambda: pixels.measure_change(before, pixels.take(canvas)) > 0.005, "the gene changes the picture"
    )


def test_what_cannot_be_shown_says_so_in_plain_words(hub, watched):
    page = watched.page
    page.goto(f"{hub.url}/a/{get_artifact(hub, 'protocol.bin').uid}")
    expect(page.get_by_label("Viewer").or_(page.locator("section")).first).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    problem = page.request.get(f"{hub.url}/api/v1/artifacts/{get_artifact(hub, 'protocol.bin').uid}/vitessce.json")
    assert problem.status == 501
    expect(page.get_by_text(problem.json()["detail"]).first).to_be_visible()
