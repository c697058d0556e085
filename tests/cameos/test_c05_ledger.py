# ruff: noqa: S608 - the statements are attacks of our own
"""C05: the ledger cannot be edited, cut, forked or reordered unseen, whatever role one has."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test import override_settings

from cameos import anchoring, ledger, merkle, signing
from cameos.models import CameoKind, ConsentRecord, LedgerAnchor, LedgerHead, RecordDetails, RecordKind
from tests import cast

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "cameos_consentrecord"


def superuser_url() -> str:
    """The administrator of the run's own PostgreSQL: `secrets.json` has the password."""
    secrets = json.loads((Path(os.environ["DATA_DIR"].partition("-gw")[0]) / "secrets.json").read_text())
    parts = urlsplit(os.environ["DATABASE_OWNER_URL"])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"sora_admin:{secrets['postgres_admin']}@{host}"))


def session_as(role: str) -> psycopg.Connection:
    url = {"application": os.environ.get("DATABASE_URL"), "owner": os.environ.get("DATABASE_OWNER_URL")}
    session = psycopg.connect(url.get(role) or superuser_url(), autocommit=True)
    if role == "replica":
        session.execute("SET session_replication_role = replica")
    return session


ROLES = ("application", "owner", "superuser", "replica")


@pytest.fixture
def agreed(committed):
    """A cameo with four records, and one of somebody else's."""
    cameo = cast.cameo(cast.person("ada"))
    cast.cameo(cast.person("bo"))
    for audience in ("everyone", "mutuals"):
        say(cameo, audience)
    return cameo


def say(cameo, audience):
    with transaction.atomic():
        return ledger.append(cameo.pk, RecordKind.TERMS_SET, actor_id=cameo.owner_id, audience=audience)


def state() -> list:
    with session_as("superuser") as session:
        return [
            session.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()
            for table in (LEDGER, "cameos_ledgerhead")
        ]


def flaws() -> list[str]:
    return [f"{flaw.seq}: {flaw.what}" for flaw in ledger.verify().flaws]


# what nobody can do

INTO = f"INSERT INTO {LEDGER} (id, cameo_id, seq, kind, at, body, previous_hash, hash)"
FROM = f"FROM {LEDGER} WHERE seq ="
ATTACKS = {
    "edit": "UPDATE cameos_consentrecord SET kind = 'granted' WHERE seq = 2",
    "edit the body and its hash": "UPDATE cameos_consentrecord SET body = 'x', hash = sha256('x') WHERE seq = 4",
    "reorder": "UPDATE cameos_consentrecord SET seq = 7 - seq WHERE seq IN (3, 4)",
    "cut the middle": "DELETE FROM cameos_consentrecord WHERE seq = 2",
    "cut the newest": "DELETE FROM cameos_consentrecord WHERE seq = 4",
    "empty": "TRUNCATE cameos_consentrecord CASCADE",
    "fork": f"{INTO} SELECT id + 1, cameo_id, seq, kind, at, body, previous_hash, hash {FROM} 3",
    "begin again": f"{INTO} SELECT id + 1, cameo_id, 1, kind, at, body, previous_hash, hash {FROM} 1",
    "go on beside the head": f"{INTO} SELECT id + 1, cameo_id, 5, kind, at, body, hash, hash {FROM} 3",
    "leave a gap": f"{INTO} SELECT id + 1, cameo_id, 6, kind, at, body, hash, hash {FROM} 4",
    "go on with another body": f"""{INTO}
        SELECT id + 1, cameo_id, seq + 1, kind, at, 'words', hash, sha256('words') {FROM} 4""",
    "go on with words in it": f"""{INTO}
        SELECT n.id, n.cameo_id, n.seq, n.kind, n.at, b.body, n.hash, sha256(convert_to(b.body, 'UTF8'))
        FROM (SELECT id + 1 AS id, cameo_id, seq + 1 AS seq, kind, at, hash {FROM} 4) n,
        LATERAL (SELECT cameos_body_start(n.id, n.cameo_id, n.seq, n.hash, n.at, n.kind) AS start) s,
        LATERAL (SELECT s.start || '"name":"ada"}}}}' AS body) b""",
    "rewind the head": "UPDATE cameos_ledgerhead SET seq = seq - 1",
    "skip ahead": "UPDATE cameos_ledgerhead SET seq = seq + 1",
    "forget the head": "DELETE FROM cameos_ledgerhead",
    "empty the heads": "TRUNCATE cameos_ledgerhead CASCADE",
    "a second head": "INSERT INTO cameos_ledgerhead SELECT cameo_id + 1, seq, hash FROM cameos_ledgerhead",
}


