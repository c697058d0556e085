"""What was taken back stays so, in the database: whoever restores, imports or edits rows, and by whatever tool."""

from django.db import migrations

GUARD = """
-- A grant stands on a record that is the newest of its cameo: one from a backup stands on an older one.
CREATE FUNCTION cameos_guard_grants() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM cameos_consentrecord record
        JOIN cameos_ledgerhead head ON head.cameo_id = record.cameo_id AND head.seq = record.seq
        WHERE record.id = NEW.record_id AND record.cameo_id = NEW.cameo_id AND record.kind = 'granted'
    ) THEN
        RAISE EXCEPTION 'a grant is new' USING ERRCODE = 'check_violation', CONSTRAINT = 'grants_are_new';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION cameos_guard_appearances() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL OR NEW.epoch > OLD.epoch AND OLD.epoch < (
        SELECT in_force_from FROM cameos_cameo WHERE id = OLD.cameo_id
    ) THEN
        RAISE EXCEPTION 'what was taken back does not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'taken_back_stays';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION cameos_guard_epochs() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.epoch < OLD.epoch OR NEW.in_force_from < OLD.in_force_from THEN
        RAISE EXCEPTION 'epochs only rise' USING ERRCODE = 'check_violation', CONSTRAINT = 'epochs_only_rise';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_grants BEFORE INSERT OR UPDATE ON cameos_grant
FOR EACH ROW EXECUTE FUNCTION cameos_guard_grants();
CREATE TRIGGER guard_appearances BEFORE UPDATE OF withdrawn_at, epoch ON cameos_appearance
FOR EACH ROW EXECUTE FUNCTION cameos_guard_appearances();
CREATE TRIGGER guard_epochs BEFORE UPDATE OF epoch, in_force_from ON cameos_cameo
FOR EACH ROW EXECUTE FUNCTION cameos_guard_epochs();
"""

TAKE_APART = """
DROP TRIGGER guard_epochs ON cameos_cameo;
DROP TRIGGER guard_appearances ON cameos_appearance;
DROP TRIGGER guard_grants ON cameos_grant;
DROP FUNCTION cameos_guard_epochs();
DROP FUNCTION cameos_guard_appearances();
DROP FUNCTION cameos_guard_grants();
"""


class Migration(migrations.Migration):
    dependencies = [("cameos", "0006_castings_newest")]
    operations = [migrations.RunSQL(GUARD, TAKE_APART)]
