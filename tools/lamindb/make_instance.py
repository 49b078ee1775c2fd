"""Make a small, complete LaminDB instance, with the real ``lamindb`` package and without a network.

Run it with the Python of the environment that ``make lamindb-env`` makes::

    build/lamindb-env/bin/python tools/lamindb/make_instance.py DIR

``DIR/storage`` becomes the instance's storage with ``.lamindb/lamin.db`` in it, ``DIR/outside`` a folder of data that
is registered where it lies. Nothing outside of ``DIR`` is written. ``DIR/expected.json`` says what LaminDB itself
answers about the instance: the second implementation that ``vitrina import lamindb`` is tested against.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Make the instance in a folder that is empty or absent."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["LAMIN_SETTINGS_DIR"] = str(folder / "settings")  # not the user's own
    os.chdir(folder)  # lamindb remembers the instance in the working directory
    import lamindb_setup

    lamindb_setup.init(storage=str(folder / "storage"), name="lab", modules="bionty")
    # asks the hub for each path otherwise, and fails without a network
    lamindb_setup.settings.instance._is_on_hub = False  # noqa: SLF001 (there is no public way)
    import lamindb as ln

    ln.settings.verbosity = "error"
    people = make_users()
    terms = make_terms()
    features = make_features()
    runs = make_runs(people)
    schemas = make_schemas(features)
    artifacts = make_artifacts(folder, runs, schemas)
    annotate(artifacts, terms)
    keep_texts(folder, runs)
    make_collections(artifacts, runs, terms)
    damage(artifacts)
    (folder / "expected.json").write_text(json.dumps(list_expected(), indent=1, default=str))


def make_users() -> dict[str, Any]:
    """A second person beside the one who runs this."""
    import lamindb as ln

    ada = ln.User(uid="AdaLvlc1", handle="ada", name="Ada Lovelace")
    ada.save()
    return {"ada": ada}


def make_terms() -> dict[str, Any]:
    """Terms of every registry that labels artifacts, with parents, synonyms and ontology ids."""
    import bionty as bt
    import lamindb as ln

    lung = bt.Tissue(name="lung", ontology_id="UBERON:0002048", synonyms="pulmo|lungs").save()
    left = bt.Tissue(name="left lung", ontology_id="UBERON:0002168").save()
    left.parents.add(lung)
    niche = bt.Tissue(name="tumour niche 7", description="Named by the lab.").save()
    niche.parents.add(lung)
    human = bt.Organism(name="human", ontology_id="NCBITaxon:9606", scientific_name="homo_sapiens").save()
    gene = bt.Gene(
        symbol="EPCAM",
        ensembl_gene_id="ENSG00000119888",
        biotype="protein_coding",
        synonyms="CD326",
        organism=human,
    ).save()
    project = ln.Project(name="Lung atlas", url="https://example.org/atlas", abbr="LA").save()
    pilot = ln.Project(name="Lung atlas pilot").save()
    pilot.parents.add(project)
    donors = ln.ULabel(name="Donor", is_type=True).save()
    batch = ln.ULabel(name="batch", description="Of the sequencer.").save()
    first = ln.ULabel(name="batch 1", reference="LIMS-7", reference_type="LIMS").save()
    first.parents.add(batch)
    return {
        "lung": lung,
        "left lung": left,
        "niche": niche,
        "human": human,
        "gene": gene,
        "adenocarcinoma": bt.Disease(name="lung adenocarcinoma", ontology_id="MONDO:0005061").save(),
        "xenium": bt.ExperimentalFactor(
            name="10x Xenium", ontology_id="EFO:0022615", synonyms="Xenium Spatial Gene Expression"
        ).save(),
        "alveolar": bt.CellType(name="alveolar macrophage", ontology_id="CL:0000583").save(),
        "adult": bt.DevelopmentalStage(name="adult stage", ontology_id="HsapDv:0000087").save(),
        "finnish": bt.Ethnicity(name="Finnish", ontology_id="HANCESTRO:0309").save(),
        "a549": bt.CellLine(name="A549 cell", ontology_id="CVCL_0023").save(),
        "pathway": bt.Pathway(name="apoptotic process", ontology_id="GO:0006915").save(),
        "atlas": project,
        "pilot": pilot,
        "batch 1": first,
        "donor 1": ln.ULabel(name="donor 1", type=donors).save(),
        "donor 2": ln.ULabel(name="donor 2", type=donors).save(),
        "sample": ln.Record(name="sample 1").save(),
    }


def make_features() -> dict[str, Any]:
    """A feature of each kind of dtype."""
    import bionty as bt
    import lamindb as ln

    wanted = [
        ln.Feature(name="tissue", dtype=bt.Tissue),
        ln.Feature(name="assay", dtype=bt.ExperimentalFactor.ontology_id),
        ln.Feature(name="donor", dtype=ln.ULabel, coerce=True),
        ln.Feature(name="donors", dtype=list[ln.ULabel]),
        ln.Feature(name="age", dtype=float, description="At the time of surgery."),
        ln.Feature(name="n_sections", dtype=int, default_value=1),
        ln.Feature(name="note", dtype=str, nullable=False),
        ln.Feature(name="is_ffpe", dtype=bool),
        ln.Feature(name="collected", dtype="date"),
        ln.Feature(name="scanned", dtype="datetime"),
        ln.Feature(name="settings", dtype=dict),
        ln.Feature(name="sample", dtype=ln.Record),
    ]
    features = {feature.name: feature for feature in wanted}
    features["tissue"].synonyms = "organ|body part"  # the constructor names these arguments and refuses them
    features["age"].unit = "year"
    return {name: feature.save() for name, feature in features.items()}


def make_runs(people: dict[str, Any]) -> dict[str, Any]:
    """Two versions of a script, a pipeline; runs that ended well, badly, and never."""
    import lamindb as ln

    first = ln.Transform(key="clean.py", kind="script", source_code="print('clean')\n").save()
    second = ln.Transform(
        key="clean.py",
        kind="script",
        source_code="print('cleaner')\n",
        description="Clean the table",
        reference="https://example.org/clean.py",
        reference_type="url",
        revises=first,
    ).save()
    segment = ln.Transform(key="segment", kind="pipeline").save()
    started = dt.datetime(2025, 3, 1, 9, 30, tzinfo=dt.UTC)
    runs = {
        "old": ln.Run(first).save(),
        "new": ln.Run(second, params={"threshold": 0.5, "channels": ["DAPI", "CD45"]}).save(),
        "failed": ln.Run(segment).save(),
        "running": ln.Run(segment).save(),
    }
    for name, status, minutes in (("old", "completed", 3), ("new", "completed", 5), ("failed", "errored", 1)):
        runs[name].started_at = started
        runs[name].finished_at = started + dt.timedelta(minutes=minutes)
        runs[name]._status_code = {"completed": 0, "errored": 1}[status]  # noqa: SLF001 (what `ln.finish` sets)
    runs["failed"].created_by = people["ada"]
    runs["failed"].initiated_by_run = runs["new"]
    for run in runs.values():
        run.save()
    return runs


def make_schemas(features: dict[str, Any]) -> dict[str, Any]:
    """A schema with an index and an optional member, and one of slots."""
    import bionty as bt
    import lamindb as ln

    table = ln.Schema(
        [features["tissue"], features["donor"], features["age"].with_config(optional=True)],
        name="sections",
        description="One row per section.",
        index=ln.Feature(name="section", dtype=str).save(),
        otype="DataFrame",
        maximal_set=True,
        coerce=True,
    ).save()
    obs = ln.Schema([features["tissue"], features["donor"]], name="cells", flexible=True).save()
    var = ln.Schema(itype=bt.Gene.symbol, dtype=int).save()
    return {
        "table": table,
        "anndata": ln.Schema(name="cells by genes", otype="AnnData", slots={"obs": obs, "var.T": var}).save(),
        "obs only": ln.Schema(name="cells only", otype="AnnData", slots={"obs": obs}).save(),
    }


def make_artifacts(folder: Path, runs: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Tables, AnnData, folders and files: versions, keys of all kinds, in and outside of the storage."""
    import anndata
    import lamindb as ln
    import numpy as np
    import pandas as pd

    sections = pd.DataFrame(
        {
            "tissue": pd.Categorical(["lung", "left lung", "lung"]),
            "donor": pd.Categorical(["donor 1", "donor 2", "donor 1"]),
            "age": [61.5, 48.0, 61.5],
        },
        index=pd.Index(["s1", "s2", "s3"], name="section"),
    )
    raw = ln.Artifact.from_dataframe(sections[["age"]], key="tables/raw.parquet", run=False).save()
    runs["old"].input_artifacts.add(raw)
    runs["new"].input_artifacts.add(raw)
    made = {"raw": raw}
    for number, run in ((1, runs["old"]), (2, runs["new"]), (3, runs["new"])):
        made[f"table {number}"] = ln.Artifact.from_dataframe(
            sections.assign(age=[60.0 + number, 48.0, 61.5]),
            key="tables/sections.parquet",
            description=f"Version {number} of the sections",
            schema=schemas["table"],
            run=run,
        ).save()
    cells = anndata.AnnData(
        np.arange(12, dtype="float32").reshape(4, 3),
        obs=pd.DataFrame(
            {
                "tissue": pd.Categorical(["lung"] * 4),
                "donor": pd.Categorical(["donor 1", "donor 1", "donor 2", "donor 2"]),
            },
            index=[f"cell{i}" for i in range(4)],
        ),
        var=pd.DataFrame(index=["EPCAM", "KRT8", "CD68"]),
    )
    runs["failed"].input_artifacts.add(made["table 3"])
    made["cells"] = ln.Artifact.from_anndata(
        cells, key="cells.h5ad", schema=schemas["obs only"], run=runs["failed"]
    ).save()
    return made | make_paths(folder, runs)