def refused(session, statement: str) -> bool:
    try:
        session.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.parametrize("role", ROLES)
def test_c05_no_role_edits_cuts_forks_or_reorders(role, agreed):
    before = state()
    with session_as(role) as session:
        assert [name for name, statement in ATTACKS.items() if not refused(session, statement)] == []
    assert state() == before
    assert flaws() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO cameos_consentrecord SELECT * FROM cameos_consentrecord",
        "INSERT INTO cameos_ledgerhead SELECT * FROM cameos_ledgerhead",
        "UPDATE cameos_recorddetails SET salt = ''",
        "TRUNCATE cameos_recorddetails",
        "SELECT cameos_lock_head(1)",
        "ALTER TABLE cameos_consentrecord DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION cameos_append(bigint, text, jsonb) RETURNS cameos_consentrecord LANGUAGE sql AS ''",
        "ALTER FUNCTION cameos_append(bigint, text, jsonb) SECURITY INVOKER",
        "SET session_replication_role = replica",
    ],
)
def test_c05_the_application_has_one_way_to_write(statement, agreed):
    before = state()
    with session_as("application") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(statement)
    assert state() == before


@pytest.mark.parametrize(
    ("kind", "commitments"),
    [
        ("granted", {"name": "ada"}),
        ("granted", {"a b": "0" * 64}),
        ("granted", {"name": "0" * 63}),
        ("granted", {"name": {"a": "b"}}),
        ("Granted", {}),
        ('granted","x":"', {}),
        ("g" * 21, {}),
    ],
)
def test_c05_the_body_takes_no_words(kind, commitments, agreed):
    before = state()
    with session_as("application") as session, pytest.raises(psycopg.Error):
        session.execute("SELECT cameos_append(%s, %s, %s)", [agreed.pk, kind, json.dumps(commitments)])
    assert state() == before


def test_c05_a_look_alike_in_the_way_is_not_taken(agreed):
    """SECURITY DEFINER with a search path of its own: what a caller puts in `pg_temp` is never called by the owner."""
    with session_as("application") as session:
        session.execute("CREATE TEMP TABLE cameos_ledgerhead (cameo_id bigint, seq int, hash bytea)")
        session.execute(
            "INSERT INTO pg_temp.cameos_ledgerhead VALUES (%s, 0, decode(repeat('00', 32), 'hex'))", [agreed.pk]
        )
        session.execute("SET search_path = pg_temp, public")
        session.execute("SELECT cameos_append(%s, 'renewed', '{}')", [agreed.pk])
    assert ConsentRecord.objects.filter(cameo=agreed).latest("seq").seq == 5
    assert flaws() == []


def test_c05_no_cameo_no_record(agreed):
    with session_as("application") as session, pytest.raises(psycopg.errors.ForeignKeyViolation):
        session.execute("SELECT cameos_append(1, 'released', '{}')")


# what somebody with the power to switch the guards off leaves behind


