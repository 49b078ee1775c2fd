"""Our figures. Run by ``catalog.py`` in a process of its own: ``rows_vitrina.py ROW FOLDER``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort import FIVE, FOUR, Cohort
from inputs import CATEGORIES, PAGE, SEARCH_TEXT, build_cells, choose_pair, make_apart, write_files, write_folder
from measure import Figure, measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.catalog.catalog import Catalog
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import ArtifactDraft
    from vitrina.verbs.instance import Instance

AUTHOR = "bench"
BATCH = 5_000
WRITES_PER_SECOND = 50
ALIASES = {
    "Tissue": "tissue",
    "CellType": "cell_type",
    "Disease": "disease",
    "ExperimentalFactor": "assay",
    "Organism": "organism",
    "ULabel": "ulabel",
}


def open_instance(folder: Path) -> Instance:
    """A new instance in a folder, in place of the one that was there."""
    from vitrina.verbs.connect import open_instance as open_there
    from vitrina.verbs.init import init

    shutil.rmtree(folder, ignore_errors=True)
    init(folder)
    return open_there(folder)


def measure_register(folder: Path) -> dict[str, Figure]:
    """Files of 1 kB: one by one with their bytes copied; and the catalog's part alone, one by one and in bulk."""
    instance = open_instance(folder / "register")
    n = 200

    def add_each(files: list[Path]) -> int:
        return len([instance.add(file, key=file.name) for file in files])

    def register_each(drafts: list[ArtifactDraft]) -> int:
        return len([instance.catalog.add_artifact(draft) for draft in drafts])

    def register_list(drafts: list[ArtifactDraft]) -> int:
        return len(instance.catalog.add_artifacts(drafts))

    cohort = Cohort(10_000, FOUR)
    turns = iter(range(1_000))

    def reserve() -> list[ArtifactDraft]:
        turn = next(turns)
        keys = [f"{turn}/{artifact.key}" for artifact in cohort.list_artifacts()]
        uids = instance.catalog.reserve_uids(keys)
        return [build_draft(uid, key, None) for uid, key in zip(uids, keys, strict=True)]

    return {
        "add": measure(add_each, repeats=5, n=n, prepare=lambda: write_files(folder / "files", n)),
        "register": measure(register_each, repeats=5, n=1_000, prepare=lambda: reserve()[:1_000]),
        "register-bulk": measure(register_list, repeats=5, n=10_000, prepare=reserve),
    }


def build_draft(uid: str, key: str, description: str | None) -> ArtifactDraft:
    """An artifact whose bytes lie in some storage."""
    from vitrina.model.artifact import ArtifactDraft
    from vitrina.model.content import Content

    return ArtifactDraft(
        uid=uid,
        key=key,
        description=description,
        kind="dataset",
        hash=f"{uid:0<64}",
        size_bytes=1_000_000,
        n_files=1,
        storage_url="file:///data",
        storage_key=f"{uid}/{key.rsplit('/', 1)[-1]}",
        is_folder=False,
        created_by=AUTHOR,
        content=Content(format="anndata"),
    )


def fill(catalog: Catalog, cohort: Cohort) -> float:
    """Terms with their hierarchy, and artifacts with their labels, by our bulk registration; seconds of the latter."""
    from vitrina.model.annotation import AnnotationsDraft, LabelDraft
    from vitrina.model.term import TermDraft

    terms: dict[tuple[str, int], str] = {}
    drafts = [
        TermDraft(
            registry=term.registry,
            name=term.name,
            ontology_id=f"BENCH:{term.registry}{term.number}",
            parent_ids=() if term.parent is None else (f"BENCH:{term.registry}{term.parent}",),
        )
        for term in cohort.list_terms()
    ]
    for term, made in zip(cohort.list_terms(), catalog.terms.add(drafts, created_by=AUTHOR), strict=True):
        terms[term.registry, term.number] = made.uid
    started = time.perf_counter()
    for artifacts in batched(cohort.list_artifacts(), BATCH):
        uids = catalog.reserve_uids([artifact.key for artifact in artifacts])
        annotations: dict[str, AnnotationsDraft] = {}
        for uid, artifact in zip(uids, artifacts, strict=True):
            numbered = zip(cohort.sizes, artifact.terms, strict=True)
            labels = tuple(LabelDraft(term_uid=terms[registry, number]) for registry, number in numbered)
            annotations[uid] = AnnotationsDraft(labels=labels)
        catalog.add_artifacts(
            [
                build_draft(uid, artifact.key, artifact.description)
                for uid, artifact in zip(uids, artifacts, strict=True)
            ],
            annotations,
        )
    return time.perf_counter() - started


