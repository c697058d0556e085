"""What a person has in credits, and what moved them.

A credit is one clip beyond the plan, or part of the price of a cameo's licence. Whoever spends holds the lock of their
account (see `quota`); what a person earns is only appended, without their lock.
"""

from dataclasses import dataclass

from django.db.models import Q, Sum

from sora_social.accounts.models import User
from sora_social.core.cursors import Page, keyset_page
from sora_social.credits.models import Entry, Reason


@dataclass(frozen=True)
class Balance:
    """What there is to spend, and how much of all that ever came was earned by licences."""

    credits: int
    earned_from_licences: int


def balance_of(owner: User) -> Balance:
    figures = Entry.objects.filter(owner=owner).aggregate(
        total=Sum("credits", default=0),
        earned=Sum("credits", filter=Q(reason__startswith=f"{Reason.LICENCE_EARNED} "), default=0),
    )
    return Balance(int(figures["total"]), int(figures["earned"]))


def entries_of(owner: User, *, cursor: str, limit: int) -> Page[Entry]:
    """What moved one's own credits, newest first."""
    return keyset_page(Entry.objects.filter(owner=owner), purpose=f"credits {owner.pk}", cursor=cursor, limit=limit)