def make_paths(folder: Path, runs: dict[str, Any]) -> dict[str, Any]:
    """Artifacts made of paths."""
    import lamindb as ln

    made = {}
    tree = folder / "input" / "scan"
    for number, pixels in ((1, b"old"), (2, b"newer")):
        (tree / "tiles").mkdir(parents=True, exist_ok=True)
        (tree / "tiles" / "0.raw").write_bytes(pixels)
        (tree / "meta.json").write_text('{"tiles": 1}')
        options = {"overwrite_versions": False} if number == 1 else {}
        made[f"kept folder {number}"] = ln.Artifact(
            tree, key="scans/kept", description=f"Scan {number}", run=False, **options
        ).save()
    for number, pixels in ((1, b"lost"), (2, b"here")):
        (tree / "tiles" / "0.raw").write_bytes(pixels)
        made[f"folder {number}"] = ln.Artifact(tree, key="scans/one", run=False).save()
    file = folder / "input" / "notes.txt"
    file.write_text("No key was given.\n")
    made["no key"] = ln.Artifact(file, description="Notes without a key", run=False).save()
    file.write_text("Stored under its key.\n")
    made["real key"] = ln.Artifact(file, key="real/notes.txt", key_is_virtual=False, run=False).save()
    file.write_text("weights")
    made["model"] = ln.Artifact(file, key="model.txt", kind="model", run=runs["new"]).save()
    made["same bytes"] = ln.Artifact(file, key="copy.txt", skip_hash_lookup=True, run=False).save()
    file.write_text("to be trashed")
    made["trashed"] = ln.Artifact(file, key="old/trashed.txt", run=False).save()
    file.write_text("to be lost")
    made["lost"] = ln.Artifact(file, key="lost.txt", run=False).save()
    outside = folder / "outside"
    (outside / "xenium").mkdir(parents=True)
    (outside / "xenium" / "cells.csv").write_text("cell,x,y\n1,0.5,0.25\n")
    ln.Storage(root=str(outside)).save()
    made["in place"] = ln.Artifact(outside / "xenium" / "cells.csv", run=False).save()
    return made


