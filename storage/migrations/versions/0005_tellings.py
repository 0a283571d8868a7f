"""When each output was told something, so that its limit an hour holds across restarts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import RowId, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tellings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("output", sa.String(64), nullable=False),
        sa.Column("told_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tellings"),
    )


def downgrade() -> None:
    """Forget when."""
    op.drop_table("tellings")
