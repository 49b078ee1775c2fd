"""The wiring: an instance with its catalog, its stores and its verbs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from vitrina.errors import StorageError
from vitrina.gateway.chunk_cache import ChunkCache
from vitrina.ontology.reference import Reference
from vitrina.readers.source import open_source
from vitrina.storage.open import open_store
from vitrina.verbs.homes import HOMES, STATIC

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.catalog.catalog import Catalog
    from vitrina.gateway.tree import VirtualTree
    from vitrina.model.artifact import Artifact
    from vitrina.readers.source import Source
    from vitrina.sandbox.sandbox import Sandbox
    from vitrina.settings import Settings
    from vitrina.storage.store import Store
    from vitrina.verbs.add import add, add_object
    from vitrina.verbs.backup import load_backup, save_backup
    from vitrina.verbs.check import check, check_artifact
    from vitrina.verbs.checked_annotations import build_given
    from vitrina.verbs.checkout import checkout
    from vitrina.verbs.collection import (
        add_collection,
        delete_collection,
        get_collection,
        list_collected,
        list_collection_versions,
        list_collections,
        load_collection,
    )
    from vitrina.verbs.convert import convert
    from vitrina.verbs.convert_artifact import convert_artifact
    from vitrina.verbs.curate import add_curated, annotate_checked, check_object, curate
    from vitrina.verbs.delete import delete
    from vitrina.verbs.describe import describe_artifact
    from vitrina.verbs.diff import diff
    from vitrina.verbs.feature import add_feature, find_features, get_feature, list_features, search_features
    from vitrina.verbs.find import find
    from vitrina.verbs.fix import fix
    from vitrina.verbs.fix_artifact import fix_artifact, refuse_registered
    from vitrina.verbs.gc import gc
    from vitrina.verbs.import_lamindb import import_lamindb
    from vitrina.verbs.label import (
        build_annotations,
        label,
        read_annotations,
        read_many_annotations,
        remove_values,
        unlabel,
    )
    from vitrina.verbs.label_plan import plan_labels
    from vitrina.verbs.lineage import draw_lineage, read_lineage
    from vitrina.verbs.list_datasets import list_datasets
    from vitrina.verbs.load import load, open_lazily
    from vitrina.verbs.ontology import import_ontology
    from vitrina.verbs.override import clear_overrides, override, set_overrides
    from vitrina.verbs.restore import restore
    from vitrina.verbs.run import (
        find_runs,
        find_transforms,
        finish_run,
        get_run,
        get_transform,
        read_environment,
        read_log,
        read_source,
        record_inputs,
        record_outputs,
        start_run,
    )
    from vitrina.verbs.saved_view import build_saved_view, find_views, get_saved_view, save_view
    from vitrina.verbs.schema import add_schema, get_schema, list_schemas
    from vitrina.verbs.show import list_files, list_versions, show
    from vitrina.verbs.standardize import add_new_terms, list_known_names, standardize_values
    from vitrina.verbs.term_hierarchy import list_related, set_parents
    from vitrina.verbs.terms import (
        add_terms,
        delete_term,
        find_terms,
        get_reference_term,
        get_term,
        resolve_values,
        update_term,
    )
    from vitrina.verbs.thumbnail import read_thumbnail
    from vitrina.verbs.tiles import build_table_loader, build_tiles
    from vitrina.verbs.verify import verify
    from vitrina.verbs.view import build_view, check_view, find_tree, open_tree

OWN_ONTOLOGIES = "ontologies.sqlite"
"""In the instance's folder: terms that were imported, which count before those that come with Vitrina."""

N_DRAWN_AT_ONCE = 4
"""Thumbnails; each may need a large image in memory."""


