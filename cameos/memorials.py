"""The memorial registry: names that the representatives of somebody who died have closed.

A claim counts from when a moderator agreed. From then on prompts that name the person are refused, and no character
goes by the name.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from cameos import spelling
from cameos.models import Memorial, MemorialName, MemorialStatus
from cameos.names import names_in, normal_name
from cameos.spelling import Keys
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, keyset_page
from sora_social.core.errors import Conflict, FieldError, Invalid, NotFound, TooMany

ALIASES_AT_MOST = 20
PENDING_AT_MOST = 5


def claim(person: User, *, name: str, aliases: Sequence[str], relation: str, evidence: str) -> Memorial:
    """Ask that a name, and the others that the person went by, be closed. A moderator decides.

    Raises Invalid for a name that could not be found in a prompt, TooMany while five claims of the same person wait.
    """
    names = {"name": [name], "aliases": list(aliases)}
    normal = {field: [normal_name(text) for text in texts] for field, texts in names.items()}
    wrong: dict[str, list[FieldError]] = {
        field: [{"code": "invalid", "message": "A name of at most five words, or eight characters of Chinese."}]
        for field, texts in normal.items()
        if any(not 0 < len(text) <= 100 or text not in names_in([text]) for text in texts)
    }
    if wrong:
        raise Invalid(errors=wrong)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)  # whoever counts, waits
        if Memorial.objects.filter(claimant=person, status=MemorialStatus.PENDING).count() >= PENDING_AT_MOST:
            raise TooMany(f"{PENDING_AT_MOST} claims of yours wait for an answer.", retry_after=86_400)
        memorial = Memorial.objects.create(
            claimant=person, name=name.strip(), relation=relation.strip(), evidence=evidence.strip()
        )
        distinct = sorted({text for texts in normal.values() for text in texts})
        MemorialName.objects.bulk_create(MemorialName(memorial=memorial, name=text) for text in distinct)
    return memorial


def claims_of(person: User, *, cursor: str, limit: int) -> Page[Memorial]:
    """One's own claims, newest first."""
    rows = Memorial.objects.filter(claimant=person).prefetch_related("names")
    return keyset_page(rows, purpose=f"memorials {person.pk}", cursor=cursor, limit=limit)


def close(memorial_id: int) -> None:
    """Close the names of a claim. In the caller's transaction. Raises NotFound, Conflict when they are closed."""
    _decide(memorial_id, MemorialStatus.CLOSED)


def decline(memorial_id: int) -> None:
    """Not agree with a claim, or open its names again. In the caller's transaction. Raises NotFound, Conflict."""
    _decide(memorial_id, MemorialStatus.DECLINED)


def _decide(memorial_id: int, status: MemorialStatus) -> None:
    memorial = Memorial.objects.select_for_update().filter(pk=memorial_id).first()
    if memorial is None:
        raise NotFound
    if memorial.status == status:
        raise Conflict(f"This claim is {status} already.")
    memorial.status, memorial.decided_at = status, timezone.now()
    memorial.save(update_fields=["status", "decided_at"])


def closed_names_in(texts: Iterable[str]) -> list[str]:
    """The closed names that stand in these texts, also hidden ones, normalised, in alphabetical order. One query."""
    return sorted({name for name, _ in _closed_among(spelling.keys_in(texts))})


def require_open(**texts: str) -> None:
    """Refuse names for a character, each by its field, that a memorial closed. Raises Invalid."""
    spellings = {field: spelling.keys_of(text) for field, text in texts.items()}
    both = Keys(*(set().union(*sets) for sets in zip(*((k.names, k.joined) for k in spellings.values()), strict=True)))
    closed = _closed_among(both)
    told: dict[str, list[FieldError]] = {
        field: [{"code": "memorial", "message": "This name is in the memorial registry."}]
        for field, keys in spellings.items()
        if any(name in keys.names or joined in keys.joined for name, joined in closed)
    }
    if told:
        raise Invalid(errors=told)


def _closed_among(keys: Keys) -> set[tuple[str, str]]:
    """Closed names that one of the keys is, each with its letters run together where that counts. One query."""
    if not keys.names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT entry.name, CASE WHEN entry.name LIKE '%% %%' AND length(replace(entry.name, ' ', '')) >= %s
                                  THEN replace(entry.name, ' ', '') ELSE '' END AS joined
               FROM cameos_memorialname entry JOIN cameos_memorial memorial ON memorial.id = entry.memorial_id
               WHERE memorial.status = %s AND (
                   entry.name = ANY(%s) OR replace(entry.name, ' ', '') = ANY(%s) AND entry.name LIKE '%% %%'
                   AND length(replace(entry.name, ' ', '')) >= %s)""",
            [spelling.SHORTEST_JOINED, MemorialStatus.CLOSED, [*keys.names], [*keys.joined], spelling.SHORTEST_JOINED],
        )
        return set(cursor.fetchall())
