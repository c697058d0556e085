"""Clips per day: set aside at submit, spent on success, given back on failure, refusal and cancel.

The plan gives `CLIPS_PER_DAY` in any 24 hours, of which `CLIPS_AT_ONCE` may be under way; beyond it, each clip costs a
credit. The licences of the cast are paid in credits, too, from the requester to the owners of the cameos.
Every act locks the account row of the person whose clips they are first, and no other: nothing is spent twice, nothing
is lost, and two people who cast each other never wait in a ring. Who is paid need not be locked: credits that come can
break no check of those that go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Least
from django.utils import timezone

from sora_social.accounts.events import InviteRedeemed
from sora_social.accounts.models import User
from sora_social.core import telling
from sora_social.core.errors import Forbidden, TooMany
from sora_social.credits import ledger
from sora_social.credits.models import Account, Entry, Fee, Hold, HoldState, Reason

WINDOW = timedelta(hours=24)


class QuotaExceeded(TooMany):
    """No clip left in this window and none in the ledger, or too many under way."""

    code = "quota_exceeded"
    title = "No clip can be started now"


class CreditsExceeded(Forbidden):
    """The licences of the cast cost more credits than there are. Waiting alone brings none, so this is no 429.

    The status is the one that RFC 9457, section 3, has for the same refusal; 402 is reserved (RFC 9110, 15.5.3).
    """

    code = "credits_exceeded"
    title = "Not enough credits"


@dataclass(frozen=True)
class FeeOrder:
    """What the owner of a cameo asks for each clip that it is cast in."""

    payee_id: int
    cameo_id: int
    credits_per_clip: int


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
    telling.tell([owner.pk], "credits")  # whoever locks it is about to change it


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
        clips_extra=ledger.balance_of(owner).credits,
        clips_running=int(figures["running"]),
        clips_at_once=settings.CLIPS_AT_ONCE,
        resets_at=oldest.reserved_at + WINDOW if oldest else None,
    )


def reserve(owner: User, *, clips: int, fees: Sequence[FeeOrder] = ()) -> Hold:
    """Set clips aside, from the plan first, then from the ledger, and what the licences of the cast cost.

    Each cameo is ordered once; whoever casts their own pays nothing for it. Runs in the caller's transaction.
    Raises QuotaExceeded with the time to wait, CreditsExceeded with the credits that are missing.
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
    owed = [fee for fee in fees if fee.payee_id != owner.pk]
    needed = from_ledger + clips * sum(fee.credits_per_clip for fee in owed)
    if needed > now.clips_extra:
        missing = needed - now.clips_extra
        raise CreditsExceeded(f"This costs {needed} credits and you have {now.clips_extra}: {missing} are missing.")
    hold = Hold.objects.create(owner=owner, clips=clips, extra_clips=from_ledger)
    if from_ledger:
        Entry.objects.create(owner=owner, credits=-from_ledger, reason=Reason.RESERVED, hold=hold)
    _charge(hold, owed)
    return hold


def _charge(hold: Hold, owed: Sequence[FeeOrder]) -> None:
    fees = [
        Fee(hold=hold, payee_id=order.payee_id, cameo_id=order.cameo_id, credits_per_clip=order.credits_per_clip)
        for order in owed
    ]
    Fee.objects.bulk_create(fees)
    Entry.objects.bulk_create(_entry(fee, hold.owner_id, Reason.LICENCE_PAID, -hold.clips) for fee in fees)


def _entry(fee: Fee, owner_id: int, reason: Reason, clips: int) -> Entry:
    """What a fee moves for so many clips."""
    return Entry(
        owner_id=owner_id, credits=clips * fee.credits_per_clip, reason=f"{reason} {fee.cameo_id}", hold_id=fee.hold_id
    )


def settle(hold_id: int, *, captured: int, awaits: bool = False) -> bool:
    """End a hold: `captured` clips are spent and their licences paid, the others go back where they came from.

    While the clips' cast is asked (`awaits`), their licences stay set aside: `conclude_clip` ends that for each clip.
    Runs in the caller's transaction. Does nothing to a hold that is settled already, and says so with False.
    """
    hold = Hold.objects.select_related("owner").get(pk=hold_id)
    _lock(hold.owner)
    state = HoldState.CAPTURED if captured else HoldState.RELEASED
    extra_back = min(hold.extra_clips, hold.clips - captured)
    settled = Hold.objects.filter(pk=hold_id, state=HoldState.RESERVED).update(
        state=state, captured_clips=captured, settled_at=timezone.now()
    )
    if not settled:
        return False
    if extra_back:
        Entry.objects.create(owner=hold.owner, credits=extra_back, reason=Reason.RELEASED, hold=hold)
    _pay(hold, 0 if awaits else captured, back=hold.clips - captured)
    return True


def _pay(hold: Hold, paid: int, *, back: int) -> None:
    fees = list(hold.fees.order_by("payee_id", "cameo_id"))
    moved = [
        (_entry(fee, hold.owner_id, Reason.LICENCE_REFUNDED, back) for fee in fees),
        (_entry(fee, fee.payee_id, Reason.LICENCE_EARNED, paid) for fee in fees),
    ]
    Entry.objects.bulk_create(entry for entries in moved for entry in entries if entry.credits)
    telling.tell({fee.payee_id for fee in fees} if paid else (), "credits")


def conclude_clip(hold_id: int, uses: Mapping[int, int], *, is_agreed: bool) -> None:
    """End what was set aside for one clip whose cast was asked: paid when all agreed, else given back. May be repeated.

    `uses` has a number for each cameo in this clip, which no other clip has: the entries bear it, so that each is there
    once. Does nothing for licences that were paid when the job ended.
    """
    hold = Hold.objects.select_related("owner").get(pk=hold_id)
    _lock(hold.owner)
    if hold.state != HoldState.CAPTURED:
        return
    reasons = set(hold.entries.values_list("reason", flat=True))
    ended = (Reason.LICENCE_EARNED, Reason.LICENCE_REFUNDED)
    for fee in hold.fees.order_by("payee_id", "cameo_id"):
        use = uses.get(fee.cameo_id)
        is_paid = f"{Reason.LICENCE_EARNED} {fee.cameo_id}" in reasons
        if use is None or is_paid or any(f"{word} {use}" in reasons for word in ended):
            continue
        word, owner_id = ended[0 if is_agreed else 1], fee.payee_id if is_agreed else hold.owner_id
        Entry.objects.create(owner_id=owner_id, credits=fee.credits_per_clip, reason=f"{word} {use}", hold=hold)
        telling.tell([owner_id], "credits")


def clips_under_licence(cameo_id: int) -> int:
    """Clips that were paid for with a cameo, or are set aside for it."""
    reserved = Q(hold__state=HoldState.RESERVED)
    sold = Fee.objects.filter(cameo_id=cameo_id).aggregate(
        reserved=Sum("hold__clips", filter=reserved, default=0),
        captured=Sum("hold__captured_clips", filter=~reserved, default=0),
    )
    return int(sold["reserved"]) + int(sold["captured"])


def reward_invite(event: InviteRedeemed) -> None:
    """Credits for who came by an invite, once."""
    redeemer = User.objects.get(pk=event.redeemer_id)
    with transaction.atomic():
        _lock(redeemer)
        reason = f"{Reason.INVITE} {event.invite_id}"
        if not Entry.objects.filter(owner=redeemer, reason=reason).exists():
            Entry.objects.create(owner=redeemer, credits=settings.INVITE_BONUS_CLIPS, reason=reason)


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