def annotate(artifacts: dict[str, Any], terms: dict[str, Any]) -> None:
    """Labels with and without a feature, and values of each dtype."""
    cells = artifacts["cells"]
    for registry, name in (
        ("organisms", "human"),
        ("diseases", "adenocarcinoma"),
        ("cell_types", "alveolar"),
        ("developmental_stages", "adult"),
        ("ethnicities", "finnish"),
        ("cell_lines", "a549"),
        ("tissues", "niche"),
        ("genes", "gene"),
        ("pathways", "pathway"),
        ("projects", "atlas"),
        ("ulabels", "batch 1"),
    ):
        getattr(cells, registry).add(terms[name])
    cells.features.add_values(
        {
            "assay": "EFO:0022615",
            "sample": "sample 1",
            "donors": ["donor 1", "donor 2"],
            "age": 61.5,
            "n_sections": 3,
            "note": "Fixed overnight; µm are right.",
            "is_ffpe": True,
            "collected": dt.date(2024, 2, 29),
            "scanned": dt.datetime(2024, 3, 1, 8, 15, 30),  # noqa: DTZ001 (lamindb takes naive ones)
            "settings": {"lens": "20x", "z": [1, 2.5, None]},
        }
    )
    artifacts["in place"].projects.add(terms["pilot"])
    artifacts["in place"].features.add_values({"age": 48.0, "tissue": "left lung"})
    artifacts["table 3"].features.add_values({"n_sections": 3})


