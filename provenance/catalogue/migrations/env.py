"""What alembic runs: the steps, inside the transaction that `catalogue.migrating` has begun."""

from __future__ import annotations

from alembic import context

from provenance.catalogue.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
