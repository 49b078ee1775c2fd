"""Views of vitessce-python's own configurations: saved, listed, and shown by a server that has moved."""

from __future__ import annotations

import json
import warnings

import anndata
import httpx
import numpy as np
import pandas as pd
import pytest
import zarr

import vitrina as vt
from vitrina.api.hub import get_base_url
from vitrina.errors import InputError, NotFoundError
from vitrina.server.app import build_app
from vitrina.server.background import BackgroundServer
from vitrina.simulate.section import SectionParameters
from vitrina.verbs.demo import add_section

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its widget, which is not installed
    from vitessce import (
        AnnDataWrapper,
        ImageOmeTiffWrapper,
        SpatialDataWrapper,
        VitessceConfig,
    )

X = np.arange(12, dtype="float32").reshape(4, 3)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    root = tmp_path_factory.mktemp("views") / "lab"
    vt.init(root)
    instance = vt.connect(root)
    small = SectionParameters(n_cells=200, n_transcripts=2_000, width_um=128.0, height_um=128.0)
    add_section(instance, small, key="section.zarr")
    cells = anndata.AnnData(X, obsm={"X_umap": X[:, :2]}, obs=pd.DataFrame({"type": list("abab")}, index=list("wxyz")))
    vt.Artifact.from_anndata(cells, key="cells.h5ad").save()
    vt.Artifact.from_anndata(cells, key="cells.zarr").save()
    return instance


@pytest.fixture(autouse=True)
def _connected(lab, monkeypatch):
    monkeypatch.setattr("vitrina.api.connection._Connection.instance", lab)


def build_config(*wrappers, name="Lung"):
    config = VitessceConfig(schema_version="1.0.16", name=name)
    for wrapper in wrappers:
        config.add_dataset(name="lung").add_object(wrapper)
    return config


def build_anndata_config(artifact, **options):
    return build_config(AnnDataWrapper(adata_artifact=artifact, obs_embedding_paths=["obsm/X_umap"], **options))


def list_urls(config):
    return [file["url"] for dataset in config["datasets"] for file in dataset["files"]]


class TestSaving:
    @pytest.mark.parametrize(("key", "plane"), [("cells.h5ad", "zarr"), ("cells.zarr", "data/cells.zarr")])
    def test_a_view_of_anndata_holds_no_address(self, lab, key, plane):
        artifact = vt.Artifact.get(key)
        view = artifact.save_vitessce_config(build_anndata_config(artifact))
        assert (view.name, view.subject_uid) == ("Lung", artifact.uid)
        assert list_urls(view.config) == [f"vitrina://{artifact.uid}/{plane}"]
        base = get_base_url(lab)
        text = json.dumps(view.config)
        assert base not in text
        assert base.rsplit(":", 1)[1] not in text
        assert artifact.views[0].uid == view.uid

    def test_a_view_of_spatialdata(self):
        artifact = vt.Artifact.get("section.zarr")
        wrapper = SpatialDataWrapper(
            sdata_artifact=artifact,
            image_path="images/he",
            table_path="tables/table",
            obs_feature_matrix_path="tables/table/X",
            obs_set_paths=["tables/table/obs/cell_type"],
            coordinate_system="global",
        )
        view = artifact.save_vitessce_config(build_config(wrapper), name="H&E")
        assert view.name == view.config["name"] == "H&E"
        assert list_urls(view.config) == [f"vitrina://{artifact.uid}/data/section.zarr"]

    def test_a_view_of_an_h5ad_with_a_reference_needs_none(self, tmp_path):
        (tmp_path / "ref.json").write_text("{}")
        reference = vt.Artifact(tmp_path / "ref.json").save()
        artifact = vt.Artifact.get("cells.h5ad")
        view = artifact.save_vitessce_config(build_anndata_config(artifact, ref_artifact=reference))
        (file,) = view.config["datasets"][0]["files"]
        assert (file["fileType"], file["url"]) == ("anndata.zarr", f"vitrina://{artifact.uid}/zarr")
        assert "refSpecUrl" not in json.dumps(view.config)

    def test_a_view_of_an_image(self, tmp_path):
        import tifffile

        path = tmp_path / "stain.ome.tif"
        tifffile.imwrite(path, np.zeros((2, 64, 64), "uint8"), metadata={"axes": "CYX"})
        image = vt.Artifact(path).save()
        config = build_config(ImageOmeTiffWrapper(img_artifact=image))
        assert list_urls(image.save_vitessce_config(config).config) == [f"vitrina://{image.uid}/data/stain.ome.tif"]

    def test_a_view_of_several_artifacts_belongs_to_their_collection(self, lab):
        artifacts = [vt.Artifact.get(key) for key in ("cells.h5ad", "cells.zarr")]
        wrappers = [AnnDataWrapper(adata_artifact=one, obs_embedding_paths=["obsm/X_umap"]) for one in artifacts]
        view = vt.save_vitessce_config(build_config(*wrappers), key="Both", description="Side by side.")
        assert (view.name, view.config["description"]) == ("Both", "Side by side.")
        collection = lab.catalog.collections.get("Both")
        assert view.subject_uid == collection.uid
        assert collection.artifact_uids == tuple(one.uid for one in artifacts)

    def test_a_view_of_one_artifact_belongs_to_it(self):
        artifact = vt.Artifact.get("cells.h5ad")
        assert vt.save_vitessce_config(build_anndata_config(artifact)).subject_uid == artifact.uid

    def test_data_beside_the_catalog_is_refused(self):
        artifact = vt.Artifact.get("cells.h5ad")
        config = build_config(AnnDataWrapper(adata_url="https://example.org/x.zarr", obs_embedding_paths=["obsm/X"]))
        with pytest.raises(InputError) as raised:
            artifact.save_vitessce_config(config)
        assert raised.value.code == "view-data-elsewhere"

    def test_artifacts_of_another_instance_are_not_found(self):
        config = {"datasets": [{"files": [{"url": f"/data/{'Z' * 20}/x.zarr"}]}]}
        with pytest.raises(NotFoundError):
            vt.save_vitessce_config(config)

    def test_a_view_that_shows_nothing_is_refused(self):
        with pytest.raises(InputError) as raised:
            vt.save_vitessce_config(VitessceConfig(schema_version="1.0.16"))
        assert raised.value.code == "view-empty"


