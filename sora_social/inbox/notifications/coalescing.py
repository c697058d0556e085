"""From happenings to notifications: "ada, bo and 10 others liked your post" is one row, until it is read.

All that is written into a mailbox is written with its row locked, several mailboxes in the order of their owners: many
happenings at once make one row with a right count, and nothing is marked as read that nobody saw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.accounts.models import Mute
from sora_social.core import telling
from sora_social.inbox.models import Jotting, Kind, Mailbox, Notification, Occurrence
from sora_social.inbox.push import delivering

_FOLDER_LOCK = 0x1B0_F01D
FOLDED_AT_ONCE = 2_000
OF_MY_FACE = frozenset({Kind.CAST_IN_DRAFT, Kind.CAST_IN_POST, Kind.CAST_REQUEST})  # told whoever does it

Key = tuple[int, str, int]


@dataclass(frozen=True)
class Happening:
    """Something that `person_id` should hear of; by nobody in particular when there is no actor."""

    person_id: int
    kind: Kind
    subject_id: int = 0
    actor_id: int | None = None
    thing_id: int = 0
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return (self.person_id, self.kind, self.subject_id)


def jot(person_id: int, kind: Kind, *, subject_id: int, actor_id: int) -> None:
    """Keep a happening of which there may be thousands a second for the folder. Locks no row that others share."""
    if person_id != actor_id:
        Jotting.objects.create(person_id=person_id, kind=kind, subject_id=subject_id, actor_id=actor_id)


def fold() -> int:
    """Coalesce what was jotted down. One folder at a time. Returns how many happenings were folded."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLDER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            """DELETE FROM inbox_jotting WHERE id IN (SELECT id FROM inbox_jotting ORDER BY id LIMIT %s)
               RETURNING person_id, kind, subject_id, actor_id""",
            [FOLDED_AT_ONCE],
        )
        jotted = [Happening(row[0], Kind(row[1]), row[2], row[3]) for row in cursor.fetchall()]
        record(jotted)
    return len(jotted)


def record(happenings: Iterable[Happening]) -> None:
    """Write happenings into the mailboxes of those whom they concern, and tell their sockets after commit.

    What was told before is not told again. In the caller's transaction; as many queries for one as for a thousand.
    """
    wanted = _without_muted([each for each in happenings if each.person_id != each.actor_id])
    if not wanted:
        return
    with transaction.atomic():
        mailboxes = Mailbox.objects.hold({each.person_id for each in wanted})
        kept = [each for each in wanted if each.kind not in mailboxes[each.person_id].unwanted]
        fresh = _not_told_before(kept)
        if fresh:
            _write(fresh, mailboxes)


def _without_muted(happenings: Sequence[Happening]) -> list[Happening]:
    """Who is muted is not heard of, but for what they do with one's face."""
    people = {each.person_id for each in happenings if each.actor_id is not None}
    actors = {each.actor_id for each in happenings if each.actor_id is not None}
    mutes = Mute.objects.filter(muter__in=people, muted__in=actors) if people else Mute.objects.none()
    muted = set(mutes.values_list("muter_id", "muted_id"))
    return [each for each in happenings if each.kind in OF_MY_FACE or (each.person_id, each.actor_id) not in muted]


def _not_told_before(happenings: Sequence[Happening]) -> list[Happening]:
    """Each once, and without those that a notification told of already, open or not, read or not."""
    if not happenings:
        return []
    told = Notification.objects.filter(_any_of({each.key for each in happenings}))
    by_pk = {pk: (key, words) for pk, *key, words in told.values_list("pk", "person_id", "kind", "subject_id", "words")}
    actors = {each.actor_id for each in happenings if each.actor_id is not None}
    occurred = Occurrence.objects.filter(notification__in=by_pk, actor__in=actors)
    known = {
        (*by_pk[pk][0], actor_id, thing_id)
        for pk, actor_id, thing_id in occurred.values_list("notification_id", "actor_id", "thing_id")
    }
    said = [(tuple(key), words) for key, words in by_pk.values()]
    fresh: dict[Any, Happening] = {}
    for each in happenings:
        if each.actor_id is None:
            if (each.key, dict(each.words)) not in said:
                fresh.setdefault(each.key, each)
        elif (*each.key, each.actor_id, each.thing_id) not in known:
            fresh.setdefault((*each.key, each.actor_id, each.thing_id), each)
    return list(fresh.values())


def _any_of(keys: Iterable[Key]) -> Q:
    """Notifications of these keys: subjects are gathered by person and kind."""
    subjects: dict[tuple[int, str], list[int]] = {}
    for person_id, kind, subject_id in sorted(keys):
        subjects.setdefault((person_id, kind), []).append(subject_id)
    found = Q(pk__in=())
    for (person_id, kind), ids in subjects.items():
        found |= Q(person=person_id, kind=kind, subject_id__in=ids)
    return found


def _write(happenings: Sequence[Happening], mailboxes: Mapping[int, Mailbox]) -> None:
    rows, made = _open_rows(happenings, mailboxes)
    by_actor = [(rows[each.key], each.actor_id, each.thing_id) for each in happenings if each.actor_id is not None]
    occurred = Occurrence.objects.filter(notification__in={row.pk for row, *_ in by_actor})
    there = set(occurred.filter(actor__in={pk for _, pk, _ in by_actor}).values_list("notification_id", "actor_id"))
    for each in happenings:
        row = rows[each.key]
        row.words = dict(each.words)
        if each.actor_id is not None and (row.pk, each.actor_id) not in there:
            there.add((row.pk, each.actor_id))
            row.actor_count += 1
    for row in rows.values():
        mailbox = mailboxes[row.person_id]
        mailbox.seq += 1
        row.seq, row.moved_at = mailbox.seq, Now()
    Notification.objects.bulk_update(rows.values(), ["words", "actor_count", "seq", "moved_at"])
    Mailbox.objects.bulk_update({row.person_id: mailboxes[row.person_id] for row in rows.values()}.values(), ["seq"])
    Occurrence.objects.bulk_create(
        Occurrence(notification=row, actor_id=actor_id, thing_id=thing_id) for row, actor_id, thing_id in by_actor
    )
    delivering.queue(made, mailboxes)
    for row in rows.values():
        words = {"id": str(row.pk), "seq": row.seq, "notification_type": row.kind}
        telling.tell([row.person_id], "notification", words, seq=row.seq)


def _open_rows(
    happenings: Sequence[Happening], mailboxes: Mapping[int, Mailbox]
) -> tuple[dict[Key, Notification], list[Notification]]:
    """The open notification of each key, and which of them were made now. One that is open too long is closed first."""
    standing = Notification.objects.filter(_any_of({each.key for each in happenings}), is_open=True)
    standing.filter(opened_at__lt=Now() - settings.NOTIFICATION_OPEN_FOR).update(is_open=False)
    there = set(standing.values_list("person_id", "kind", "subject_id"))
    missing = dict.fromkeys(each.key for each in happenings if each.key not in there)
    made = []
    for person_id, kind, subject_id in missing:
        mailboxes[person_id].seq += 1
        made.append(Notification(person_id=person_id, kind=kind, subject_id=subject_id, seq=mailboxes[person_id].seq))
    Notification.objects.bulk_create(made)
    rows: dict[Key, Notification] = {(row.person_id, row.kind, row.subject_id): row for row in standing.all()}
    return rows, [rows[key] for key in missing]