def open_filled(url: str, cohort: Cohort) -> Catalog:
    """The catalog with the cohort, filled when it is empty."""
    from vitrina.catalog.open import open_catalog

    catalog = open_catalog(url, keeps_index=True)
    n_there = catalog.count_artifacts()
    if n_there == 0:
        seconds = fill(catalog, cohort)
        print(f"filled {url.partition(':')[0]}: {cohort.n_artifacts / seconds:,.0f}/s with labels", file=sys.stderr)
    elif n_there < cohort.n_artifacts:
        raise AssertionError(f"{n_there} artifacts of {cohort.n_artifacts}: remove the folder and run again")
    return catalog


def measure_queries(folder: Path) -> dict[str, Figure]:
    """Questions to 100,000 artifacts with four labels each."""
    cohort = Cohort(100_000, FOUR)
    folder.mkdir(parents=True, exist_ok=True)
    catalog = open_filled(f"sqlite:///{folder / 'queries.sqlite'}", cohort)
    one, other = choose_pair(cohort)
    where = {ALIASES[registry]: f"{registry.lower()} {number}" for registry, number in (one, other)}

    def find_exact() -> Any:
        return catalog.find_artifacts(where=where, limit=PAGE, is_exact=True)

    def find_below() -> Any:
        return catalog.find_artifacts(where=where, limit=PAGE)

    def search() -> Any:
        return catalog.find_artifacts(SEARCH_TEXT, limit=PAGE)

    def count_all() -> Any:
        return catalog.find_artifacts(facets="all", limit=1)

    total = find_exact().total
    if total != cohort.count_both(one, other):
        raise AssertionError(f"{total} artifacts have both labels, {cohort.count_both(one, other)} should")
    return {
        "two-labels": measure(find_exact, repeats=200, warmups=10, answer=describe_page),
        "two-labels-below": measure(find_below, repeats=200, warmups=10, answer=describe_page),
        "search": measure(search, repeats=50, warmups=5, answer=describe_page),
        "facets": measure(count_all, repeats=50, warmups=5, answer=describe_facets),
    }


def describe_page(page: Any) -> str:
    """How many of how many."""
    return f"{len(page.items)} of {page.total}"


def describe_facets(page: Any) -> str:
    """How many counts, of how many facets."""
    return f"{sum(len(facet) for facet in page.facets.values())} counts of {len(page.facets)} facets"


