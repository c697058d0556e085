"""Who people are: joining, names, profiles."""

import re

from django.db import IntegrityError, transaction
from django.db.models import F

from sora_social.accounts import invites
from sora_social.accounts.events import PersonChanged
from sora_social.accounts.models import HANDLE_PATTERN, Handle, User
from sora_social.core import outbox
from sora_social.core.errors import Invalid, NotFound

SHORTEST_HANDLE = 3
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


def person_for(viewer: User, handle: str) -> User:
    """The person who goes, or once went, by `handle`, with their ties to `viewer`. Raises NotFound."""
    found: User | None = (
        User.objects.visible_to(viewer).with_ties_to(viewer).filter(handles__name=handle.lower()).first()
    )
    if found is None:
        raise NotFound
    return found


def update_profile(person: User, **changes: str) -> User:
    """Change display name, bio or handle. An old handle keeps leading to its owner.

    Raises Invalid when the handle is not well-formed or belongs to somebody else.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if "handle" in changes:
            changes["handle"] = _take_handle(person, changes["handle"])
        for name, value in changes.items():
            setattr(person, name, value)
        person.version = F("version") + 1
        person.save(update_fields=[*changes, "version"])
        outbox.announce(PersonChanged(person_id=person.pk))
    person.refresh_from_db()
    return person


def _take_handle(person: User, text: str) -> str:
    handle = well_formed_handle(text)
    taken = Invalid.field("handle", "This handle is taken.", code="handle_taken")
    try:
        with transaction.atomic():
            name, _ = Handle.objects.get_or_create(name=handle, defaults={"person": person})
    except IntegrityError as error:
        raise taken from error
    if name.person_id != person.pk:
        raise taken
    return handle


def set_active(person_id: int, *, active: bool) -> None:
    """Suspend or reinstate somebody. Acts on their next request, and on what others see at theirs."""
    with transaction.atomic():
        if (
            User.objects.filter(pk=person_id)
            .exclude(is_active=active)
            .update(is_active=active, version=F("version") + 1)
        ):
            outbox.announce(PersonChanged(person_id=person_id))
