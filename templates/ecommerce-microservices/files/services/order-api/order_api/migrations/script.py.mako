"""${message}

Expand first: what the version that is live does must go on working on the schema that this leaves.
What only the old version used goes in a later release (contract).
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
