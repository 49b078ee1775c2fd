"""Tiles of stored datasets; expected pixels come from spatialdata, zarr-python and Pillow, values from anndata."""

from __future__ import annotations

import shutil
from dataclasses import replace

import anndata
import numpy as np
import pytest
import samples
import zarr
from described import describe
from PIL import Image
from scipy import ndimage

from vitrina.errors import InputError, NotFoundError, UnreadableError
from vitrina.ml.choices import TileOptions
from vitrina.ml.cohort import build_tiles
from vitrina.readers.quiet import without_format_warnings

HE = TileOptions(size_px=48, image="he")


def read_level(path, element, level="s0"):
    with without_format_warnings():
        return zarr.open_array(path / element / level, mode="r")[...]


def test_tiles_equal_those_of_bounding_box_query_inside_of_the_image(sections, datasets):
    import spatialdata

    tiles = build_tiles(datasets[:1], HE)
    with without_format_warnings():
        sdata = spatialdata.read_zarr(sections[0])
    centre_um = np.array([polygon.centroid.coords[0] for polygon in sdata.shapes["cells"].geometry])
    side_um = 48 * 0.5
    n_compared = 0
    for batch in tiles.batches(64):
        for pixels, number in zip(batch.pixels, batch.ids, strict=True):
            low, high = centre_um[number] - side_um / 2, centre_um[number] + side_um / 2
            if low.min() < 0 or high[0] > 320 or high[1] > 256:
                continue  # spatialdata crops at the border
            found = spatialdata.bounding_box_query(
                sdata.images["he"], ("x", "y"), low, high, target_coordinate_system="global"
            )
            np.testing.assert_array_equal(pixels, next(iter(found["scale0"].ds.values())).to_numpy())
            n_compared += 1
    assert n_compared > 150


def test_what_the_table_says_comes_with_the_tiles_of_the_same_cells(sections, datasets):
    wanted = ("cell_type", "area_um2", "donor")
    tiles = build_tiles(datasets, replace(HE, columns=wanted, genes=("EPCAM", "CD3E")))
    tables = [anndata.read_zarr(path / "tables" / "table") for path in sections]
    for batch in tiles.batches(50):
        for position, number in enumerate(batch.ids):
            table = tables[tiles.places.slide_of[number]]
            row = table.obs.set_index("cell_id").loc[tiles.instances[number]]
            code = batch.values["cell_type"][position]
            assert tiles.get_categories("cell_type")[code] == row["cell_type"]
            assert batch.values["area_um2"][position] == row["area_um2"]
            counts = table[str(tiles.instances[number]), ["EPCAM", "CD3E"]].X.toarray()[0]
            np.testing.assert_array_equal(batch.genes[position], counts)


def test_all_shared_genes_come_when_asked_for(datasets):
    tiles = build_tiles(datasets, replace(HE, genes=True))
    assert next(iter(tiles.batches(8))).genes.shape == (8, 50)
    assert len(tiles.genes.names) == 50


def test_masks_have_the_cell_in_the_middle_and_the_pixels_of_the_label_image(sections, datasets):
    tiles = build_tiles(datasets, replace(HE, masks="cell_labels"))
    labels = [read_level(path, "labels/cell_labels") for path in sections]
    same = []
    for batch in tiles.batches(50):
        for mask, number in zip(batch.masks, batch.ids, strict=True):
            same.append(mask[24, 24] == tiles.instances[number])
            whole = np.pad(labels[tiles.places.slide_of[number]], 48)
            y, x = tiles.places.y0[number] + 48, tiles.places.x0[number] + 48
            np.testing.assert_array_equal(mask, whole[y : y + 48, x : x + 48])
    assert np.mean(same) > 0.99  # the centroid of a bent cell may lie outside of it


def test_slides_of_all_pixel_sizes_are_resampled_to_one(sections, datasets):
    tiles = build_tiles(datasets, TileOptions(size_um=40, pixel_size_um=0.8, image="he"))
    assert tiles.size_px == 50
    whole = []
    for path in sections:
        image = read_level(path, "images/he")  # 0.5, 0.64 and 1 um: all of them through the finest level
        bands = [Image.fromarray(band).resize((400, 320), Image.Resampling.BILINEAR) for band in image]
        whole.append(np.pad(np.stack([np.asarray(band) for band in bands]), ((0, 0), (50, 50), (50, 50))))
    for batch in tiles.batches(64):
        for pixels, number in zip(batch.pixels, batch.ids, strict=True):
            y, x = tiles.places.y0[number] + 50, tiles.places.x0[number] + 50
            expected = whole[tiles.places.slide_of[number]][:, y : y + 50, x : x + 50]
            assert np.abs(pixels.astype(int) - expected).max() <= 1  # Pillow rounds after each axis


def test_micrometres_without_a_pixel_size_take_the_largest_pixel_and_the_pyramid(sections, datasets):
    tiles = build_tiles(datasets[:3:2], TileOptions(size_um=32, image="he"))
    assert tiles.pixel_size_um == 1.0
    second_level = read_level(sections[0], "images/he", "s1")
    number = int(np.flatnonzero((tiles.places.slide_of == 0) & (tiles.places.y0 > 0) & (tiles.places.x0 > 0))[0])
    y, x = tiles.places.y0[number], tiles.places.x0[number]
    found = tiles.read(number)
    expected = second_level[:, y : y + 32, x : x + 32]
    np.testing.assert_array_equal(found[:, : expected.shape[1], : expected.shape[2]], expected)


