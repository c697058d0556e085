"""C12: no cameo under 13, none for everyone under 18: by direct SQL, by both roles, and when a birthday is edited."""

import os
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from cameos import consent, enrolling
from cameos.models import Cameo
from sora_social.accounts.models import User
from sora_social.core.errors import Forbidden, Invalid
from tests import cast

ROLES = {"application": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}
INSERT = """INSERT INTO cameos_cameo (owner_id, kind, figure, display_name, status, rejection, audience, ask_first,
    limits, preferences, restrictions, in_catalogue, portrait_key, terms_version, epoch, in_force_from, version)
    VALUES (%s, 'person', '', '', 'awaiting_recording', '', %s, false, '{}', '', '', false, '', 1, 1, 1, 1)"""


@pytest.fixture(params=ROLES)
def session(request, committed):
    with psycopg.connect(os.environ[ROLES[request.param]], autocommit=True) as opened:
        yield opened


def born(years: int, *, days: int = 0) -> date:
    today = timezone.now().date()
    return today.replace(year=today.year - years, day=min(today.day, 28)) + timedelta(days=days)


def refused(session, name, statement, *values):
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        session.execute(statement, values)
    assert caught.value.diag.constraint_name == name


def row(session, cameo):
    columns = "audience, epoch, in_force_from, status, in_force_until > now()"
    return session.execute(f"SELECT {columns} FROM cameos_cameo WHERE id = %s", [cameo.pk]).fetchone()  # noqa: S608


def test_c12_no_row_is_inserted_for_a_child(session):
    child, teen = cast.person("kid", age=12), cast.person("teen", age=15)
    refused(session, "no_cameo_under_13", INSERT, child.pk, "only_me")
    refused(session, "minors_are_not_for_everyone", INSERT, teen.pk, "everyone")
    assert not Cameo.objects.exists()
    session.execute(INSERT, [teen.pk, "only_me"])
    assert Cameo.objects.count() == 1


def test_c12_no_update_gets_around_it(session):
    child, teen, ada = cast.person("kid", age=12), cast.person("teen", age=15), cast.person("ada")
    cameo, hers = cast.cameo(teen), cast.cameo(ada, audience="everyone")
    refused(
        session,
        "minors_are_not_for_everyone",
        "UPDATE cameos_cameo SET audience = 'everyone' WHERE id = %s",
        cameo.pk,
    )
    for owner, name in ((child, "no_cameo_under_13"), (teen, "minors_are_not_for_everyone")):
        refused(session, name, "UPDATE cameos_cameo SET owner_id = %s WHERE id = %s", owner.pk, hers.pk)
    session.execute("UPDATE cameos_cameo SET audience = 'mutuals' WHERE id = %s", [cameo.pk])
    assert row(session, cameo)[0] == "mutuals"
    assert row(session, hers)[0] == "everyone"


def test_c12_who_is_18_today_may_and_who_is_18_tomorrow_may_not(session):
    ada = cast.person("ada")
    cameo = cast.cameo(ada)
    widen = "UPDATE cameos_cameo SET audience = 'everyone' WHERE id = %s"
    today = session.execute("SELECT (CURRENT_DATE - interval '18 years')::date").fetchone()[0]
    session.execute("UPDATE accounts_user SET birthday = %s WHERE id = %s", [today + timedelta(days=1), ada.pk])
    refused(session, "minors_are_not_for_everyone", widen, cameo.pk)
    session.execute("UPDATE accounts_user SET birthday = %s WHERE id = %s", [today, ada.pk])
    session.execute(widen, [cameo.pk])


def test_c12_a_birthday_that_makes_a_minor_closes_what_was_for_everyone(session):
    ada = cast.person("ada")
    wide = cast.cameo(ada, audience="everyone")
    pet = cast.approved(ada, kind="character", handle="rex", audience="mutuals")
    session.execute("UPDATE accounts_user SET birthday = %s WHERE id = %s", [born(15), ada.pk])
    assert row(session, wide) == ("only_me", 1, 1, "active", True)
    assert row(session, pet) == ("mutuals", 1, 1, "active", True)


def test_c12_a_birthday_that_makes_a_child_ends_all_of_it(session):
    ada, bo = cast.person("ada"), cast.person("bo")
    cameos = [
        cast.cameo(ada, audience="everyone"),
        cast.approved(ada, kind="character", handle="rex", audience="mutuals"),
    ]
    waiting = cast.enrolled(ada, kind="character", handle="max", found=cast.examination())
    other = cast.cameo(bo, audience="everyone")
    session.execute("UPDATE accounts_user SET birthday = %s WHERE id = %s", [born(12), ada.pk])
    for cameo in cameos:
        assert row(session, cameo) == ("only_me", 2, 2, "active", False)
        for viewer in (ada, bo):
            assert not Cameo.objects.castable_by(viewer).filter(pk=cameo.pk).exists()
    assert row(session, waiting) == ("only_me", 2, 2, "pending_review", None)
    assert row(session, other) == ("everyone", 1, 1, "active", True)
    # and none of it comes back by hand
    for change in (
        "audience = 'approved'",
        "in_force_until = now() + interval '1 year'",
        "status = 'processing'",
    ):
        refused(session, "no_cameo_under_13", f"UPDATE cameos_cameo SET {change} WHERE id = %s", cameos[0].pk)  # noqa: S608
    refused(
        session,
        "no_cameo_under_13",
        "UPDATE cameos_cameo SET status = 'active', in_force_until = now() WHERE id = %s",
        waiting.pk,
    )


def test_c12_the_guards_stand_in_replica_mode_too(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgname IN ('guard_minors', 'cameos_follow_birthday')"
        )
        assert sorted(cursor.fetchall()) == [("cameos_follow_birthday", "A"), ("guard_minors", "A")]


def test_c12_a_birthday_and_an_audience_edited_at_once_end_closed(committed, at_once):
    """Whichever comes first, the minor's cameo is not for everyone."""
    for number in range(10):
        ada = cast.person(f"ada{number}")
        cameo = cast.cameo(ada)

        def act(which, ada=ada, cameo=cameo):
            if which:
                return consent.set_terms(ada, cameo.pk, audience="everyone")
            return User.objects.filter(pk=ada.pk).update(birthday=born(15))

        at_once(act, 2)
        cameo.refresh_from_db()
        ada.refresh_from_db()
        assert (cameo.audience == "everyone") <= (ada.birthday < born(18)), number


def test_c12_the_activities_explain_what_the_database_holds(db):
    child, teen = cast.person("kid", age=12), cast.person("teen", age=15)
    with pytest.raises(Forbidden):
        enrolling.create(child, kind="person")
    cameo = cast.cameo(teen)
    with pytest.raises(Invalid):
        consent.set_terms(teen, cameo.pk, audience="everyone")
    cameo.refresh_from_db()
    assert cameo.audience == "only_me"
