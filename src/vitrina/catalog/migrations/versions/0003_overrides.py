"""What people know better than the files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "artifact_overrides",
        sa.Column("artifact_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("elements", sa.JSON().with_variant(JSONB, "postgresql"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["artifact_id"], ["artifact.id"], name="fk_artifact_overrides_artifact_id"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["user.id"], name="fk_artifact_overrides_changed_by_id"),
        sa.PrimaryKeyConstraint("artifact_id", name="pk_artifact_overrides"),
    )
    op.create_index("ix_artifact_overrides_changed_by_id", "artifact_overrides", ["changed_by_id"])
