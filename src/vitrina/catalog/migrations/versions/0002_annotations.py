"""Terms, features, schemas, labels, values, collections, views, transforms and runs; trash; touched artifacts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(JSONB, "postgresql")


def exact(length: int | None = None) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    create_terms()
    create_features()
    create_annotations()
    create_collections()
    create_lineage()
    extend_artifacts()
    list_by_id()
    extend_instance()


def create_terms() -> None:
    op.create_table(
        "term",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("registry", exact(), nullable=False),
        sa.Column("name", exact(), nullable=False),
        sa.Column("ontology_id", exact()),
        sa.Column("synonyms", JSON_VALUE, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("source", exact()),
        sa.Column("organism", exact()),
        sa.Column("attributes", JSON_VALUE, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_term_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_term"),
        sa.UniqueConstraint("uid", name="uq_term_uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_term_registry_name", "term", ["registry", "name"])
    op.create_index(
        "uq_term_registry_ontology_id",
        "term",
        ["registry", "ontology_id"],
        unique=True,
        sqlite_where=sa.text("ontology_id IS NOT NULL"),
        postgresql_where=sa.text("ontology_id IS NOT NULL"),
    )
    op.create_table(
        "term_name",
        sa.Column("registry", exact(), nullable=False),
        sa.Column("folded", exact(), nullable=False),
        sa.Column("term_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_term_name_term_id"),
        sa.PrimaryKeyConstraint("registry", "folded", "term_id", name="pk_term_name"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_term_name_term_id", "term_name", ["term_id"])
    op.create_table(
        "term_parent",
        sa.Column("term_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("parent_key", exact(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_term_parent_term_id"),
        sa.PrimaryKeyConstraint("term_id", "parent_key", name="pk_term_parent"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "term_ancestor",
        sa.Column("ancestor_key", exact(), nullable=False),
        sa.Column("term_id", BIG_ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_term_ancestor_term_id"),
        sa.PrimaryKeyConstraint("ancestor_key", "term_id", name="pk_term_ancestor"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_term_ancestor_term_id", "term_ancestor", ["term_id"])


def create_features() -> None:
    op.create_table(
        "feature",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("name", exact(), nullable=False),
        sa.Column("dtype", exact(), nullable=False),
        sa.Column("unit", exact()),
        sa.Column("description", sa.Text),
        sa.Column("synonyms", JSON_VALUE, nullable=False),
        sa.Column("is_nullable", sa.Boolean, nullable=False),
        sa.Column("default", JSON_VALUE),
        sa.Column("is_coerced", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_feature_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_feature"),
        sa.UniqueConstraint("name", name="uq_feature_name"),
        sa.UniqueConstraint("uid", name="uq_feature_uid"),
    )
    op.create_table(
        "schema",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("name", exact()),
        sa.Column("description", sa.Text),
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("index_id", BIG_ID),
        sa.Column("itype", exact()),
        sa.Column("dtype", exact()),
        sa.Column("otype", exact()),
        sa.Column("is_minimal", sa.Boolean, nullable=False),
        sa.Column("is_maximal", sa.Boolean, nullable=False),
        sa.Column("is_ordered", sa.Boolean, nullable=False),
        sa.Column("is_flexible", sa.Boolean, nullable=False),
        sa.Column("is_coerced", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_schema_created_by_id"),
        sa.ForeignKeyConstraint(["index_id"], ["feature.id"], name="fk_schema_index_id"),
        sa.PrimaryKeyConstraint("id", name="pk_schema"),
        sa.UniqueConstraint("hash", name="uq_schema_hash"),
        sa.UniqueConstraint("name", name="uq_schema_name"),
        sa.UniqueConstraint("uid", name="uq_schema_uid"),
    )
    op.create_table(
        "schema_member",
        sa.Column("schema_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("feature_id", BIG_ID, nullable=False),
        sa.Column("is_optional", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_schema_member_feature_id"),
        sa.ForeignKeyConstraint(["schema_id"], ["schema.id"], name="fk_schema_member_schema_id"),
        sa.PrimaryKeyConstraint("schema_id", "position", name="pk_schema_member"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_schema_member_feature_id", "schema_member", ["feature_id"])
    op.create_table(
        "schema_slot",
        sa.Column("schema_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("slot", exact(), nullable=False),
        sa.Column("component_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["component_id"], ["schema.id"], name="fk_schema_slot_component_id"),
        sa.ForeignKeyConstraint(["schema_id"], ["schema.id"], name="fk_schema_slot_schema_id"),
        sa.PrimaryKeyConstraint("schema_id", "slot", name="pk_schema_slot"),
        sqlite_with_rowid=False,
    )


def create_annotations() -> None:
    op.create_table(
        "artifact_label",
        sa.Column("term_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("artifact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("feature_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_label_artifact_id"),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_artifact_label_term_id"),
        sa.PrimaryKeyConstraint("term_id", "artifact_id", "feature_id", name="pk_artifact_label"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_artifact_label_artifact_id", "artifact_label", ["artifact_id"])
    op.create_table(
        "artifact_value",
        sa.Column("artifact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("feature_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("value", JSON_VALUE, nullable=False),
        sa.Column("number", sa.Float(53)),
        sa.Column("text", exact()),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_value_artifact_id"),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name="fk_artifact_value_feature_id"),
        sa.PrimaryKeyConstraint("artifact_id", "feature_id", name="pk_artifact_value"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_artifact_value_feature_id_number", "artifact_value", ["feature_id", "number"])
    op.create_index("ix_artifact_value_feature_id_text", "artifact_value", ["feature_id", "text"])
    op.create_table(
        "artifact_slot",
        sa.Column("artifact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("slot", exact(), nullable=False),
        sa.Column("schema_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_slot_artifact_id"),
        sa.ForeignKeyConstraint(["schema_id"], ["schema.id"], name="fk_artifact_slot_schema_id"),
        sa.PrimaryKeyConstraint("artifact_id", "slot", name="pk_artifact_slot"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_artifact_slot_schema_id", "artifact_slot", ["schema_id"])


def create_collections() -> None:
    op.create_table(
        "collection",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(20), nullable=False),
        sa.Column("family", exact(16), nullable=False),
        sa.Column("version", exact(4), nullable=False),
        sa.Column("key", exact(), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("is_latest", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_collection_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_collection"),
        sa.UniqueConstraint("family", "version", name="uq_collection_family_version"),
        sa.UniqueConstraint("uid", name="uq_collection_uid"),
    )
    op.create_index("ix_collection_hash", "collection", ["hash"])
    op.create_index("ix_collection_key_version", "collection", ["key", "version"])
    op.create_table(
        "collection_artifact",
        sa.Column("collection_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("artifact_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_collection_artifact_artifact_id"),
        sa.ForeignKeyConstraint(["collection_id"], ["collection.id"], name="fk_collection_artifact_collection_id"),
        sa.PrimaryKeyConstraint("collection_id", "position", name="pk_collection_artifact"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_collection_artifact_artifact_id", "collection_artifact", ["artifact_id"])
    op.create_table(
        "view",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("name", exact(), nullable=False),
        sa.Column("subject_uid", exact(20), nullable=False),
        sa.Column("config", JSON_VALUE, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_view_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_view"),
        sa.UniqueConstraint("uid", name="uq_view_uid"),
    )
    op.create_index("ix_view_subject_uid", "view", ["subject_uid"])


def create_lineage() -> None:
    op.create_table(
        "long_text",
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_long_text"),
    )
    op.create_table(
        "transform",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(20), nullable=False),
        sa.Column("family", exact(16), nullable=False),
        sa.Column("version", exact(4), nullable=False),
        sa.Column("key", exact(), nullable=False),
        sa.Column("kind", exact(), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("source_hash", exact(64)),
        sa.Column("reference", exact()),
        sa.Column("git_commit", exact()),
        sa.Column("is_latest", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_transform_created_by_id"),
        sa.ForeignKeyConstraint(["source_hash"], ["long_text.hash"], name="fk_transform_source_hash"),
        sa.PrimaryKeyConstraint("id", name="pk_transform"),
        sa.UniqueConstraint("family", "version", name="uq_transform_family_version"),
        sa.UniqueConstraint("uid", name="uq_transform_uid"),
    )
    op.create_index("ix_transform_key_version", "transform", ["key", "version"])
    op.create_table(
        "run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", exact(16), nullable=False),
        sa.Column("transform_id", BIG_ID, nullable=False),
        sa.Column("parent_id", BIG_ID),
        sa.Column("parameters", JSON_VALUE, nullable=False),
        sa.Column("git_commit", exact()),
        sa.Column("status", exact(), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("environment_hash", exact(64)),
        sa.Column("log_hash", exact(64)),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name="fk_run_created_by_id"),
        sa.ForeignKeyConstraint(["environment_hash"], ["long_text.hash"], name="fk_run_environment_hash"),
        sa.ForeignKeyConstraint(["log_hash"], ["long_text.hash"], name="fk_run_log_hash"),
        sa.ForeignKeyConstraint(["parent_id"], ["run.id"], name="fk_run_parent_id"),
        sa.ForeignKeyConstraint(["transform_id"], ["transform.id"], name="fk_run_transform_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("uid", name="uq_run_uid"),
    )
    op.create_index("ix_run_parent_id", "run", ["parent_id"])
    op.create_index("ix_run_started_at_id", "run", ["started_at", "id"])
    op.create_index("ix_run_transform_id", "run", ["transform_id"])
    op.create_table(
        "run_artifact",
        sa.Column("run_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("artifact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("is_output", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_run_artifact_artifact_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_run_artifact_run_id"),
        sa.PrimaryKeyConstraint("run_id", "artifact_id", "is_output", name="pk_run_artifact"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_artifact_artifact_id_is_output", "run_artifact", ["artifact_id", "is_output"])


def extend_artifacts() -> None:
    op.add_column("artifact", sa.Column("trashed_at", MOMENT))
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(  # in words that both databases know: Alembic adds no constraints on SQLite
        f"ALTER TABLE artifact ADD COLUMN schema_id {integer} CONSTRAINT fk_artifact_schema_id REFERENCES schema (id)"
    )
    op.create_index("ix_artifact_schema_id", "artifact", ["schema_id"])
    op.create_index(
        "ix_artifact_trashed_at",
        "artifact",
        ["trashed_at"],
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "artifact_change",
        sa.Column("change", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("artifact_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("change", "artifact_id", name="pk_artifact_change"),
    )


def list_by_id() -> None:
    """Lists begin with what was added last, so the indexes of latest versions are in the order of ids."""
    only_latest: dict[str, Any] = {
        "sqlite_where": sa.text("is_latest IS 1"),
        "postgresql_where": sa.text("is_latest IS true"),
    }
    for first in ("format", "kind", "created_by_id"):
        op.drop_index(f"ix_artifact_{first}_created_at_id", "artifact")
        op.create_index(f"ix_artifact_{first}_id", "artifact", [first, "id"], **only_latest)
    op.create_index("ix_artifact_id", "artifact", ["id"], **only_latest)


def extend_instance() -> None:
    op.add_column("instance", sa.Column("terms_change", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("instance", sa.Column("settings", JSON_VALUE))
