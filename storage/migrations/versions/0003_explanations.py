"""What explanations are found by again, and when a budget was used up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, its index and the table."""
    op.add_column("explanations", sa.Column("fingerprint", sa.String(32)))
    op.create_index("ix_explanations_fingerprint", "explanations", ["fingerprint", "id"])
    op.create_table(
        "budget_stops",
        sa.Column("id", RowId, primary_key=True, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("budget", sa.String(16), nullable=False),
        sa.Column("used", sa.Float, nullable=False),
        sa.Column("allowed", sa.Float, nullable=False),
        sa.Column("owed", sa.Integer, nullable=False),
    )
    op.create_index("ix_budget_stops_at", "budget_stops", ["at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("budget_stops")
    op.drop_index("ix_explanations_fingerprint", "explanations")
    op.drop_column("explanations", "fingerprint")
