"""Who people are: joining, names, profiles."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from sora_social.accounts import invites, zones
from sora_social.accounts.events import PersonChanged
from sora_social.accounts.models import HANDLE_PATTERN, Handle, User
from sora_social.core import outbox
from sora_social.core.errors import Invalid, NotFound, TooMany
from sora_social.core.prepared import PreparedModels

SHORTEST_HANDLE = 3
HANDLE_CHANGES = 2
HANDLE_CHANGES_WITHIN = timedelta(days=14)
CONFIRM_WITHIN = timedelta(days=1)
_RESERVED = frozenset({"admin", "me", "moderator", "preview", "root", "sora", "staff", "support", "system"})


def well_formed_handle(text: str) -> str:
    """The handle in its one spelling. Raises Invalid."""
    handle = text.strip().lower()
    if len(handle) < SHORTEST_HANDLE or not re.fullmatch(HANDLE_PATTERN, handle) or handle in _RESERVED:
        raise Invalid.field("handle", "3 to 30 of a-z, 0-9, underscore and dot.", code="invalid_handle")
    return handle


def join(person: User, *, invite_code: str = "") -> None:
    """Store a new person with their name in the `@` namespace; a code admits them at once.

    Runs inside the caller's transaction. Raises IntegrityError when the handle was taken meanwhile.
    """
    person.save()
    Handle.objects.create(name=person.handle, person=person)
    if invite_code:
        invites.redeem(person, invite_code)
        person.refresh_from_db(fields=["admitted_at"])


_NAMED = PreparedModels(
    lambda viewer, handle: User.objects.visible_to(viewer).with_ties_to(viewer).filter(handles__name=handle),
    "viewer",
    "handle",
)


def person_for(viewer: User, handle: str) -> User:
    """The person who goes, or once went, by `handle`, with their ties to `viewer`. Raises NotFound."""
    found: User | None = _NAMED.first(viewer=viewer.pk, handle=handle.lower())
    if found is None:
        raise NotFound
    return found


def update_profile(person: User, **changes: Any) -> User:
    """Change display name, bio, handle or time zone. An old handle keeps leading to its owner.

    Raises Invalid when the handle is not well-formed or belongs to somebody else, or the zone is none, and what
    `zones.zone_change` raises.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if "handle" in changes:
            changes["handle"] = _take_handle(person, changes["handle"])
        if "time_zone" in changes:
            changes.update(zones.zone_change(person, changes["time_zone"]))
        for name, value in changes.items():
            setattr(person, name, value)
        person.version = F("version") + 1
        person.save(update_fields=[*changes, "version"])
        outbox.announce(PersonChanged(person_id=person.pk))
    person.refresh_from_db()
    return person


def set_rest(person: User, *, quiet: tuple[time, time] | None, daily_minutes: int | None) -> None:
    """Store the quiet hours and the daily limit that somebody sets themselves."""
    begins, ends = quiet or (None, None)
    User.objects.filter(pk=person.pk).update(quiet_from=begins, quiet_until=ends, daily_minutes=daily_minutes)


def _take_handle(person: User, text: str) -> str:
    handle = well_formed_handle(text)
    if not Handle.objects.filter(name=handle, person=person).exists():
        _require_change_left(person)
    taken = Invalid.field("handle", "This handle is taken.", code="handle_taken")
    try:
        with transaction.atomic():
            name, _ = Handle.objects.get_or_create(name=handle, defaults={"person": person})
    except IntegrityError as error:
        raise taken from error
    if name.person_id != person.pk:
        raise taken
    return handle


def _require_change_left(person: User) -> None:
    """A name once taken is kept, so nobody may take many. Raises TooMany."""
    since = timezone.now() - HANDLE_CHANGES_WITHIN
    taken = Handle.objects.filter(person=person, taken_at__gt=since).count()
    if taken - (person.joined_at > since) >= HANDLE_CHANGES:  # the one they joined with was no change
        raise TooMany(f"{HANDLE_CHANGES} new handles in {HANDLE_CHANGES_WITHIN.days} days.", retry_after=86_400)


def forget_unconfirmed(now: datetime) -> int:
    """Let go of accounts that never confirmed an e-mail address, and of their handles. Returns how many."""
    stale = User.objects.filter(joined_at__lt=now - CONFIRM_WITHIN, admitted_at__isnull=True, is_staff=False)
    gone = stale.exclude(emailaddress__verified=True)[:500]
    _, counts = User.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()
    return int(counts.get("accounts.User", 0))


def set_active(person_id: int, *, active: bool) -> None:
    """Suspend or reinstate somebody. Acts on their next request, and on what others see at theirs."""
    with transaction.atomic():
        if (
            User.objects.filter(pk=person_id)
            .exclude(is_active=active)
            .update(is_active=active, version=F("version") + 1)
        ):
            outbox.announce(PersonChanged(person_id=person_id))
