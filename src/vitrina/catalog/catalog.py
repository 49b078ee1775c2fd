"""The catalog: which artifacts there are. Records go in and come out; rows stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import batched
from typing import TYPE_CHECKING, Any, Literal, Self

from sqlalchemy import select

from vitrina.catalog.adoption import Adoption
from vitrina.catalog.annotations import ArtifactAnnotations
from vitrina.catalog.bases import Bases
from vitrina.catalog.collections import Collections
from vitrina.catalog.features import Features
from vitrina.catalog.find import N_FACET_VALUES, Finder, build_request
from vitrina.catalog.insert import (
    BATCH,
    get_or_insert_storage,
    get_or_insert_user,
    insert_artifacts,
)
from vitrina.catalog.overrides import ArtifactOverrides
from vitrina.catalog.query import build_select
from vitrina.catalog.records import build_artifact, build_artifacts
from vitrina.catalog.reserve import reserve_uid, reserve_uids
from vitrina.catalog.resolve import resolve
from vitrina.catalog.runs import Runs
from vitrina.catalog.schemas import Schemas
from vitrina.catalog.tables import ArtifactRow, StorageRow, UserRow
from vitrina.catalog.terms import Terms
from vitrina.catalog.trash import Trash
from vitrina.catalog.views import Views
from vitrina.model.expression import And, build_expression
from vitrina.model.finding import Finding
from vitrina.model.storage import Storage
from vitrina.model.user import User
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.catalog.query import Which
    from vitrina.catalog.vocabulary import Vocabulary
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import Artifact, ArtifactDraft
    from vitrina.model.expression import Expression
    from vitrina.model.page import Page


class Catalog:
    """Artifacts, users and storages of one instance. Thread-safe.

    Args:
        database: Where it is kept.
        network_type: File system of a SQLite file that does not lie on this machine.
        vocabulary: Terms that queries may name without their being registered; None for registered ones only.
        keeps_index: Whether queries are answered from an index in memory, for a process that asks many of them.
    """

    def __init__(
        self,
        database: Database,
        *,
        network_type: str | None = None,
        vocabulary: Vocabulary | None = None,
        keeps_index: bool = False,
    ) -> None:
        self.database = database
        self.terms = Terms(database)
        self.annotations = ArtifactAnnotations(database)
        self.overrides = ArtifactOverrides(database)
        self.finder = Finder(database, vocabulary=vocabulary, keeps_index=keeps_index)
        self.features = Features(database)
        self.schemas = Schemas(database)
        self.runs = Runs(database)
        self.views = Views(database)
        self.adoption = Adoption(database)
        self.bases = Bases(database)
        self.collections = Collections(database)
        self.trash = Trash(database)
        self._network_type = network_type

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def check_health(self) -> list[Finding]:
        """What the one who runs the instance should know about its database."""
        if self._network_type is None:
            return []
        message = (
            f"The SQLite catalog lies on a network file system ({self._network_type}), so it uses a rollback journal: "
            "readers wait for writers, and it is only as safe as that file system's locks."
        )
        fix = "Keep the instance folder on a local disk, and the bytes on the network with --storage."
        return [Finding(code="catalog-on-network", severity="warning", path="", message=message, fix=fix)]

    def change_number(self) -> int:
        """Counts the transactions that wrote; the same number means the same catalog."""
        return self.database.read_change()

    def reserve_uid(self, key: str) -> str:
        """The uid of the next version under a key.

        Bytes are stored under the uid before their artifact exists, so it must be known, and be nobody else's, first. A
        family counts the version numbers that were given out: two writers on one key get two numbers of one family, in
        any order, and both succeed. A number that was reserved and never used is a gap that means nothing.

        Raises:
            InputError: The key is malformed.
        """
        check_key(key)
        with self.database.write() as connection:
            return reserve_uid(connection, key)

    def reserve_uids(self, keys: Sequence[str]) -> list[str]:
        """The uids of the next versions under keys, in the same order; a key may come several times.

        Raises:
            InputError: A key is malformed.
        """
        for key in keys:
            check_key(key)
        with self.database.write() as connection:
            return [uid for batch in batched(keys, BATCH) for uid in reserve_uids(connection, batch)]

    def add_artifact(self, draft: ArtifactDraft, annotations: AnnotationsDraft | None = None) -> Artifact:
        """Make an artifact of a draft whose bytes are stored; older versions stop being the latest at the same moment.

        Raises:
            ConflictError: The uid has an artifact already.
            InputError: The uid was not reserved for the key, or a value is not of its feature's dtype.
            NotFoundError: A term, feature or schema of the annotations is not there.
        """
        return self.add_artifacts([draft], {} if annotations is None else {draft.uid: annotations})[0]

    def add_artifacts(
        self, drafts: Sequence[ArtifactDraft], annotations: Mapping[str, AnnotationsDraft] | None = None
    ) -> list[Artifact]:
        """Make artifacts of drafts, all or none.

        Args:
            drafts: In the order in which they are listed later.
            annotations: What is said of them from the beginning, by uid.

        Raises:
            ConflictError: A uid has an artifact already.
            InputError: A uid was not reserved for the key, or a value is not of its feature's dtype.
            NotFoundError: A term, feature or schema of the annotations is not there.
        """
        with self.database.write() as connection:
            return [
                artifact
                for batch in batched(drafts, BATCH)
                for artifact in insert_artifacts(
                    connection, self.database, batch, annotations or {}, self.database.clock()
                )
            ]

    def get_artifact(self, ref: str) -> Artifact:
        """The artifact that a reference means: a key, ``key@0001``, a uid, its family or its beginning.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self.database.read() as connection:
            row = resolve(connection, ref)
        return build_artifact(row)

    def find_artifacts(
        self,
        text: str = "",
        *,
        where: Mapping[str, object] | Expression | None = None,
        order: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        which: Which = "latest",
        is_exact: bool = False,
        facets: Collection[str] | Literal["all"] = (),
        n_facet_values: int = N_FACET_VALUES,
    ) -> Page[Artifact]:
        """A page of the artifacts that match.

        Args:
            text: Words, each of which must begin a word of the key, description, kind, format, labels, or of the names
                of elements, channels and columns.
            where: Fields, features and registries with lookups, ``{"format": "anndata", "tissue": "lung"}``, all of
                which must hold; or an expression. A term is known by its name, synonyms, ontology id or uid, and finds
                what is labelled with one below it too. See ``understand``.
            order: A field, with ``-`` for descending; ``relevance``; None for relevance with a text and what was added
                last without. More than MAX_RANKED hits are not ranked but listed by the order of adding.
            limit: Artifacts per page, 1 to 1000.
            cursor: ``next_cursor`` of the page before.
            which: The latest versions, all versions, or what is in the trash.
            is_exact: Take terms literally, without synonyms and terms below.
            facets: Names of facets to be counted among all hits, or ``all``.
            n_facet_values: The most frequent values of a facet that are given.

        Raises:
            InputError: An unknown name, lookup or order, an impossible value, limit or cursor.
        """
        request = build_request(
            text,
            _build_expression(where),
            order=order,
            limit=limit,
            cursor=cursor,
            which=which,
            is_exact=is_exact,
            facets=facets,
            n_facet_values=n_facet_values,
        )
        return self.finder.find(request)

    def count_artifacts(
        self, *, where: Mapping[str, object] | Expression | None = None, which: Which = "latest"
    ) -> int:
        """The number of artifacts that match; see ``find_artifacts``.

        Raises:
            InputError: An unknown name or lookup, or an impossible value.
        """
        return self.finder.count(_build_expression(where), which)

    def list_versions(self, family: str) -> tuple[Artifact, ...]:
        """All versions of a family, oldest first; empty when there is no such family."""
        with self.database.read() as connection:
            statement = build_select([ArtifactRow.family == family]).order_by(ArtifactRow.version)
            return build_artifacts(connection.execute(statement).all())

    def find_by_hash(self, content_hash: str) -> tuple[Artifact, ...]:
        """All artifacts with the same bytes, newest first."""
        with self.database.read() as connection:
            statement = build_select([ArtifactRow.hash == content_hash]).order_by(ArtifactRow.id.desc())
            return build_artifacts(connection.execute(statement).all())

    def get_or_add_user(self, handle: str) -> User:
        """The user with a handle."""
        statement = select(UserRow.uid, UserRow.handle, UserRow.name).where(UserRow.handle == handle)
        row = self._get_or_add(statement, lambda connection: get_or_insert_user(connection, handle))
        return User(uid=row.uid, handle=row.handle, name=row.name)

    def list_users(self) -> tuple[User, ...]:
        """Everyone who wrote to the instance, by handle."""
        with self.database.read() as connection:
            rows = connection.execute(select(UserRow.uid, UserRow.handle, UserRow.name).order_by(UserRow.handle))
            return tuple(User(uid=row.uid, handle=row.handle, name=row.name) for row in rows)

    def list_storages(self) -> tuple[Storage, ...]:
        """All roots for bytes, by URL."""
        with self.database.read() as connection:
            rows = connection.execute(select(StorageRow.uid, StorageRow.url).order_by(StorageRow.url))
            return tuple(Storage(uid=row.uid, url=row.url) for row in rows)

    def get_or_add_storage(self, url: str) -> Storage:
        """The storage with a URL."""
        statement = select(StorageRow.uid, StorageRow.url).where(StorageRow.url == url)
        row = self._get_or_add(statement, lambda connection: get_or_insert_storage(connection, url))
        return Storage(uid=row.uid, url=row.url)

    def _get_or_add(self, statement: Any, add: Callable[[Connection], object]) -> Any:
        with self.database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is not None:
            return row
        with self.database.write() as connection:
            add(connection)
            return connection.execute(statement).one()


def _build_expression(where: Mapping[str, object] | Expression | None) -> Expression:
    if where is None:
        return And()
    return build_expression(where) if isinstance(where, Mapping) else where
