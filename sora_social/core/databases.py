"""Two roles on one database: `default` is the application's, `owner` migrates.

The application's role can neither create tables nor change the append-only ones: a mistake in the code, or a stranger
who finds a hole in it, cannot rewrite a ledger.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class OwnerMigrates:
    """Migrations run on `owner` alone; reads and writes go to `default`."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"

    def allow_relation(self, obj1: models.Model, obj2: models.Model, **hints: Any) -> bool:
        return True


class NextId(models.Func):
    """A 64-bit, time-ordered id, made by the database: 41 bits of milliseconds since 2025, 22 bits of a sequence."""

    function = "core_next_id"
    arity = 0
    output_field = models.BigIntegerField()


class IdField(models.BigIntegerField):  # type: ignore[type-arg]
    """A primary key that the database fills with `core_next_id()`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(primary_key=True, db_default=NextId(), editable=False)
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("primary_key", "db_default", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs


class AppendOnly(migrations.operations.base.Operation):
    """Guard a table against UPDATE, DELETE and TRUNCATE: no right for the application, a trigger for everybody else.

    The triggers are `ENABLE ALWAYS`, so that replica mode does not skip them.
    """

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The guard is no part of Django's model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = schema_editor.quote_name(self.table)
        application = schema_editor.quote_name(settings.DATABASES["default"]["USER"] or "current_user")
        if settings.DATABASES["default"]["USER"] != settings.DATABASES["owner"]["USER"]:
            schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {application}, PUBLIC")
        schema_editor.execute(
            f"""CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
            CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_rows;
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_table"""
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(f"DROP TRIGGER append_only_rows ON {table}; DROP TRIGGER append_only_table ON {table}")

    def describe(self) -> str:
        return f"Make {self.table} append-only"
