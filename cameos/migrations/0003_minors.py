"""Minors, in the database: no cameo under 13, none for everyone under 18, whoever writes and by whatever tool."""

from django.db import migrations

GUARD = """
-- How old the owner is, is asked under a lock: a birthday that is edited in the same moment waits, or is waited for.
CREATE FUNCTION cameos_guard_minors() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    born date;
    is_begun boolean := TG_OP = 'INSERT' OR NEW.owner_id IS DISTINCT FROM OLD.owner_id;
BEGIN
    IF NEW.status = 'erased' THEN
        RETURN NEW;
    END IF;
    SELECT birthday INTO born FROM accounts_user WHERE id = NEW.owner_id FOR SHARE;
    IF born > (CURRENT_DATE - interval '13 years')::date AND (
        is_begun OR NEW.audience <> 'only_me'
        OR (NEW.status IS DISTINCT FROM OLD.status AND NEW.status <> 'rejected')
        OR NEW.in_force_until > coalesce(OLD.in_force_until, '-infinity')
    ) THEN
        RAISE EXCEPTION 'nobody under 13 has a cameo' USING ERRCODE = 'check_violation', CONSTRAINT = 'no_cameo_under_13';
    END IF;
    IF born > (CURRENT_DATE - interval '18 years')::date AND NEW.audience = 'everyone' THEN
        RAISE EXCEPTION 'no cameo of a minor is for everyone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'minors_are_not_for_everyone';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION cameos_follow_birthday() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.birthday > (CURRENT_DATE - interval '13 years')::date THEN
        UPDATE cameos_cameo
        SET audience = 'only_me', epoch = epoch + 1, in_force_from = epoch + 1, version = version + 1,
            terms_version = terms_version + 1,
            in_force_until = CASE WHEN in_force_until > now() THEN now() ELSE in_force_until END
        WHERE owner_id = NEW.id AND status <> 'erased';
    ELSIF NEW.birthday > (CURRENT_DATE - interval '18 years')::date THEN
        UPDATE cameos_cameo SET audience = 'only_me', version = version + 1, terms_version = terms_version + 1
        WHERE owner_id = NEW.id AND status <> 'erased' AND audience = 'everyone';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER guard_minors BEFORE INSERT OR UPDATE OF owner_id, audience, status, in_force_until ON cameos_cameo
FOR EACH ROW EXECUTE FUNCTION cameos_guard_minors();
CREATE TRIGGER cameos_follow_birthday AFTER UPDATE OF birthday ON accounts_user
FOR EACH ROW WHEN (NEW.birthday IS DISTINCT FROM OLD.birthday) EXECUTE FUNCTION cameos_follow_birthday();
ALTER TABLE cameos_cameo ENABLE ALWAYS TRIGGER guard_minors;
ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER cameos_follow_birthday;
"""

TAKE_APART = """
DROP TRIGGER cameos_follow_birthday ON accounts_user;
DROP TRIGGER guard_minors ON cameos_cameo;
DROP FUNCTION cameos_follow_birthday();
DROP FUNCTION cameos_guard_minors();
"""


class Migration(migrations.Migration):
    dependencies = [("cameos", "0002_ledger"), ("accounts", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, TAKE_APART)]
