"""The functions that every other table relies on."""

from django.db import migrations

NEXT_ID = """
CREATE SEQUENCE core_id_seq;
CREATE FUNCTION core_next_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000) << 22)
         | (nextval('core_id_seq') & 4194303)
$$;
"""

REFUSE_CHANGE = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(NEXT_ID, "DROP FUNCTION core_next_id; DROP SEQUENCE core_id_seq"),
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION core_refuse_change"),
    ]
