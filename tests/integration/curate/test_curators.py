"""Curators on small objects; what is right and wrong in them is plain to see."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tifffile
from sqlalchemy import event

import vitrina as vt
from vitrina.convert import table
from vitrina.readers.quiet import without_format_warnings

pytestmark = pytest.mark.usefixtures("lab")


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"tissue": ["lung", "Lung", "lung lobe", None], "donor": ["d1", "d1", "d2", "d2"], "age": [1, 2, 3, 4]},
        index=["s1", "s2", "s3", "s4"],
    )


@pytest.fixture
def schema(lab):
    return vt.Schema(
        [vt.Feature("tissue", "cat[Tissue]"), vt.Feature("donor", "cat[ULabel]"), vt.Feature("age", int)],
        name="samples",
    ).save()


def fill(frame):
    frame.loc["s4", "tissue"] = "lung"
    return frame


class TestValues:
    def test_what_is_not_valid_is_listed_by_column(self, schema, frame):
        curator = vt.curators.DataFrameCurator(frame, schema)
        assert curator.cat.non_validated == {"tissue": ["Lung", "lung lobe"], "donor": ["d1", "d2"]}
        assert not curator.cat.validate()
        with pytest.raises(vt.errors.ValidationError) as caught:
            curator.validate()
        assert caught.value.code == "schema-not-satisfied"
        assert [finding.path for finding in caught.value.findings] == ["#/tissue", "#/tissue", "#/donor", "#/donor"]

    @pytest.mark.parametrize("dtype", ["object", "category", "string"])
    def test_values_are_standardised_in_the_object_whatever_the_column_is(self, schema, frame, dtype):
        frame["tissue"] = frame["tissue"].astype(dtype)
        curator = vt.curators.DataFrameCurator(frame, schema)
        # "lung lobe" is a synonym of UBERON:0000101, lobe of lung
        assert curator.cat.standardize("tissue") == {"Lung": "lung", "lung lobe": "lobe of lung"}
        assert frame["tissue"].tolist()[:3] == ["lung", "lung", "lobe of lung"]
        assert frame["tissue"].isna().tolist() == [False, False, False, True]
        assert str(frame["tissue"].dtype) == str(pd.Series([], dtype=dtype).dtype)

    def test_new_values_join_the_registry_and_are_valid_from_then_on(self, lab, schema, frame):
        curator = vt.curators.DataFrameCurator(fill(frame), schema)
        curator.standardize()
        assert curator.cat.add_new_from("donor") == ["d1", "d2"]
        assert curator.cat.add_new_from("donor") == []
        assert curator.validate().is_valid
        assert set(lab.catalog.terms.list_names("ULabel")) == {"d1", "d2"}

    def test_known_names_are_looked_up_by_attribute(self, schema, frame):
        curator = vt.curators.DataFrameCurator(frame, schema)
        curator.cat.add_new_from("donor")
        assert curator.cat.lookup().donor.d1 == "d1"
        assert curator.cat.lookup(public=True).tissue.lobe_of_lung == "lobe of lung"

    def test_a_column_that_holds_no_terms_is_told(self, schema, frame):
        curator = vt.curators.DataFrameCurator(frame, schema)
        with pytest.raises(vt.errors.NotFoundError) as caught:
            curator.cat.standardize("age")
        assert "tissue, donor" in caught.value.hint

    def test_identifiers_are_not_made(self):
        schema = vt.Schema([vt.Feature("id", "cat[Tissue.ontology_id]")]).save()
        curator = vt.curators.DataFrameCurator(pd.DataFrame({"id": ["UBERON:9999999"]}), schema)
        with pytest.raises(vt.errors.InputError) as caught:
            curator.cat.add_new_from("id")
        assert caught.value.code == "identifiers-not-made"

    def test_changes_by_the_user_are_seen(self, schema, frame):
        curator = vt.curators.DataFrameCurator(frame, schema)
        curator.cat.add_new_from("donor")
        frame["tissue"] = "lung"
        assert curator.validate().is_valid


class TestSaving:
    def test_terms_and_columns_found_are_said_of_the_artifact(self, lab, schema, frame):
        curator = vt.curators.DataFrameCurator(fill(frame), schema)
        curator.standardize()
        curator.cat.add_new_from("donor")
        artifact = curator.save_artifact(key="samples.parquet")
        found = lab.catalog.annotations.read([artifact.uid])[artifact.uid]
        assert [(label.feature, label.name) for label in found.labels] == [
            ("tissue", "lobe of lung"),
            ("tissue", "lung"),
            ("donor", "d1"),
            ("donor", "d2"),
        ]
        assert found.schema_uid == schema.uid
        assert [slot for slot, _ in found.slots] == ["columns"]
        assert vt.Artifact.filter(tissue="lung").one().uid == artifact.uid

    def test_an_index_that_the_schema_asks_for_is_written_too(self):
        schema = vt.Schema(index=vt.Feature("sample", str, nullable=False), name="indexed").save()
        frame = pd.DataFrame({"x": [1, 2]}, index=["s1", "s2"])
        artifact = vt.Artifact.from_dataframe(frame, key="x.parquet", schema=schema).save()
        assert artifact.load().index.tolist() == ["s1", "s2"]

    def test_an_object_that_does_not_fit_is_not_saved(self, lab, schema, frame):
        with pytest.raises(vt.errors.ValidationError):
            vt.Artifact.from_dataframe(frame, key="samples.parquet", schema=schema).save()
        assert lab.find().total == 0
        assert list((lab.settings.cache).glob("write-*")) == []

    def test_what_was_written_is_checked_too(self, lab, schema, frame, monkeypatch):
        """A writer that loses a column is caught before the artifact is called valid."""
        curator = vt.curators.DataFrameCurator(fill(frame), schema)
        curator.standardize()
        curator.cat.add_new_from("donor")

        def write_without_donor(frame, path):
            frame.drop(columns="donor").to_parquet(path)

        monkeypatch.setattr(table, "write_table", write_without_donor)
        with pytest.raises(vt.errors.ValidationError) as caught:
            curator.save_artifact(key="samples.parquet")
        assert [finding.code for finding in caught.value.findings] == ["column-missing"]
        assert lab.find().total == 0

    def test_a_file_is_checked_and_stored_as_it_is(self, lab, schema, tmp_path):
        path = tmp_path / "samples.csv"
        path.write_text("tissue,donor,age\nlung,d1,3\n")
        with pytest.raises(vt.errors.ValidationError):
            vt.Artifact.from_dataframe(path, schema=schema).save()
        lab.catalog.terms.add([build_label("d1")], created_by="ada")
        artifact = vt.Artifact.from_dataframe(path, schema=schema).save()
        assert artifact.key == "samples.csv"
        assert artifact.cache().read_text() == path.read_text()

    def test_an_artifact_is_labelled_where_it_is(self, lab, schema, frame):
        frame = fill(frame)
        frame["tissue"] = "lung"
        lab.catalog.terms.add([build_label("d1"), build_label("d2")], created_by="ada")
        artifact = vt.Artifact.from_dataframe(frame, key="samples.parquet").save()
        curated = vt.curators.DataFrameCurator(artifact, schema).save_artifact()
        assert curated.uid == artifact.uid
        assert len(lab.catalog.annotations.read([artifact.uid])[artifact.uid].labels) == 3

    def test_an_artifact_whose_object_was_mended_gets_a_new_version(self, lab, schema, frame):
        lab.catalog.terms.add([build_label("d1"), build_label("d2")], created_by="ada")
        artifact = vt.Artifact.from_dataframe(fill(frame), key="samples.parquet").save()
        curator = vt.curators.DataFrameCurator(artifact, schema)
        curator.standardize()
        curated = curator.save_artifact()
        assert (curated.key, curated.version) == ("samples.parquet", "0002")
        assert artifact.load()["tissue"].tolist() == ["lung", "Lung", "lung lobe", "lung"]

    def test_the_same_bytes_are_annotated_once_more(self, lab, schema, tmp_path):
        path = tmp_path / "samples.csv"
        path.write_text("tissue,donor,age\nlung,d1,3\n")
        lab.catalog.terms.add([build_label("d1")], created_by="ada")
        plain = vt.Artifact(path).save()
        curated = vt.Artifact.from_dataframe(path, schema=schema).save()
        assert curated.uid == plain.uid
        assert lab.catalog.annotations.read([plain.uid])[plain.uid].schema_uid == schema.uid


class TestGivenValues:
    def test_values_are_checked_against_their_features_and_kept(self, lab, tmp_path):
        vt.Feature("temperature", float, unit="degC").save()
        vt.Feature("sample_tissue", "cat[Tissue]").save()
        path = tmp_path / "notes.txt"
        path.write_text("x")
        artifact = vt.Artifact(path, features={"temperature": 21.5, "sample_tissue": "lung"}).save()
        found = lab.catalog.annotations.read([artifact.uid])[artifact.uid]
        assert [(one.feature, one.value, one.unit) for one in found.values]  # noqa: PD011 - Annotations are no pandas == [("temperature", 21.5, "degC")]
        assert [(label.feature, label.name) for label in found.labels] == [("sample_tissue", "lung")]

    @pytest.mark.parametrize("features", [{"temperature": "warm"}, {"temprature": 21.5}])
    def test_values_that_do_not_fit_keep_it_out(self, lab, tmp_path, features):
        vt.Feature("temperature", float).save()
        path = tmp_path / "notes.txt"
        path.write_text("x")
        with pytest.raises(vt.errors.InputError):
            vt.Artifact(path, features=features).save()
        assert lab.find().total == 0

    def test_a_schema_may_ask_for_them(self, lab):
        external = vt.Schema([vt.Feature("temperature", float)]).save()
        whole = vt.Schema(slots={"__external__": external}, name="with temperature").save()
        frame = pd.DataFrame({"x": [1]})
        with pytest.raises(vt.errors.ValidationError) as caught:
            vt.Artifact.from_dataframe(frame, key="x.parquet", schema=whole).save()
        assert [finding.code for finding in caught.value.findings] == ["column-missing"]
        artifact = vt.Artifact.from_dataframe(
            frame, key="x.parquet", schema=whole, features={"temperature": 3.5}
        ).save()
        found = lab.catalog.annotations.read([artifact.uid])[artifact.uid]
        assert [(one.feature, one.value) for one in found.values]  # noqa: PD011 - Annotations are no pandas == [("temperature", 3.5)]

    def test_what_an_image_is_labelled_with_is_held_against_a_schema(self, lab, tmp_path):
        image = vt.Schema(
            [vt.Feature("exposure_s", float), vt.Feature("organ", "cat[Tissue.ontology_id]")], name="image"
        ).save()
        tifffile.imwrite(tmp_path / "a.ome.tiff", np.zeros((2, 8, 8), np.uint16), metadata={"axes": "CYX"})
        artifact = vt.Artifact(tmp_path / "a.ome.tiff").save()
        artifact.features.add_values({"exposure_s": 0.5})
        assert [finding.code for finding in lab.curate(artifact.uid, "image").findings] == ["column-missing"]
        artifact.features.add_values({"organ": "UBERON:0002048"})
        checked = lab.curate(artifact.uid, "image")
        assert checked.is_valid
        lab.annotate_checked(lab.show(artifact.uid), checked, "image")
        assert artifact.schema == image


class TestEffort:
    def test_the_number_of_statements_does_not_grow_with_the_rows(self, lab, schema):
        def count(n_rows):
            statements = []

            def note(_connection, _cursor, statement, *_):
                statements.append(statement)

            frame = pd.DataFrame({"tissue": ["lung", "heart"] * n_rows, "donor": ["d1", "d2"] * n_rows, "age": 1})
            event.listen(lab.catalog.database.engine, "before_cursor_execute", note)
            vt.curators.DataFrameCurator(frame, schema).check()
            event.remove(lab.catalog.database.engine, "before_cursor_execute", note)
            return len(statements)

        assert count(1) == count(5_000)

    def test_what_was_found_once_is_not_searched_again_for_the_written_file(self, lab, schema, frame, monkeypatch):
        from vitrina.verbs import vocabulary

        lab.catalog.terms.add([build_label("d1"), build_label("d2")], created_by="ada")
        frame["tissue"] = "lung"
        asked = []

        def note(instance, registry, values, **options):
            asked.append((registry, tuple(values)))
            return resolve_values(instance, registry, values, **options)

        resolve_values = vocabulary.resolve_values
        monkeypatch.setattr(vocabulary, "resolve_values", note)
        vt.Artifact.from_dataframe(frame, key="samples.parquet", schema=schema).save()
        assert [registry for registry, _ in asked] == ["Tissue", "ULabel"]


class TestReadySchemas:
    def test_columns_that_are_features_must_fit_and_others_are_let_be(self, lab):
        vt.Feature("age", int).save()
        frame = pd.DataFrame({"age": [1.5], "note": ["x"]})
        with pytest.raises(vt.errors.ValidationError):
            vt.Artifact.from_dataframe(frame, key="x.parquet", schema="valid_features").save()
        frame["age"] = 2
        artifact = vt.Artifact.from_dataframe(frame, key="x.parquet", schema="valid_features").save()
        schema = vt.Schema.get(lab.catalog.annotations.read([artifact.uid])[artifact.uid].schema_uid)
        assert (schema.name, schema.flexible) == ("valid_features", True)

    def test_genes_must_be_ensembl_ids(self):
        adata = ad.AnnData(
            np.ones((2, 2), np.float32),
            obs=pd.DataFrame({"n": [1, 2]}, index=["a", "b"]),
            var=pd.DataFrame(index=["ENSG00000139618", "BRAF"]),
        )
        with pytest.raises(vt.errors.ValidationError) as caught:
            vt.Artifact.from_anndata(adata, key="x.h5ad", schema="ensembl_gene_ids_and_valid_features_in_obs").save()
        assert "'BRAF'" in str(caught.value)
        assert "'ENSG00000157764'" in str(caught.value)

    def test_an_unknown_name_is_told(self):
        with pytest.raises(vt.errors.NotFoundError):
            vt.Artifact.from_dataframe(pd.DataFrame({"x": [1]}), key="x.parquet", schema="valid_featurs").save()


class TestClasses:
    def test_the_curator_of_another_class_is_refused(self, schema, frame):
        with pytest.raises(vt.errors.InputError) as caught:
            vt.curators.AnnDataCurator(frame, schema)
        assert caught.value.code == "object-type-differs"

    def test_anndata_is_curated_by_its_slots(self, lab):
        adata = ad.AnnData(
            np.ones((3, 2), np.float32),
            obs=pd.DataFrame({"cell_type": pd.Categorical(["T-cell", "B cell", None])}, index=list("abc")),
            var=pd.DataFrame(index=["BRCA2", "ENSG00000157764"]),
        )
        schema = vt.Schema(
            otype="AnnData",
            slots={
                "obs": vt.Schema([vt.Feature("cell_type", "cat[CellType]")]),
                "var.T": vt.Schema(itype="Gene.ensembl_gene_id"),
            },
            name="cells",
        ).save()
        curator = vt.curators.AnnDataCurator(adata, schema)
        assert curator.slots["obs"].cat.non_validated == {"cell_type": ["T-cell"]}
        assert curator.slots["var.T"].cat.non_validated == {"columns": ["BRCA2"]}
        assert curator.standardize() == {
            "obs": {"cell_type": {"T-cell": "T cell"}},
            "var.T": {"columns": {"BRCA2": "ENSG00000139618"}},
        }
        assert adata.obs["cell_type"].cat.categories.tolist() == ["B cell", "T cell"]
        assert adata.var_names.tolist() == ["ENSG00000139618", "ENSG00000157764"]
        artifact = curator.save_artifact(key="cells.h5ad")
        found = lab.catalog.annotations.read([artifact.uid])[artifact.uid]
        assert [label.name for label in found.labels] == ["B cell", "T cell"]  # and no genes
        slots = lab.catalog.schemas.find(uid for _, uid in found.slots)
        assert {schema.itype for schema in slots.values()} == {None, "Gene.ensembl_gene_id"}

    def test_mudata_is_curated_by_its_modalities(self, lab):
        from mudata import MuData

        rna = ad.AnnData(
            np.ones((2, 2), np.float32),
            obs=pd.DataFrame({"tissue": ["lung", "Lung"]}, index=["a", "b"]),
            var=pd.DataFrame(index=["g1", "g2"]),
        )
        protein = ad.AnnData(
            np.ones((2, 1), np.float32), obs=pd.DataFrame(index=["a", "b"]), var=pd.DataFrame(index=["p1"])
        )
        with without_format_warnings():
            mdata = MuData({"rna": rna, "protein": protein})
        schema = vt.Schema(
            otype="MuData", slots={"rna:obs": vt.Schema([vt.Feature("tissue", "cat[Tissue]")])}, name="multi"
        ).save()
        curator = vt.curators.MuDataCurator(mdata, schema)
        assert curator.slots["rna:obs"].cat.non_validated == {"tissue": ["Lung"]}
        curator.slots["rna:obs"].standardize()
        artifact = curator.save_artifact(key="multi.h5mu")
        assert artifact.format == "mudata"
        assert [label.name for label in lab.catalog.annotations.read([artifact.uid])[artifact.uid].labels] == ["lung"]
        with without_format_warnings():
            assert list(artifact.load().mod) == ["rna", "protein"]


class TestFolders:
    def test_each_dataset_in_a_folder_becomes_an_artifact(self, tmp_path):
        folder = tmp_path / "run1"
        (folder / "deep").mkdir(parents=True)
        (folder / "a.txt").write_text("a")
        (folder / ".hidden").write_text("h")
        (folder / "deep" / "b.csv").write_text("x,y\n1,2\n")
        ad.AnnData(np.ones((2, 2), np.float32)).write_zarr(folder / "c.zarr")
        artifacts = vt.Artifact.from_dir(folder).save()
        assert [artifact.key for artifact in artifacts] == ["run1/a.txt", "run1/c.zarr", "run1/deep/b.csv"]
        assert [artifact.format for artifact in artifacts] == ["file", "anndata", "table"]

    def test_a_folder_that_is_a_dataset_is_one_artifact(self, tmp_path):
        with without_format_warnings():
            ad.AnnData(np.ones((2, 2), np.float32)).write_zarr(tmp_path / "c.zarr")
        assert [artifact.key for artifact in vt.Artifact.from_dir(tmp_path / "c.zarr", key="x/c.zarr")] == ["x/c.zarr"]


def build_label(name):
    from vitrina.model.term import TermDraft

    return TermDraft(registry="ULabel", name=name)