def tampered(*statements: str) -> None:
    with session_as("superuser") as session:
        for table in (LEDGER, "cameos_ledgerhead"):
            session.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            session.execute(statement)
        for table in (LEDGER, "cameos_ledgerhead"):
            session.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            for trigger in session.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
            ).fetchall():
                session.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger[0]}")


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE cameos_consentrecord SET body = replace(body, 'terms_set', 'withdrawn') WHERE seq = 3",
            ["3: its hash is not that of its body; its columns are not what its body says"],
        ),
        (
            "UPDATE cameos_consentrecord SET kind = 'granted' WHERE seq = 3",
            ["3: its columns are not what its body says"],
        ),
        (
            "UPDATE cameos_consentrecord SET at = at - interval '1 microsecond' WHERE seq = 4",
            ["4: its columns are not what its body says"],
        ),
        (
            "DELETE FROM cameos_consentrecord WHERE seq = 3",
            ["4: it follows record 2; it does not continue the record before"],
        ),
        ("DELETE FROM cameos_consentrecord WHERE seq = 4", ["3: it is the newest and the head names record 4"]),
        ("UPDATE cameos_ledgerhead SET seq = 3 WHERE seq = 4", ["4: it is the newest and the head names record 3"]),
        (
            "UPDATE cameos_ledgerhead SET hash = sha256('') WHERE seq = 4",
            ["4: it is the newest and the head has another hash"],
        ),
        ("DELETE FROM cameos_ledgerhead WHERE seq = 4", ["4: no head names it"]),
        (
            """UPDATE cameos_consentrecord SET body = replace(body, 'terms_set', 'granted'), kind = 'granted',
               hash = sha256(convert_to(replace(body, 'terms_set', 'granted'), 'UTF8')) WHERE seq = 3""",
            ["4: it does not continue the record before"],
        ),
    ],
)
def test_c05_the_verification_names_the_record(statement, found, agreed):
    tampered("ALTER TABLE cameos_recorddetails DISABLE TRIGGER ALL", statement)
    assert flaws() == found
    assert {flaw.cameo_id for flaw in ledger.verify().flaws} == {agreed.pk}
    with pytest.raises(CommandError, match=f"cameo {agreed.pk}, record "):
        call_command("verify_ledger", anchors="/nowhere")


def test_c05_details_that_were_changed_are_named(agreed):
    assert ledger.verify_details().flaws == []
    with session_as("owner") as session:
        session.execute(
            """UPDATE cameos_recorddetails SET disclosed = jsonb_set(disclosed, '{audience}', '"everyone"')
            WHERE disclosed->>'audience' = 'mutuals'"""
        )
    assert [(flaw.cameo_id, flaw.seq) for flaw in ledger.verify_details().flaws] == [(agreed.pk, 4)]


def test_c05_details_that_are_gone_without_an_erasure_are_named(agreed):
    RecordDetails.objects.filter(record__cameo=agreed, record__seq=3).delete()
    assert [(flaw.seq, flaw.what) for flaw in ledger.verify_details().flaws] == [
        (3, "its details are gone and its cameo was not erased")
    ]
    assert flaws() == [], "the chain holds without them"


# what only an anchor shows

REWIND = (
    "ALTER TABLE cameos_recorddetails DISABLE TRIGGER ALL",
    "DELETE FROM cameos_recorddetails WHERE record_id IN (SELECT id FROM cameos_consentrecord WHERE seq = 4)",
    "DELETE FROM cameos_consentrecord WHERE seq = 4",
    """UPDATE cameos_ledgerhead h SET seq = 3, hash = r.hash FROM cameos_consentrecord r
       WHERE r.cameo_id = h.cameo_id AND r.seq = 3 AND h.seq = 4""",
)


def test_c05_a_cut_with_the_head_set_back_shows_against_the_anchor(agreed, anchors):
    anchoring.publish()
    call_command("verify_ledger")
    tampered(*REWIND)
    assert flaws() == [], "nothing inside the database shows it"
    with pytest.raises(CommandError, match=f"cameo {agreed.pk}, record 4: anchor 1 names it") as refused:
        call_command("verify_ledger")
    assert refused.value.returncode == 1
    say(agreed, "only_me")  # another record in the place of the one that was cut
    anchoring.publish()
    with pytest.raises(CommandError, match=f"cameo {agreed.pk}, record 4: anchor 1 names it"):
        call_command("verify_ledger")


