"""LaminDB's figures. Run by ``catalog.py`` with the Python of LaminDB's environment: ``rows_lamindb.py ROW FOLDER``.

Each call prints its figures as one line of JSON. Without a network LaminDB refuses paths, because it asks its hub about
each; here it is told that the instance is not on the hub, which makes it faster and not slower.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort import FOUR, Cohort, CohortArtifact
from inputs import CATEGORIES, PAGE, SEARCH_TEXT, build_cells, choose_pair, make_apart, write_files, write_folder
from measure import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 10_000
FEATURES = {"Tissue": "tissue", "ExperimentalFactor": "assay", "Disease": "disease", "ULabel": "donor"}
FIELDS = {"Tissue": "tissues", "ExperimentalFactor": "experimental_factors", "Disease": "diseases", "ULabel": "ulabels"}


def open_instance(folder: Path) -> Any:
    """``lamindb``, connected to the instance in a folder, which is made when it is absent."""
    os.environ["LAMIN_SETTINGS_DIR"] = str(folder / "settings")
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    import lamindb_setup

    if not (folder / "storage" / ".lamindb" / "lamin.db").exists():
        lamindb_setup.init(storage=str(folder / "storage"), name=folder.name, modules="bionty")
    lamindb_setup.settings.instance._is_on_hub = False  # noqa: SLF001 (there is no public way)
    import lamindb as ln

    ln.settings.verbosity = "error"
    ln.settings.creation.artifact_silence_missing_run_warning = True
    return ln


def measure_import(folder: Path) -> dict[str, Figure]:
    """Make the instance whose folder ``catalog.py`` imports lamindb in."""
    open_instance(folder / "import")
    return {}


def measure_register(folder: Path) -> dict[str, Figure]:
    """200 files of 1 kB, one by one and as a list."""
    shutil.rmtree(folder / "register", ignore_errors=True)
    ln = open_instance(folder / "register")
    n = 200

    def register_each(files: list[Path]) -> int:
        return len([ln.Artifact(file, key=file.name, run=False).save() for file in files])

    def register_list(files: list[Path]) -> int:
        artifacts = [ln.Artifact(file, key=file.name, run=False) for file in files]
        ln.save(artifacts)
        return len(artifacts)

    def write() -> list[Path]:
        return write_files(folder / "files", n)

    return {
        "add": measure(register_each, repeats=5, n=n, prepare=write),
        "register-bulk": measure(register_list, repeats=5, n=n, prepare=write),
    }


def measure_queries(folder: Path) -> dict[str, Figure]:
    """Questions to 100,000 artifacts with four labels each."""
    cohort = Cohort(100_000, FOUR)
    ln = open_instance(folder / "queries")
    if ln.Artifact.objects.count() < cohort.n_artifacts:
        fill(cohort)
    registries = list_registries()
    pair = choose_pair(cohort)
    chosen = {
        FIELDS[registry]: registries[registry].objects.get(name=f"{registry.lower()} {number}")
        for registry, number in pair
    }

    def find_two() -> Any:
        return ln.Artifact.filter(**chosen).to_dataframe(limit=PAGE)

    def search() -> Any:
        return ln.Artifact.search(SEARCH_TEXT).to_dataframe(limit=PAGE)

    def count_all() -> list[Any]:
        from django.db.models import Count

        return [
            list(registries[name].objects.values("id", "name").annotate(n=Count("artifacts")).order_by("-n"))
            for name in FIELDS
        ]

    total = ln.Artifact.filter(**chosen).count()
    if total != cohort.count_both(*pair):
        raise AssertionError(f"{total} artifacts have both labels, {cohort.count_both(*pair)} should")
    return {
        "two-labels": measure(find_two, repeats=50, warmups=5, answer=lambda page: f"{len(page)} of {total}"),
        "search": measure(search, repeats=20, warmups=2, answer=lambda page: f"{len(page)} shown"),
        "facets": measure(
            count_all,
            repeats=10,
            answer=lambda counts: f"{sum(len([row for row in rows if row['n']]) for rows in counts)} counts",
        ),
    }


def list_registries() -> dict[str, Any]:
    """LaminDB's classes by our names, which are the same."""
    import bionty as bt
    import lamindb as ln

    return {
        "Tissue": bt.Tissue,
        "ExperimentalFactor": bt.ExperimentalFactor,
        "Disease": bt.Disease,
        "ULabel": ln.ULabel,
    }


def fill(cohort: Cohort) -> None:
    """Terms, artifacts and labels, straight into the tables: by its own way in, LaminDB would need many minutes."""
    import lamindb as ln
    from django.db import transaction

    registries = list_registries()
    user = ln.User.objects.first()
    links = {}
    terms: dict[tuple[str, int], Any] = {}
    for name, registry in registries.items():
        feature = ln.Feature(name=FEATURES[name], dtype=registry).save()
        module = "lamindb" if name == "ULabel" else "bionty"
        links[name] = (f"{module}_artifact{name.lower()}", f"{name.lower()}_id", feature.id)
    with transaction.atomic():
        for term in cohort.list_terms():
            row = registries[term.registry](name=term.name, _skip_validation=True)
            row.created_by = user
            terms[term.registry, term.number] = row
        for name, registry in registries.items():
            registry.objects.bulk_create([row for (of, _), row in terms.items() if of == name], batch_size=BATCH)
        ids = {key: row.id for key, row in terms.items()}
        for artifacts in batched(cohort.list_artifacts(), BATCH):
            write_artifacts(artifacts, ids, links)