def measure_million(folder: Path) -> dict[str, Figure]:
    """1,000,000 artifacts with five labels each in SQLite, while another process writes."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"million-sqlite": _measure_million(f"sqlite:///{folder / 'million.sqlite'}")}


def measure_million_postgresql(folder: Path) -> dict[str, Figure]:
    """The same in PostgreSQL, with the settings that it has by default."""
    from postgresql import run_kept_cluster

    with run_kept_cluster(folder / "postgresql") as cluster:
        if not cluster.execute("SELECT 1 FROM pg_database WHERE datname = 'million'"):
            cluster.create_database("million")
        return {"million-postgresql": _measure_million(cluster.get_url("million"))}


def _measure_million(url: str) -> Figure:
    cohort = Cohort(1_000_000, FIVE)
    catalog = open_filled(url, cohort)
    one, other = choose_pair(cohort)
    where = {ALIASES[registry]: f"{registry.lower()} {number}" for registry, number in (one, other)}
    facets = [ALIASES[registry] for registry in FIVE]

    def find() -> Any:
        return catalog.find_artifacts(where=where, limit=PAGE, facets=facets)

    find()  # builds the index
    with subprocess.Popen([sys.executable, __file__, "write", url], stdout=subprocess.PIPE, text=True) as writer:
        try:
            writer.stdout.readline()  # it has begun
            before, started = catalog.count_artifacts(), time.perf_counter()
            figure = measure(find, repeats=400, warmups=20, pause=0.02)
            rate = (catalog.count_artifacts() - before) / (time.perf_counter() - started)
        finally:
            writer.terminate()
    page = find()
    answer = f"{describe_page(page)}, {describe_facets(page)}, {rate:.0f} artifacts/s written meanwhile"
    return Figure(samples=figure.samples, answer=answer, is_valid=rate >= 0.9 * WRITES_PER_SECOND)


def write_steadily(url: str) -> None:
    """Add 50 artifacts a second with five labels each, until this process is ended."""
    from vitrina.catalog.open import open_catalog
    from vitrina.model.annotation import AnnotationsDraft, LabelDraft

    catalog = open_catalog(url)
    cohort = Cohort(10_000, FIVE)
    names = {registry: [f"{registry.lower()} {number}" for number in range(size)] for registry, size in FIVE.items()}
    found = {registry: catalog.terms.find_by_names(registry, listed) for registry, listed in names.items()}
    print("writing", flush=True)
    started, mark = time.perf_counter(), time.time_ns()
    for artifact in cohort.list_artifacts():
        time.sleep(max(0.0, started + artifact.number / WRITES_PER_SECOND - time.perf_counter()))
        numbered = zip(FIVE, artifact.terms, strict=True)
        terms = [found[registry][f"{registry.lower()} {number}"][0] for registry, number in numbered]
        key = f"{mark}/{artifact.key}"
        uid = catalog.reserve_uid(key)
        labels = tuple(LabelDraft(term_uid=term.uid) for term in terms)
        catalog.add_artifact(build_draft(uid, key, artifact.description), AnnotationsDraft(labels=labels))


def measure_folder(folder: Path) -> dict[str, Figure]:
    """A folder of 200 MB in 1,600 files, added with its bytes copied, hashed and synced."""
    apart = make_apart(folder / "folder")
    instance = open_instance(apart / "instance")
    turns = iter(range(1_000))

    def write() -> tuple[Path, int]:
        turn = next(turns)
        return write_folder(apart / "scan", turn), turn

    def add(source: tuple[Path, int]) -> str:
        artifact = instance.add(source[0], key=f"scan-{source[1]}").artifact
        return f"{artifact.n_files} files"

    figure = measure(add, repeats=11, prepare=write)
    shutil.rmtree(apart)  # its copies of the folder fill the disk
    return {"folder": figure}


def measure_validate(folder: Path) -> dict[str, Figure]:
    """150,000 cells by 400 genes with five columns of categories, held against a schema."""
    from vitrina.model.feature import FeatureDraft
    from vitrina.model.schema import SchemaDraft
    from vitrina.model.term import TermDraft

    instance = open_instance(folder / "validate")
    registries = dict(zip(CATEGORIES, ("Tissue", "ExperimentalFactor", "Disease", "ULabel", "ULabel"), strict=True))
    catalog = instance.catalog
    features = []
    for name, n_categories in CATEGORIES.items():
        drafts = [TermDraft(registry=registries[name], name=f"{name} {number}") for number in range(n_categories)]
        catalog.terms.add(drafts, created_by=AUTHOR)
        features.append(catalog.features.add(FeatureDraft(name=name, dtype=f"cat[{registries[name]}]"), AUTHOR))
    obs = catalog.schemas.add(SchemaDraft(feature_uids=tuple(feature.uid for feature in features)), AUTHOR)
    schema = catalog.schemas.add(SchemaDraft(name="cells", otype="AnnData", slots={"obs": obs.uid}), AUTHOR)

    def validate(cells: Any) -> str:
        checked = instance.check_object(cells, schema)
        if not checked.is_valid:
            raise AssertionError(checked.findings)
        return "valid"

    return {
        "validate": measure(validate, repeats=7, prepare=lambda: build_cells(as_objects=False)),
        "validate-objects": measure(validate, repeats=7, prepare=lambda: build_cells(as_objects=True)),
    }


def measure_describe(folder: Path) -> dict[str, Figure]:
    """An AnnData with labels, looked up by its key and described."""
    from vitrina.model.annotation import LabelDraft
    from vitrina.model.term import TermDraft

    instance = open_instance(folder / "describe")
    artifact = instance.add_object(build_cells(as_objects=False)[:1000].copy(), key="cells.h5ad").artifact
    drafts = [TermDraft(registry=registry, name=f"{registry.lower()} 1") for registry in FOUR]
    terms = instance.catalog.terms.add(drafts, created_by=AUTHOR)
    instance.catalog.annotations.add_labels(artifact.uid, [LabelDraft(term_uid=term.uid) for term in terms])

    def describe() -> str:
        return instance.describe_artifact(instance.show("cells.h5ad"))

    return {"describe": measure(describe, repeats=50, warmups=5, answer=lambda text: f"{len(text.splitlines())} lines")}


def measure_import(folder: Path) -> dict[str, Figure]:
    """Make the instance that ``catalog.py`` connects to."""
    open_instance(folder / "import")
    return {}


ROWS: dict[str, Callable[[Path], dict[str, Figure]]] = {
    "import": measure_import,
    "register": measure_register,
    "queries": measure_queries,
    "million": measure_million,
    "million-postgresql": measure_million_postgresql,
    "folder": measure_folder,
    "validate": measure_validate,
    "describe": measure_describe,
}

if __name__ == "__main__":
    if sys.argv[1] == "write":
        write_steadily(sys.argv[2])
    else:
        figures = ROWS[sys.argv[1]](Path(sys.argv[2]).resolve())
        print(json.dumps({name: figure.to_json() for name, figure in figures.items()}))
