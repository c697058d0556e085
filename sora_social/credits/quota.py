"""Clips per day: set aside at submit, spent on success, given back on failure, refusal and cancel.

The plan gives `CLIPS_PER_DAY` in any 24 hours, of which `CLIPS_AT_ONCE` may be under way; beyond it, extra clips from
the ledger are used. Every act locks the person's account row first, so nothing is spent twice and nothing is lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Least
from django.utils import timezone

from sora_social.accounts.events import InviteRedeemed
from sora_social.accounts.models import User
from sora_social.core.errors import TooMany
from sora_social.credits.models import Account, Entry, Hold, HoldState

WINDOW = timedelta(hours=24)


class QuotaExceeded(TooMany):
    """No clip left in this window and none in the ledger, or too many under way."""

    code = "quota_exceeded"
    title = "No clip can be started now"


@dataclass(frozen=True)
class Limits:
    """What a person may still make, now."""

    clips_per_day: int
    clips_used: int
    clips_left: int
    clips_extra: int
    clips_running: int
    clips_at_once: int
    resets_at: datetime | None


def _lock(owner: User) -> None:
    Account.objects.get_or_create(owner=owner)
    Account.objects.select_for_update().get(owner=owner)


def limits_of(owner: User) -> Limits:
    """`resets_at` is when the first clip of the window comes back; None when none is used."""
    recent = Hold.objects.filter(owner=owner, reserved_at__gt=timezone.now() - WINDOW)
    spent = recent.exclude(state=HoldState.RELEASED)
    figures = spent.aggregate(
        used=Sum(_plan_clips(), default=0), running=Sum("clips", filter=Q(state=HoldState.RESERVED), default=0)
    )
    oldest = spent.order_by("reserved_at").first()
    used = int(figures["used"])
    return Limits(
        clips_per_day=settings.CLIPS_PER_DAY,
        clips_used=used,
        clips_left=max(0, settings.CLIPS_PER_DAY - used),
        clips_extra=_extra_of(owner),
        clips_running=int(figures["running"]),
        clips_at_once=settings.CLIPS_AT_ONCE,
        resets_at=oldest.reserved_at + WINDOW if oldest else None,
    )


def _extra_of(owner: User) -> int:
    return int(Entry.objects.filter(owner=owner).aggregate(clips=Sum("clips", default=0))["clips"])


def reserve(owner: User, *, clips: int) -> Hold:
    """Set clips aside, from the plan first, then from the ledger. Runs in the caller's transaction.

    Raises QuotaExceeded with the time to wait.
    """
    _lock(owner)
    now = limits_of(owner)
    if now.clips_running + clips > now.clips_at_once:
        raise QuotaExceeded(f"At most {now.clips_at_once} clips at once.", code="too_many_running", retry_after=10)
    from_plan = min(clips, now.clips_left)
    from_ledger = clips - from_plan
    if from_ledger > now.clips_extra:
        wait = (now.resets_at - timezone.now()).total_seconds() if now.resets_at else 1.0
        raise QuotaExceeded(f"{now.clips_per_day} clips in 24 hours are made.", retry_after=wait)
    hold = Hold.objects.create(owner=owner, clips=clips, extra_clips=from_ledger)
    if from_ledger:
        Entry.objects.create(owner=owner, clips=-from_ledger, reason="reserved", hold=hold)
    return hold


def settle(hold_id: int, *, captured: int) -> bool:
    """End a hold: `captured` clips are spent, the others go back where they came from.

    Runs in the caller's transaction. Does nothing to a hold that is settled already, and says so with False.
    """
    hold = Hold.objects.select_related("owner").get(pk=hold_id)
    _lock(hold.owner)
    state = HoldState.CAPTURED if captured else HoldState.RELEASED
    extra_back = min(hold.extra_clips, hold.clips - captured)
    settled = Hold.objects.filter(pk=hold_id, state=HoldState.RESERVED).update(
        state=state, captured_clips=captured, settled_at=timezone.now()
    )
    if settled and extra_back:
        Entry.objects.create(owner=hold.owner, clips=extra_back, reason="released", hold=hold)
    return bool(settled)


def reward_invite(event: InviteRedeemed) -> None:
    """Extra clips for who came by an invite, once."""
    redeemer = User.objects.get(pk=event.redeemer_id)
    with transaction.atomic():
        _lock(redeemer)
        reason = f"invite {event.invite_id}"
        if not Entry.objects.filter(owner=redeemer, reason=reason).exists():
            Entry.objects.create(owner=redeemer, clips=settings.INVITE_BONUS_CLIPS, reason=reason)


def _plan_clips() -> Case:
    """Clips of a hold that count against the plan: while reserved all that it took, once settled what was used."""
    return Case(
        # what is not captured goes back to the ledger first, as `settle` does it
        When(
            state=HoldState.CAPTURED,
            then=F("captured_clips") - F("extra_clips") + Least(F("extra_clips"), F("clips") - F("captured_clips")),
        ),
        default=F("clips") - F("extra_clips"),
    )