def test_a_cell_has_its_nucleus_at_the_same_place_on_every_slide(datasets):
    """The middle of a tile is dark where a nucleus is; a shift by the pixel size would blur that."""
    tiles = build_tiles(datasets, TileOptions(size_um=20, pixel_size_um=1, image="he", region="nuclei"))
    for slide in range(3):
        mean = np.mean(
            [batch.pixels[:, 0].mean(axis=0) for batch in tiles.subset(tiles.places.slide_of == slide).batches(25)],
            axis=0,
        )
        ys, xs = np.mgrid[:20, :20] + 0.5
        weight = (mean.max() - mean) ** 4
        np.testing.assert_allclose(
            [(weight * ys).sum() / weight.sum(), (weight * xs).sum() / weight.sum()], 10, atol=0.5
        )


def test_centres_of_a_label_image_are_those_of_scipy(sections, datasets):
    tiles = build_tiles(datasets[:1], replace(HE, region="nucleus_labels", size_px=1))
    labels = read_level(sections[0], "labels/nucleus_labels")
    expected = np.array(ndimage.center_of_mass(labels > 0, labels, tiles.instances)) + 0.5
    np.testing.assert_array_equal(tiles.places.y0, np.ceil(expected[:, 0] - 1))
    np.testing.assert_array_equal(tiles.places.x0, np.ceil(expected[:, 1] - 1))


def test_a_real_stack_is_covered_plane_by_plane():
    dataset = describe(samples.get("ome-zarr-v04-mri") / "mri-stack.ome.zarr")
    with without_format_warnings():
        stack = zarr.open_array(dataset.source.path / "s0", mode="r")[...]
    for z in (0, 13):
        tiles = build_tiles([dataset], TileOptions(size_px=64, stride_px=64, z=z))
        plane = np.pad(stack.reshape(-1, *stack.shape[-3:])[0, z], ((0, 64), (0, 64)))
        assert len(tiles) == 4 * 3  # 226 rows, 186 columns
        for number in range(len(tiles)):
            y, x = tiles.places.y0[number], tiles.places.x0[number]
            np.testing.assert_array_equal(tiles.read(number)[0], plane[y : y + 64, x : x + 64])


def test_a_real_zip_file_is_cut_at_its_first_time_point():
    dataset = describe(samples.get("ome-zarr-v04-2dt-labels") / "image.ome.zarr.zip")
    tiles = build_tiles([dataset], TileOptions(size_px=200, stride_px=150))
    opened = zarr.open_array(
        zarr.storage.ZipStore(dataset.source.path, mode="r"),
        path=f"{dataset.content.root}/{dataset.content.elements[0].levels[0].path}",
        mode="r",
    )
    plane = np.pad(opened[...].reshape(-1, *opened.shape[-2:])[0], ((0, 200), (0, 200)))
    for batch in tiles.batches(4):
        for pixels, number in zip(batch.pixels, batch.ids, strict=True):
            y, x = tiles.places.y0[number], tiles.places.x0[number]
            np.testing.assert_array_equal(pixels[0], plane[y : y + 200, x : x + 200])


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        (TileOptions(size_px=32), InputError, "several images: fluorescence, he|several images: he, fluorescence"),
        (TileOptions(size_px=32, image="pas"), NotFoundError, "no image pas"),
        (TileOptions(size_px=32, image="he", channels=("DAPI",)), NotFoundError, "no channel 'DAPI'"),
        (TileOptions(size_px=32, image="he", channels=(3,)), NotFoundError, "no channel 3"),
        (TileOptions(size_px=32, image="he", region="spots"), NotFoundError, "no shapes or labels 'spots'"),
        (TileOptions(size_px=32, image="he", columns=("mood",)), NotFoundError, "no column 'mood'"),
        (TileOptions(size_px=32, image="he", genes=("NOPE1",)), NotFoundError, "no gene NOPE1"),
        (TileOptions(size_px=32, image="he", masks="spots"), NotFoundError, "no masks spots"),
        (TileOptions(size_um=32, image="he", coordinate_system="other"), InputError, "how large a pixel"),
        (TileOptions(size_px=32, image="he", coordinate_system="other"), InputError, "do not both lie"),
        (TileOptions(size_um=32, pixel_size_um=-1, image="he"), InputError, "above 0"),
        (TileOptions(image="he"), InputError, "size_px or size_um"),
    ],
)
def test_what_is_missing_or_left_open_is_told(datasets, options, error, match):
    with pytest.raises(error, match=match):
        build_tiles(datasets, options)


def test_images_with_different_numbers_of_channels_make_no_batch(datasets):
    two = [
        datasets[0],
        replace(
            datasets[1],
            content=replace(
                datasets[1].content,
                elements=tuple(
                    replace(element, name="he") if element.name == "fluorescence" else element
                    for element in datasets[1].content.elements
                    if element.name != "he"
                ),
            ),
        ),
    ]
    with pytest.raises(InputError, match="different numbers of channels"):
        build_tiles(two, HE)


def test_nothing_is_no_cohort():
    with pytest.raises(InputError, match="no datasets"):
        build_tiles([], HE)


@pytest.mark.parametrize("threads", [0, 2])
def test_a_truncated_chunk_is_told_by_name_and_the_threads_end(sections, tmp_path, threads):
    path = tmp_path / "damaged.zarr"
    shutil.copytree(sections[0], path)
    chunk = max(
        (file for file in (path / "images" / "he" / "s0" / "c").rglob("*") if file.is_file()),
        key=lambda file: file.stat().st_size,
    )
    chunk.write_bytes(chunk.read_bytes()[:100])
    tiles = build_tiles([describe(path)], HE)
    with pytest.raises(UnreadableError, match="damaged"):
        list(tiles.batches(32, threads=threads))