class TestShowing:
    def test_a_saved_view_opens_after_the_server_has_moved(self, lab):
        artifact = vt.Artifact.get("cells.zarr")
        with BackgroundServer(build_app(lab)) as first:
            before = build_anndata_config(artifact)
            view = artifact.save_vitessce_config(before)
            with httpx.Client(base_url=first.url, trust_env=False) as client:
                shown = client.get(f"/api/v1/views/{view.uid}/vitessce.json").json()
        with (
            BackgroundServer(build_app(lab)) as second,
            httpx.Client(base_url=second.url, trust_env=False, timeout=30) as client,
        ):
            moved = client.get(f"/api/v1/views/{view.uid}/vitessce.json").json()
            assert first.url != second.url
            assert list_urls(shown) == [f"{first.url}/data/{artifact.uid}/cells.zarr"]
            assert list_urls(moved) == [f"{second.url}/data/{artifact.uid}/cells.zarr"]
            path = moved["datasets"][0]["files"][0]["options"]["obsEmbedding"][0]["path"]
            group = zarr.open_group(list_urls(moved)[0], mode="r")
            np.testing.assert_array_equal(group[path][:], X[:, :2])

    def test_the_configuration_is_otherwise_what_was_saved(self, lab):
        artifact = vt.Artifact.get("cells.zarr")
        config = build_anndata_config(artifact)
        view = artifact.save_vitessce_config(config)
        assert view.to_dict(get_base_url(lab)) == json.loads(json.dumps(config.to_dict(base_url="")))

    def test_views_are_listed_and_shown(self, lab):
        artifact = vt.Artifact.get("section.zarr")
        wrapper = SpatialDataWrapper(sdata_artifact=artifact, image_path="images/he", coordinate_system="global")
        saved = [artifact.save_vitessce_config(build_config(wrapper), name=name) for name in ("one", "two")]
        with (
            BackgroundServer(build_app(lab)) as server,
            httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
        ):
            page = client.get(f"/api/v1/views?subject_uid={artifact.uid}&limit=1").json()
            following = client.get(f"/api/v1/views?subject_uid={artifact.uid}&cursor={page['next_cursor']}").json()
            assert [page["items"][0]["name"], following["items"][0]["name"]] == ["two", "one"]
            assert client.get(f"/api/v1/views/{saved[0].uid}").json()["config"] == saved[0].config
            assert client.get("/api/v1/views/nothing/vitessce.json").status_code == 404
            assert client.get(f"/api/v1/views?subject_uid={'Z' * 20}").json()["total"] == 0

    def test_views_in_python(self):
        artifact = vt.Artifact.get("cells.h5ad")
        view = artifact.save_vitessce_config(build_anndata_config(artifact), name="mine")
        assert vt.View.get(view.uid).config == view.config
        assert vt.View.filter(subject_uid=artifact.uid).first().uid == view.uid
        assert vt.View.to_dataframe().loc[view.uid, "name"] == "mine"
