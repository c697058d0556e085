"""The ledger of consent: who may append to it, how, and what nobody may do."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from sora_social.core.databases import AppendOnly

# The first bytes of a body say what the columns say; only commitments may follow. No words, no people.
SHAPE = r"""
CREATE FUNCTION cameos_body_start(id bigint, cameo_id bigint, seq integer, previous bytea, at timestamptz, kind text)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT '{"v":1,"id":"' || id || '","cameo_id":"' || cameo_id || '","seq":' || seq
        || ',"previous":"' || encode(previous, 'hex')
        || '","at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","kind":"' || kind || '","commitments":{'
$$;

CREATE FUNCTION cameos_is_well_formed(body text, start text, kind text)
RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT starts_with(body, start) AND kind ~ '^[a-z_]{1,20}$' AND length(body) < 8000
        AND rest ~ '^("[a-z][a-z0-9_]*":"[0-9a-f]{64}",?)*}}$' AND strpos(rest, '""') = 0 AND strpos(rest, ',}') = 0
    FROM substr(body, length(start) + 1) rest
$$;
"""

# A record goes in only as the next one of its cameo, whoever inserts it; then it is the head.
CONTINUE = """
CREATE FUNCTION cameos_lock_head(which bigint) RETURNS cameos_ledgerhead
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head cameos_ledgerhead;
BEGIN
    SELECT * INTO head FROM cameos_ledgerhead h WHERE h.cameo_id = which FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO cameos_ledgerhead (cameo_id, seq, hash) VALUES (which, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT DO NOTHING;
        SELECT * INTO STRICT head FROM cameos_ledgerhead h WHERE h.cameo_id = which FOR UPDATE;
    END IF;
    RETURN head;
END
$$;

CREATE FUNCTION cameos_continue_chain() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head cameos_ledgerhead := cameos_lock_head(NEW.cameo_id);
BEGIN
    IF NEW.seq IS DISTINCT FROM head.seq + 1 OR NEW.previous_hash IS DISTINCT FROM head.hash THEN
        RAISE EXCEPTION 'record % does not continue the ledger of cameo % at %', NEW.id, NEW.cameo_id, head.seq
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.hash IS DISTINCT FROM sha256(convert_to(NEW.body, 'UTF8')) OR NOT cameos_is_well_formed(
        NEW.body, cameos_body_start(NEW.id, NEW.cameo_id, NEW.seq, NEW.previous_hash, NEW.at, NEW.kind), NEW.kind
    ) THEN
        RAISE EXCEPTION 'record % is not what its body says', NEW.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION cameos_move_head() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE cameos_ledgerhead SET seq = NEW.seq, hash = NEW.hash WHERE cameo_id = NEW.cameo_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION cameos_guard_head() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.seq = 0 AND NEW.hash = decode(repeat('00', 32), 'hex') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.cameo_id = OLD.cameo_id AND NEW.seq = OLD.seq + 1 AND EXISTS (
        SELECT 1 FROM cameos_consentrecord r
        WHERE r.cameo_id = NEW.cameo_id AND r.seq = NEW.seq AND r.hash = NEW.hash AND r.previous_hash = OLD.hash
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the head of a ledger moves forward, with its newest record alone'
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER continue_chain BEFORE INSERT ON cameos_consentrecord
FOR EACH ROW EXECUTE FUNCTION cameos_continue_chain();
CREATE TRIGGER move_head AFTER INSERT ON cameos_consentrecord
FOR EACH ROW EXECUTE FUNCTION cameos_move_head();
CREATE TRIGGER guard_head_rows BEFORE INSERT OR UPDATE OR DELETE ON cameos_ledgerhead
FOR EACH ROW EXECUTE FUNCTION cameos_guard_head();
CREATE TRIGGER guard_head_table BEFORE TRUNCATE ON cameos_ledgerhead
FOR EACH STATEMENT EXECUTE FUNCTION cameos_guard_head();
ALTER TABLE cameos_consentrecord ENABLE ALWAYS TRIGGER continue_chain;
ALTER TABLE cameos_consentrecord ENABLE ALWAYS TRIGGER move_head;
ALTER TABLE cameos_ledgerhead ENABLE ALWAYS TRIGGER guard_head_rows;
ALTER TABLE cameos_ledgerhead ENABLE ALWAYS TRIGGER guard_head_table;
"""

# The one way for the application to write: it gives a cameo, a kind and commitments, and nothing else.
APPEND = """
CREATE FUNCTION cameos_append(which bigint, what text, commitments jsonb) RETURNS cameos_consentrecord
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head cameos_ledgerhead := cameos_lock_head(which);
    line cameos_consentrecord;
BEGIN
    line.id := core_next_id();
    line.cameo_id := which;
    line.seq := head.seq + 1;
    line.kind := what;
    line.at := clock_timestamp();
    line.previous_hash := head.hash;
    SELECT cameos_body_start(line.id, which, line.seq, head.hash, line.at, what)
        || coalesce(string_agg(to_json(c.key)::text || ':' || to_json(c.value)::text, ',' ORDER BY c.key COLLATE "C"), '')
        || '}}'
    INTO line.body FROM jsonb_each_text(commitments) c;
    line.hash := sha256(convert_to(line.body, 'UTF8'));
    INSERT INTO cameos_consentrecord SELECT line.*;
    RETURN line;
END
$$;
REVOKE ALL ON FUNCTION cameos_append(bigint, text, jsonb) FROM PUBLIC;
"""

TAKE_APART = """
DROP FUNCTION cameos_append(bigint, text, jsonb);
DROP TRIGGER continue_chain ON cameos_consentrecord;
DROP TRIGGER move_head ON cameos_consentrecord;
DROP TRIGGER guard_head_rows ON cameos_ledgerhead;
DROP TRIGGER guard_head_table ON cameos_ledgerhead;
DROP FUNCTION cameos_guard_head();
DROP FUNCTION cameos_move_head();
DROP FUNCTION cameos_continue_chain();
DROP FUNCTION cameos_lock_head(bigint);
DROP FUNCTION cameos_is_well_formed(text, text, text);
DROP FUNCTION cameos_body_start(bigint, bigint, integer, bytea, timestamptz, text);
"""


def _application() -> str | None:
    """The application's role; None where one role does both, and keeps the rights it has by owning the tables."""
    role: str = settings.DATABASES["default"]["USER"]
    return role if role != settings.DATABASES["owner"]["USER"] else None


def take_rights(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if role := _application():
        name = schema_editor.quote_name(role)
        schema_editor.execute(
            f"""REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON cameos_consentrecord, cameos_ledgerhead FROM {name}, PUBLIC;
            REVOKE UPDATE, TRUNCATE ON cameos_recorddetails FROM {name}, PUBLIC;
            GRANT SELECT ON cameos_consentrecord, cameos_ledgerhead TO {name};
            GRANT EXECUTE ON FUNCTION cameos_append(bigint, text, jsonb) TO {name}"""
        )


def give_rights_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if role := _application():
        name = schema_editor.quote_name(role)
        schema_editor.execute(
            f"""GRANT INSERT, UPDATE, DELETE ON cameos_consentrecord, cameos_ledgerhead, cameos_recorddetails TO {name};
            REVOKE EXECUTE ON FUNCTION cameos_append(bigint, text, jsonb) FROM {name}"""
        )


class Migration(migrations.Migration):
    dependencies = [("cameos", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LedgerAnchor",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=120)),
                ("root", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("tree_size", models.PositiveIntegerField()),
                ("published_at", models.DateTimeField()),
                ("pending", models.TextField(blank=True)),
                ("mailed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AnchoredHead",
            fields=[
                ("cameo_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("seq", models.PositiveIntegerField()),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.RunSQL([SHAPE, CONTINUE, APPEND], TAKE_APART),
        migrations.RunPython(take_rights, give_rights_back),
        AppendOnly("cameos_consentrecord"),
    ]
