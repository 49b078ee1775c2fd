"""Artifacts with their families of versions, storages and users; the instance with its change number; text search."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from vitrina.model.uid import build_family

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def exact(length: int | None = None) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    create_instance()
    op.create_table(
        "user",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("handle", exact(), nullable=False),
        sa.Column("name", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("uid", name="uq_user_uid"),
        sa.UniqueConstraint("handle", name="uq_user_handle"),
    )
    op.create_table(
        "storage",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("url", exact(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storage"),
        sa.UniqueConstraint("uid", name="uq_storage_uid"),
        sa.UniqueConstraint("url", name="uq_storage_url"),
    )
    op.create_table(
        "family",
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("key", exact(), nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_family"),
        sa.UniqueConstraint("key", name="uq_family_key"),
    )
    create_artifact()
    create_text()


def create_instance() -> None:
    instance = op.create_table(
        "instance",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
        sa.CheckConstraint("id = 1", name="ck_instance_one_row"),
    )
    op.bulk_insert(instance, [{"id": 1, "uid": build_family(), "change": 0, "created_at": datetime.now(UTC)}])


def create_artifact() -> None:
    op.create_table(
        "artifact",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(20), nullable=False),
        sa.Column("family", exact(16), nullable=False),
        sa.Column("version", exact(4), nullable=False),
        sa.Column("key", exact(), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("kind", exact(), nullable=False),
        sa.Column("format", exact(), nullable=False),
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("n_files", sa.BigInteger, nullable=False),
        sa.Column("n_observations", sa.BigInteger),
        sa.Column("storage_id", BIG_ID, nullable=False),
        sa.Column("storage_key", exact(), nullable=False),
        sa.Column("is_folder", sa.Boolean, nullable=False),
        sa.Column("is_latest", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifact"),
        sa.UniqueConstraint("uid", name="uq_artifact_uid"),
        sa.UniqueConstraint("family", "version", name="uq_artifact_family_version"),
        sa.ForeignKeyConstraint(["family"], ["family.uid"], name="fk_artifact_family"),
        sa.ForeignKeyConstraint(["storage_id"], ["storage.id"], name="fk_artifact_storage_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_artifact_created_by_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "artifact_content",
        sa.Column("artifact_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("content", sa.JSON().with_variant(JSONB, "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("artifact_id", name="pk_artifact_content"),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_content_artifact_id"),
    )
    for columns in (["key", "id"], ["size_bytes", "id"], ["hash"], ["storage_id"]):
        op.create_index("_".join(["ix_artifact", *columns]), "artifact", columns)
    for first in ([], ["format"], ["kind"], ["created_by_id"]):
        columns = [*first, "created_at", "id"]
        op.create_index(
            "_".join(["ix_artifact", *columns]),
            "artifact",
            columns,
            sqlite_where=sa.text("is_latest IS 1"),
            postgresql_where=sa.text("is_latest IS true"),
        )


def create_text() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Source: https://www.sqlite.org/fts5.html#prefix_indexes
        op.execute(
            "CREATE VIRTUAL TABLE artifact_text USING fts5("
            "title, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
        )
        return
    op.create_table(
        "artifact_text",
        sa.Column("artifact_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.PrimaryKeyConstraint("artifact_id", name="pk_artifact_text"),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_text_artifact_id"),
    )
    op.create_index("ix_artifact_text_words", "artifact_text", ["words"], postgresql_using="gin")
