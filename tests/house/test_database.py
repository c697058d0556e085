"""What the database itself keeps: its roles, its append-only tables, its migrations."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from sora_social.accounts.models import User
from sora_social.credits import quota
from sora_social.credits.models import Entry
from sora_social.moderation import auditing
from tests import cast, engines

ROOT = Path(__file__).resolve().parents[2]
OURS = {"core", "media", "accounts", "credits", "challenges", "cameos", "posts", "remix", "studio"}
OURS |= {"feeds", "inbox", "moderation"}
APPEND_ONLY = {"credits_entry", "credits_fee", "moderation_auditentry", "cameos_consentrecord"}
APPEND_ONLY |= {"studio_templateversion"}
ROLES = {"application": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}


@pytest.mark.django_db(databases=["default", "owner"])
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_migration_says_how_to_go_back():
    loader = MigrationLoader(None)
    stuck = [
        f"{app}.{name}: {operation.describe()}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in OURS
        for operation in migration.operations
        if not operation.reversible
    ]
    assert stuck == []


def test_migrations_go_back_and_forth():
    """To nothing and up again, as the owner, in a database of its own."""
    name = f"{engines.DATABASE}_migrations"
    engines.copy_database(name)
    environ = {
        **os.environ,
        **{variable: engines._named(os.environ[variable], name) for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")},
    }
    rooms = ["moderation", "feeds", "inbox", "studio", "remix", "posts", "cameos", "challenges", "credits"]
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        f"for room in {rooms}: call_command('migrate', room, 'zero', verbosity=0)\n"
        "call_command('migrate', verbosity=0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**environ, "DJANGO_SETTINGS_MODULE": "sora_social.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    url = engines._named(os.environ["TEST_TEMPLATE_URL"], name)
    assert tables_of(url) == tables_of(os.environ["DATABASE_OWNER_URL"])
    with psycopg.connect(engines._named(os.environ["TEST_TEMPLATE_URL"], "postgres"), autocommit=True) as owner:
        owner.execute(f'DROP DATABASE "{name}"')


def tables_of(url: str) -> list[tuple]:
    with psycopg.connect(url) as session:
        return session.execute(
            """SELECT c.relname, array_agg(DISTINCT a.attname ORDER BY a.attname),
                      array_agg(DISTINCT t.tgname ORDER BY t.tgname) FILTER (WHERE NOT t.tgisinternal), c.relacl::text
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
               LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
               WHERE c.relkind IN ('r', 'i') AND c.relnamespace = 'public'::regnamespace
               GROUP BY c.relname, c.relacl::text ORDER BY c.relname"""
        ).fetchall()


# append-only


def test_the_append_only_tables_are_the_known_ones(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
               WHERE t.tgname IN ('append_only_rows', 'append_only_table')"""
        )
        found = cursor.fetchall()
    assert {table for table, _ in found} == APPEND_ONLY
    assert [enabled for _, enabled in found] == ["A"] * 2 * len(APPEND_ONLY), "they must fire in replica mode, too"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_nobody_changes_an_append_only_table(role, table, committed):
    ada = cast.person("ada")
    Entry.objects.create(owner=ada, credits=1, reason="gift")
    with transaction.atomic():
        quota.reserve(ada, clips=1, fees=[quota.FeeOrder(cast.person("bo").pk, cameo_id=1, credits_per_clip=1)])
    auditing.note_visit(ada, subject_type="page", subject_id=None, path="/admin/", is_form=False)
    cast.cameo(ada)
    cast.template(ada)
    with psycopg.connect(os.environ[ROLES[role]], autocommit=True) as session:
        before = session.execute(f"SELECT count(*), min(t::text) FROM {table} t").fetchone()  # noqa: S608
        assert before[0] > 0
        for statement in (
            f"UPDATE {table} SET id = id",  # noqa: S608
            f"DELETE FROM {table}",  # noqa: S608
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
        assert session.execute(f"SELECT count(*), min(t::text) FROM {table} t").fetchone() == before  # noqa: S608


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", ["DELETE FROM cameos_appearance", "TRUNCATE cameos_appearance CASCADE"])
def test_nobody_takes_the_cast_of_a_post_away(role, statement, committed):
    ada = cast.person("ada")
    cast.cameo(ada)
    cast.finished_job(ada, cast=["@ada"])
    with psycopg.connect(os.environ[ROLES[role]], autocommit=True) as session:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
        assert session.execute("SELECT count(*) FROM cameos_appearance").fetchone() == (2,)


# the application's role


def test_the_application_runs_as_a_role_of_its_own():
    assert settings.DATABASES["default"]["USER"] != settings.DATABASES["owner"]["USER"]


@pytest.mark.django_db
def test_the_application_owns_nothing_and_has_no_power():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,) * 5
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE posts_post CASCADE",
        "ALTER TABLE credits_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only_rows ON credits_entry",
        "TRUNCATE posts_post CASCADE",
        "SET session_replication_role = replica",
        "CREATE SCHEMA mine",
    ],
)
def test_the_application_cannot(statement):
    with psycopg.connect(os.environ["DATABASE_URL"]) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(statement)


@pytest.mark.django_db
def test_constraints_make_the_rules_true():
    """Direct SQL meets the same walls as an activity."""
    ada = cast.person("ada")
    for handle in ("No Handle", "x", "ada\n"):
        with (
            pytest.raises(IntegrityError, match="handle_is_well_formed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE accounts_user SET handle = %s WHERE id = %s", [handle, ada.pk])
    assert User.objects.get(pk=ada.pk).handle == "ada"