def test_c05_an_old_backup_shows_against_the_anchors(agreed, anchors):
    """The whole state goes back, what we remember of anchors, too; numbers go on from those that are outside."""
    anchoring.publish()
    tables = ("cameos_ledgeranchor", "cameos_anchoredhead")
    with session_as("superuser") as session:
        for table in tables:
            session.execute(f"CREATE TABLE backup_{table} AS SELECT * FROM {table}")
    newest = say(agreed, "only_me")
    anchoring.publish()
    tampered(
        *(statement.replace("seq = 4", "seq = 5").replace("seq = 3", "seq = 4") for statement in REWIND),
        *(f"DELETE FROM {table}" for table in tables),
        *(f"INSERT INTO {table} SELECT * FROM backup_{table}" for table in tables),
        *(f"DROP TABLE backup_{table}" for table in tables),
    )
    assert flaws() == []
    lost = f"cameo {agreed.pk}, record 5: anchor 2 names it with hash {newest.hash.hex()}"
    with pytest.raises(CommandError, match=lost):
        call_command("verify_ledger")
    assert anchoring.publish().number == 3
    assert [anchor.number for anchor in replayed()] == [1, 2, 3]
    with pytest.raises(CommandError, match=lost):
        call_command("verify_ledger")


def replayed() -> list:
    wrong: list[str] = []
    found = list(anchoring.replay(anchoring.stored(), merkle.HeadTree(), keys=signing.published_keys(), flaws=wrong))
    assert wrong == []
    return found


def test_c05_the_files_alone_rebuild_every_head(agreed, anchors):
    anchoring.publish()
    for number in range(3):
        say(agreed, "everyone")
        cast.cameo(cast.person(f"person{number}"))
        anchoring.publish()
    tree = merkle.HeadTree()
    for _ in anchoring.replay(anchoring.stored(), tree, keys=signing.published_keys(), flaws=[]):
        pass
    assert tree.heads == {head.pk: (head.seq, bytes(head.hash)) for head in LedgerHead.objects.all()}
    assert [len(anchor.heads) for anchor in replayed()] == [2, 2, 2, 2], "each lists only what changed"


def test_c05_nothing_new_no_file_and_no_file_is_written_twice(agreed, anchors):
    assert anchoring.publish().number == 1
    [path] = anchors.rglob("*.json")
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert anchoring.publish() is None
    LedgerAnchor.objects.update(pending=path.read_text())  # as if the publication was interrupted after storing
    assert anchoring.publish() is None
    assert [*anchors.rglob("*.json")] == [path]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_c05_an_interrupted_publication_goes_on(agreed, anchors, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(anchoring, "_store_pending", lambda: None)
        number = anchoring.publish().number
    assert not anchors.exists()
    assert anchoring.newest_anchor() is None
    say(agreed, "only_me")
    assert anchoring.publish().number == number + 1
    assert [anchor.number for anchor in replayed()] == [1, 2]


@pytest.mark.parametrize("spoil", ["edit", "drop", "swap keys"])
def test_c05_spoiled_anchors_are_named(spoil, agreed, anchors, settings):
    for audience in ("everyone", "mutuals", "only_me"):
        say(agreed, audience)
        anchoring.publish()
    first, second, third = sorted(anchors.rglob("*.json"))
    if spoil == "edit":
        second.write_text(second.read_text().replace('"tree_size":2', '"tree_size":3'))
        expected = [
            f"{second.name}: its signature is not by a published key",
            f"{second.name}: its root is not that of its heads",
            f"{third.name}: it does not continue the anchor before",
        ]
    elif spoil == "drop":
        second.unlink()
        expected = [f"{third.name}: it follows anchor 1", f"{third.name}: it does not continue the anchor before"]
    else:
        settings.CONSENT_SIGNING_KEY = "A" * 43
        expected = [f"{path.name}: its signature is not by a published key" for path in (first, second, third)]
    findings = anchoring.verify(
        anchoring.in_folder(anchors), keys=signing.published_keys(), missing=anchoring.missing_in_database
    )
    assert list(findings.files)[: len(expected)] == expected
    assert findings.flaws == []


def test_c05_the_newest_root_is_mailed_once_a_day(agreed, anchors, settings, mailoutbox):
    settings.ANCHOR_EMAIL = "notary@example.org"
    for audience in ("everyone", "mutuals"):
        say(agreed, audience)
        anchoring.publish()
        anchoring.mail_newest()
    [mail] = mailoutbox
    assert mail.to == ["notary@example.org"]
    assert f"root {bytes(LedgerAnchor.objects.get(number=1).root).hex()}" in mail.body


def test_c05_a_mail_that_failed_is_sent_later(agreed, anchors, settings, mailoutbox):
    settings.ANCHOR_EMAIL = "notary@example.org"
    anchoring.publish()
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_PORT=1), pytest.raises(OSError, match="refused"):
        anchoring.mail_newest()
    anchoring.mail_newest()
    assert len(mailoutbox) == 1