def write_artifacts(
    artifacts: tuple[CohortArtifact, ...],
    terms: dict[tuple[str, int], int],
    links: dict[str, tuple[str, str, int]],
) -> None:
    """A batch of artifacts with their labels; storage, user, branch and space are the first ones."""
    from django.db import connection

    moment = "2026-01-01 00:00:00"
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM lamindb_artifact")
        first = cursor.fetchone()[0] + 1
        cursor.executemany(
            "INSERT INTO lamindb_artifact (id, uid, key, description, suffix, kind, otype, size, hash, _hash_type, "
            "_key_is_virtual, _overwrite_versions, is_latest, is_locked, created_at, updated_at, branch_id, "
            "created_on_id, space_id, storage_id, created_by_id) VALUES (%s, %s, %s, %s, '.h5ad', 'dataset', "
            "'AnnData', 1000000, %s, 'md5', 1, 0, 1, 0, %s, %s, 1, 1, 1, 1, 1)",
            [
                (first + place, uid, artifact.key, artifact.description, uid, moment, moment)
                for place, artifact in enumerate(artifacts)
                for uid in (f"{artifact.number:016d}0000",)
            ],
        )
        for column, (name, (table, term_column, feature_id)) in enumerate(links.items()):
            cursor.executemany(
                f"INSERT INTO {table} (created_at, artifact_id, {term_column}, feature_id, created_by_id) "  # noqa: S608
                "VALUES (%s, %s, %s, %s, 1)",
                [
                    (moment, first + place, terms[name, artifact.terms[column]], feature_id)
                    for place, artifact in enumerate(artifacts)
                ],
            )


def measure_folder(folder: Path) -> dict[str, Figure]:
    """A folder of 200 MB in 1,600 files."""
    apart = make_apart(folder / "folder")
    ln = open_instance(apart / "instance")
    turns = iter(range(1_000))

    def write() -> tuple[Path, int]:
        turn = next(turns)
        return write_folder(apart / "scan", turn), turn

    def save(source: tuple[Path, int]) -> str:
        artifact = ln.Artifact(source[0], key=f"scan-{source[1]}", run=False).save()
        return f"{artifact.n_files} files"

    figure = measure(save, repeats=5, prepare=write)
    shutil.rmtree(apart)  # its copies of the folder fill the disk
    return {"folder": figure}


def measure_validate(folder: Path) -> dict[str, Figure]:
    """150,000 cells by 400 genes with five columns of categories."""
    ln = open_instance(folder / "validate")
    registries = list_registries() | {"Batch": ln.ULabel}
    classes = dict(zip(CATEGORIES, registries.values(), strict=True))
    features = []
    for name, n_categories in CATEGORIES.items():
        if ln.Feature.filter(name=name).one_or_none() is None:
            ln.Feature(name=name, dtype=classes[name], coerce=True).save()
            terms = [classes[name](name=f"{name} {number}", _skip_validation=True) for number in range(n_categories)]
            ln.save(terms)
        features.append(ln.Feature.get(name=name))
    obs = ln.Schema(features, name="five columns").save()
    schema = ln.Schema(name="cells of five columns", otype="AnnData", slots={"obs": obs}).save()

    def validate(cells: Any) -> str:
        ln.curators.AnnDataCurator(cells, schema).validate()
        return "valid"

    return {
        "validate": measure(validate, repeats=7, prepare=lambda: build_cells(as_objects=False)),
        "validate-objects": measure(validate, repeats=3, prepare=lambda: build_cells(as_objects=True)),
    }


def measure_describe(folder: Path) -> dict[str, Figure]:
    """An AnnData with labels, looked up by its key and described."""
    ln = open_instance(folder / "describe")
    registries = list_registries()
    if ln.Artifact.filter(key="cells.h5ad").one_or_none() is None:
        ln.Artifact.from_anndata(build_cells(as_objects=False)[:1000].copy(), key="cells.h5ad", run=False).save()
        artifact = ln.Artifact.get(key="cells.h5ad")
        for name, field in FIELDS.items():
            term = registries[name](name=f"{name.lower()} 1").save()
            getattr(artifact, field).add(term)

    def describe() -> str:
        return ln.Artifact.get(key="cells.h5ad").describe(return_str=True)

    return {"describe": measure(describe, repeats=20, warmups=3, answer=lambda text: f"{len(text.splitlines())} lines")}


ROWS: dict[str, Callable[[Path], dict[str, Figure]]] = {
    "import": measure_import,
    "register": measure_register,
    "queries": measure_queries,
    "folder": measure_folder,
    "validate": measure_validate,
    "describe": measure_describe,
}

if __name__ == "__main__":
    figures = ROWS[sys.argv[1]](Path(sys.argv[2]).resolve())
    print(json.dumps({name: figure.to_json() for name, figure in figures.items()}))
