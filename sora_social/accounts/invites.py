"""Codes that let people in, and the queue of those who have none."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from sora_social.accounts.events import InviteRedeemed, PersonChanged
from sora_social.accounts.models import Invite, User, WaitlistEntry
from sora_social.core import outbox

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def is_unused(code: str) -> bool:
    return Invite.objects.filter(code=code, redeemer__isnull=True).exists()


def of(person: User) -> QuerySet[Invite]:
    """The codes that `person` can give away, unused first; `redeemed_by` names whom they may still know of."""
    known = User.objects.visible_to(person).filter(pk=OuterRef("redeemer"))
    invites = Invite.objects.filter(inviter=person).annotate(redeemed_by=Subquery(known.values("handle")))
    return invites.order_by(F("redeemed_at").asc(nulls_first=True), "id")


def redeem(person: User, code: str) -> bool:
    """Admit `person` by a code. A code redeems once, whoever races for it; False when it is gone."""
    taken = Invite.objects.filter(code=code, redeemer__isnull=True).exclude(inviter=person)
    if not taken.update(redeemer=person, redeemed_at=Now()):
        return False
    outbox.announce(InviteRedeemed(invite_id=Invite.objects.get(code=code).pk, redeemer_id=person.pk))
    admit(person)
    return True


def admit(person: User) -> None:
    """Let somebody in, and give them their own codes. Does nothing to who is in already."""
    with transaction.atomic():
        if User.objects.filter(pk=person.pk, admitted_at__isnull=True).update(admitted_at=Now()):
            Invite.objects.bulk_create(
                Invite(code=new_code(), inviter=person) for _ in range(settings.INVITES_PER_PERSON)
            )
            outbox.announce(PersonChanged(person_id=person.pk))


def admit_waiting(now: datetime) -> int:
    """Admit everybody who confirmed their e-mail and waited long enough. Returns how many."""
    waiting = User.objects.filter(
        admitted_at__isnull=True,
        is_active=True,
        joined_at__lte=now - settings.WAITLIST_DELAY,
        emailaddress__verified=True,
    ).distinct()
    people = list(waiting.order_by("id")[:500])
    for person in people:
        admit(person)
    return len(people)


def join_waitlist(email: str, country: str) -> None:
    """Remember an address. The answer is the same whether it is known or not."""
    WaitlistEntry.objects.get_or_create(email=email.lower(), defaults={"country": country})