# without a database


@pytest.mark.parametrize("spoil", ["", "edit", "cut the middle", "cut the newest"])
def test_c05_an_export_is_verified_without_a_database(spoil, agreed, anchors, tmp_path, capfd):
    anchoring.publish()
    export, keys = tmp_path / "ledger.ndjson", tmp_path / "keys.json"
    call_command("export_ledger", str(export))
    keys.write_text(json.dumps(signing.key_set()))
    lines = export.read_text().splitlines()
    assert len(lines) == 6
    place = next(number for number, line in enumerate(lines) if f'\\"{agreed.pk}\\",\\"seq\\":4' in line)
    if spoil == "edit":
        lines[place - 1] = lines[place - 1].replace("terms_set", "withdrawn")
    elif spoil == "cut the middle":
        del lines[place - 1]
    elif spoil == "cut the newest":
        del lines[place]
    export.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "verify_ledger", "--offline", export),
            *("--anchors", anchors, "--keys", keys),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = {
        "": "Nothing is wrong.",
        "edit": f"cameo {agreed.pk}, record 3: its hash is not that of its body",
        "cut the middle": f"cameo {agreed.pk}, record 4: it follows record 2",
        "cut the newest": f"cameo {agreed.pk}, record 4: anchor 1 names it",
    }
    assert said[spoil] in done.stdout + done.stderr
    assert done.returncode == (1 if spoil else 0)


# appending


def test_c05_eight_at_once_on_one_cameo_leave_no_gap_and_no_fork(agreed):
    def append(_) -> None:
        for _ in range(10):
            say(agreed, "everyone")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    numbers = ConsentRecord.objects.filter(cameo=agreed).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, 85))
    assert flaws() == []
    assert ledger.verify_details().flaws == []


def test_c05_eight_at_once_begin_a_ledger_once(committed):
    ada = cast.person("ada")
    character = cast.Cameo.objects.create(owner=ada, kind=CameoKind.CHARACTER, figure="pet")

    def append(_) -> None:
        say(character, "everyone")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    assert list(character.records.order_by("seq").values_list("seq", flat=True)) == list(range(1, 9))
    assert flaws() == []


def test_c05_what_is_rolled_back_leaves_no_number_behind(agreed):
    with transaction.atomic():
        assert ledger.append(agreed.pk, RecordKind.REVOKED, actor_id=None).seq == 5
        transaction.set_rollback(True)
    assert say(agreed, "only_me").seq == 5
    assert flaws() == []


