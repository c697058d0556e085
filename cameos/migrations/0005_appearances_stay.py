"""Appearances are never deleted: a post whose cast is unknown would be a post that nobody need consent to."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

GUARD = """
CREATE TRIGGER appearances_stay BEFORE DELETE ON cameos_appearance
FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER appearances_stay_all BEFORE TRUNCATE ON cameos_appearance
FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
ALTER TABLE cameos_appearance ENABLE ALWAYS TRIGGER appearances_stay;
ALTER TABLE cameos_appearance ENABLE ALWAYS TRIGGER appearances_stay_all;
"""
UNGUARD = """
DROP TRIGGER appearances_stay ON cameos_appearance;
DROP TRIGGER appearances_stay_all ON cameos_appearance;
"""


def _say(schema_editor: BaseDatabaseSchemaEditor, statement: str) -> None:
    role: str = settings.DATABASES["default"]["USER"]
    if role != settings.DATABASES["owner"]["USER"]:
        schema_editor.execute(statement.format(role=schema_editor.quote_name(role)))


def take_rights(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _say(schema_editor, "REVOKE DELETE, TRUNCATE ON cameos_appearance FROM {role}, PUBLIC")


def give_rights_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _say(schema_editor, "GRANT DELETE ON cameos_appearance TO {role}")


class Migration(migrations.Migration):
    dependencies = [("cameos", "0004_examination_leases")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunPython(take_rights, give_rights_back),
    ]