class Instance:
    """One Vitrina instance. Thread-safe; doors hold one and call its verbs.

    Args:
        settings: What it is and where its parts lie.
        catalog: The open catalog.
        store: Where new bytes go.
    """

    def __init__(self, settings: Settings, catalog: Catalog, store: Store) -> None:
        self.settings = settings
        self.catalog = catalog
        self.store = store
        self.reference = Reference(own=[settings.folder / OWN_ONTOLOGIES])
        catalog.finder.vocabulary = self.reference
        self.thumbnail_locks = tuple(threading.Lock() for _ in range(N_DRAWN_AT_ONCE))
        self.tree_lock = threading.Lock()
        self.open_trees: OrderedDict[tuple[str, str, int], VirtualTree] = OrderedDict()
        max_bytes = settings.chunk_cache_bytes
        self.chunk_cache = ChunkCache(settings.cache / "chunks", max_bytes) if max_bytes > 0 else None
        self.n_overridden = 0  # counts the overrides of this process, for whoever keeps artifacts in memory
        self._stores = {store.url: store}

    if TYPE_CHECKING:
        add = add
        add_object = add_object
        check = staticmethod(check)
        check_artifact = check_artifact
        convert = staticmethod(convert)
        convert_artifact = convert_artifact
        fix = staticmethod(fix)
        fix_artifact = fix_artifact
        refuse_registered = refuse_registered
        override = override
        set_overrides = set_overrides
        clear_overrides = clear_overrides
        find = find
        show = show
        list_files = list_files
        list_versions = list_versions
        load = load
        describe_artifact = describe_artifact
        open_lazily = open_lazily
        read_thumbnail = read_thumbnail
        build_view = build_view
        check_view = check_view
        find_tree = find_tree
        open_tree = open_tree
        import_lamindb = import_lamindb
        import_ontology = import_ontology
        curate = curate
        check_object = check_object
        add_curated = add_curated
        annotate_checked = annotate_checked
        build_given = build_given
        list_datasets = staticmethod(list_datasets)
        standardize_values = staticmethod(standardize_values)
        add_new_terms = add_new_terms
        list_known_names = list_known_names
        add_feature = add_feature
        get_feature = get_feature
        find_features = find_features
        list_features = list_features
        search_features = search_features
        add_schema = add_schema
        get_schema = get_schema
        list_schemas = list_schemas
        resolve_values = resolve_values
        add_terms = add_terms
        get_term = get_term
        find_terms = find_terms
        get_reference_term = get_reference_term
        update_term = update_term
        delete_term = delete_term
        list_related = list_related
        set_parents = set_parents
        plan_labels = plan_labels
        build_annotations = build_annotations
        label = label
        unlabel = unlabel
        remove_values = remove_values
        read_annotations = read_annotations
        read_many_annotations = read_many_annotations
        start_run = start_run
        finish_run = finish_run
        record_inputs = record_inputs
        record_outputs = record_outputs
        get_run = get_run
        find_runs = find_runs
        read_log = read_log
        read_environment = read_environment
        get_transform = get_transform
        find_transforms = find_transforms
        read_source = read_source
        read_lineage = read_lineage
        draw_lineage = staticmethod(draw_lineage)
        save_view = save_view
        get_saved_view = get_saved_view
        find_views = find_views
        build_saved_view = build_saved_view
        save_backup = save_backup
        load_backup = load_backup
        checkout = checkout
        delete = delete
        restore = restore
        gc = gc
        verify = verify
        diff = diff
        add_collection = add_collection
        get_collection = get_collection
        list_collections = list_collections
        list_collection_versions = list_collection_versions
        list_collected = list_collected
        delete_collection = delete_collection
        load_collection = load_collection
        build_tiles = build_tiles
        build_table_loader = build_table_loader

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where parsers of the files of strangers run."""
        from vitrina.sandbox.sandbox import Sandbox
        from vitrina.verbs.sandboxed import PRELOADED

        return Sandbox(preloaded=PRELOADED)

    def __getattr__(self, name: str) -> Any:
        """A verb, imported when it is first used: most processes need few of them."""
        if name not in HOMES:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        verb = getattr(import_module(f"vitrina.verbs.{HOMES[name]}"), name)
        setattr(type(self), name, staticmethod(verb) if name in STATIC else verb)
        return getattr(self, name)

    def store_for(self, artifact: Artifact) -> Store:
        """The store that holds an artifact's bytes."""
        return self.get_store(artifact.storage_url)

    def get_store(self, url: str) -> Store:
        """The open store with a root URL, opened on first use."""
        store = self._stores.get(url)
        if store is None:
            store = self._stores.setdefault(url, open_store(url))
        return store

    def is_managed(self, artifact: Artifact) -> bool:
        """Whether Vitrina holds the bytes itself; those registered in place belong to the user and may change."""
        return artifact.storage_url == self.store.url

    def get_path(self, artifact: Artifact) -> Path:
        """Where the artifact's bytes lie on this machine.

        Raises:
            StorageError: They are gone, or not on this machine.
        """
        path = self.store_for(artifact).get_local_path(artifact.storage_key)
        if path is None or not path.exists():
            raise StorageError(
                "bytes-missing",
                f"The bytes of {artifact.key} are not at {artifact.storage_url}/{artifact.storage_key}.",
                hint="Restore them there from a backup, or mount the disk that holds them.",
                where=artifact.uid,
            )
        return path

    def get_source(self, artifact: Artifact) -> Source:
        """The artifact as a source for readers.

        Raises:
            StorageError: Its bytes are gone, or not on this machine.
        """
        return open_source(self.get_path(artifact))