@pytest.mark.django_db
def test_a_record_says_what_happened_and_names_nobody(ada, bo):
    record = cast.cameo(ada).terms_record
    with transaction.atomic():
        granted = ledger.append(
            record.cameo_id, RecordKind.GRANTED, actor_id=ada.pk, subject_id=bo.pk, limits={"no_ads": True}, days=30
        )
    body = json.loads(granted.body)
    assert list(body) == ["v", "id", "cameo_id", "seq", "previous", "at", "kind", "commitments"]
    assert (body["id"], body["seq"], body["previous"]) == (str(granted.pk), 3, bytes(record.hash).hex())
    assert list(body["commitments"]) == ["actor_id", "days", "limits", "subject_id"]
    assert str(ada.pk) not in granted.body
    assert str(bo.pk) not in granted.body
    details = granted.details
    assert details.disclosed["subject_id"] == str(bo.pk)
    assert body["commitments"] == ledger.commitments(bytes(details.salt), details.disclosed)
    assert ConsentRecord.objects.get(pk=granted.pk).hash == granted.hash


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("value", [0.5, {1: 2}, object(), [b"x"], float("nan")])
def test_a_record_takes_plain_values_without_floats(value, ada):
    cameo = cast.cameo(ada)
    with pytest.raises(TypeError):
        ledger.append(cameo.pk, RecordKind.TERMS_SET, actor_id=ada.pk, limits=value)
    assert cameo.records.count() == 2


def test_a_record_belongs_to_a_transaction(agreed):
    assert not connection.in_atomic_block
    with pytest.raises(TransactionManagementError):
        ledger.append(agreed.pk, RecordKind.TERMS_SET, actor_id=None)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31])
def test_a_tree_that_grew_is_the_tree_of_its_heads_and_proves_each(size):
    heads = [(number * 10, number, bytes([number]) * 32) for number in range(1, size + 1)]
    whole, grown = merkle.tree_of(heads), merkle.HeadTree()
    for head in heads[::2] + heads[1::2]:
        grown.put(head[0], 1, b"\1" * 32)
        grown.put(*head)
    assert grown.root == whole.root == split_root([merkle.leaf_hash(*head) for head in heads])
    grown.put(5, 1, bytes(32))
    grown.remove(5)
    assert grown.root == whole.root


def split_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(split_root(leaves[:half]), split_root(leaves[half:]))


def test_upkeep_leaves_anchors_alone(agreed, anchors):
    from sora_social.media import upkeep

    anchoring.publish()
    [path] = anchors.rglob("*.json")
    os.utime(path, (0, 0))
    upkeep.remove_orphans()
    assert default_storage.exists(LedgerAnchor.objects.get().key)


def test_c05_one_role_for_both_migrates_and_is_refused_too(agreed):
    """An operator with `DATABASE_URL` alone: triggers are what is left, and they hold."""
    name = f"{connection.settings_dict['NAME']}_one_role"
    url = os.environ["DATABASE_OWNER_URL"]
    with session_as("owner") as session:
        session.execute(f'CREATE DATABASE "{name}" TEMPLATE template1')
    one = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    environ = {
        **os.environ,
        "DATABASE_URL": one,
        "DATABASE_OWNER_URL": "",
        "DJANGO_SETTINGS_MODULE": "sora_social.settings",
    }
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "from cameos import ledger\n"
        "from tests import cast\n"
        "from tests.cameos.test_c05_ledger import say\n"
        "cameo = cast.cameo(cast.person('ada'))\n"
        "say(cameo, 'everyone'), say(cameo, 'mutuals')\n"
        "assert ledger.verify() == ledger.Verdict(4, [])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with psycopg.connect(one, autocommit=True) as session:
        assert [name for name, statement in ATTACKS.items() if not refused(session, statement)] == []
    with session_as("owner") as session:
        session.execute(f'DROP DATABASE "{name}"')