def keep_texts(folder: Path, runs: dict[str, Any]) -> None:
    """The environment and the log of a run, as `ln.track` and `ln.finish` keep them."""
    import lamindb as ln

    for name, text in (("environment", "numpy==2.2.0\npandas==2.3.3\n"), ("report", "3 sections cleaned\n")):
        file = folder / "input" / f"{name}.txt"
        file.write_text(text)
        description = f"{name} of run {runs['new'].uid}"
        kept = ln.Artifact(file, description=description, kind="__lamindb_run__", run=False).save()
        setattr(runs["new"], name, kept)
    runs["new"].save()


def make_collections(artifacts: dict[str, Any], runs: dict[str, Any], terms: dict[str, Any]) -> None:
    """Two versions of a collection."""
    import lamindb as ln

    first = ln.Collection(
        [artifacts["cells"], artifacts["table 2"]], key="cohort", description="The first patients", run=runs["new"]
    ).save()
    second = ln.Collection(
        [artifacts["cells"], artifacts["table 3"], artifacts["in place"]], key="cohort", revises=first, run=False
    ).save()
    second.ulabels.add(terms["batch 1"])


def damage(artifacts: dict[str, Any]) -> None:
    """What happens to instances in real life: an artifact in the trash, and bytes that are gone."""
    artifacts["trashed"].delete(permanent=False)
    artifacts["lost"].path.unlink()


def list_expected() -> dict[str, Any]:
    """What lamindb itself says of the instance."""
    import lamindb as ln

    artifacts = ln.Artifact.objects.all().order_by("id")
    return {
        "artifacts": [
            {
                "uid": artifact.uid,
                "key": artifact.key,
                "description": artifact.description,
                "kind": artifact.kind,
                "path": str(artifact.path),
                "size": artifact.size,
                "is_latest": artifact.is_latest,
                "is_trashed": artifact.branch_id == -1,
                "created_at": artifact.created_at.isoformat(),
                "created_by": artifact.created_by.handle,
                "run": artifact.run.uid if artifact.run else None,
                "schema": artifact.schema.name if artifact.schema else None,
                "labels": list_labels(artifact),
                "values": {} if artifact.branch_id == -1 else artifact.features.get_values(external_only=True),
            }
            for artifact in artifacts
        ],
        "collections": [
            {
                "uid": collection.uid,
                "key": collection.key,
                "artifacts": [artifact.uid for artifact in collection.ordered_artifacts.all()],
            }
            for collection in ln.Collection.objects.all().order_by("id")
        ],
        "runs": [
            {
                "uid": run.uid,
                "transform": run.transform.uid,
                "status": run.status,
                "params": run.params,
                "inputs": sorted(artifact.uid for artifact in run.input_artifacts.all()),
                "outputs": sorted(artifact.uid for artifact in run.output_artifacts.all()),
            }
            for run in ln.Run.objects.all().order_by("id")
        ],
    }


def list_labels(artifact: Any) -> dict[str, list[str]]:
    """Names of an artifact's labels by registry; genes by symbol."""
    found = {}
    for name in (
        *("tissues", "diseases", "experimental_factors", "cell_types", "developmental_stages", "ethnicities"),
        *("cell_lines", "organisms", "genes", "ulabels", "projects", "records", "pathways"),
    ):
        labels = sorted({getattr(label, "symbol", None) or label.name for label in getattr(artifact, name).all()})
        if labels:
            found[name] = labels
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
