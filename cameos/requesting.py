"""Requests to the owners of faces: a draft that waits for their yes.

A draft waits when its maker is new to an owner who wants to be asked first, or when a limit of theirs is in doubt. All
who are asked must agree; one no, or a week of silence, closes the matter, and nobody is told whose it was.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from cameos import casting, ledger
from cameos.events import CastRequestAnswered
from cameos.limits import Judgement
from cameos.models import Appearance, Cameo, CastRequest, RecordKind, RequestState
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.cursors import Page, keyset_page
from sora_social.core.errors import Conflict, NotFound


def ask_owners(draft_id: int, *, job_id: int, requester: User, judged: Sequence[tuple[Cameo, Judgement]]) -> bool:
    """Ask whoever must be asked before a draft is published: when it is made, and when the terms grew narrower since.

    Who agreed before there was this doubt is asked anew. In the caller's transaction. Returns whether anybody was
    asked.
    """
    asked = [
        CastRequest(
            cameo=cameo,
            requester=requester,
            job_id=job_id,
            draft_id=draft_id,
            is_first_time=casting.must_ask(cameo, requester),
            doubts=_doubts(judgement),
            epoch=cameo.epoch,
            expires_at=Now() + settings.CAST_REQUEST_FOR,
        )
        for cameo, judgement in unasked(draft_id, requester=requester, judged=judged)
    ]
    return bool(
        CastRequest.objects.bulk_create(
            asked,
            update_conflicts=True,
            unique_fields=["draft_id", "cameo"],
            update_fields=["doubts", "state", "epoch", "expires_at", "answered_at"],
        )
    )


def unasked(
    draft_id: int, *, requester: User, judged: Sequence[tuple[Cameo, Judgement]]
) -> list[tuple[Cameo, Judgement]]:
    """Those of a cast whose owners must be asked about a draft, and were not, or not about what is in doubt now."""
    told = dict(CastRequest.objects.filter(draft_id=draft_id).values_list("cameo_id", "doubts"))
    return [
        (cameo, judgement)
        for cameo, judgement in judged
        if (
            any(doubt not in told[cameo.pk] for doubt in _doubts(judgement))
            if cameo.pk in told
            else judgement.doubts or casting.must_ask(cameo, requester)
        )
    ]


def _doubts(judgement: Judgement) -> list[dict[str, str]]:
    return [{"limit": doubt.limit, "reason": doubt.reason} for doubt in judgement.doubts]


def requests_page(owner: User, *, cursor: str, limit: int) -> Page[CastRequest]:
    """Requests for one's own cameos, newest first, answered ones too."""
    rows = CastRequest.objects.filter(cameo__owner=owner).select_related("cameo__owner", "cameo__name", "requester")
    return keyset_page(rows, purpose=f"cast requests {owner.pk}", cursor=cursor, limit=limit)


def approve(owner: User, request_id: int) -> None:
    """Agree to one draft. Its maker is known to the owner from now on. May be repeated.

    Raises NotFound; Conflict when the matter is closed.
    """
    _answer(owner, request_id, RequestState.APPROVED, RecordKind.USE_APPROVED)


def decline(owner: User, request_id: int) -> None:
    """Say no to one draft: it is withdrawn, and those who were asked beside are asked no more. May be repeated.

    Raises NotFound; Conflict when the matter is closed.
    """
    _answer(owner, request_id, RequestState.DECLINED, RecordKind.USE_DECLINED)


def _answer(owner: User, request_id: int, state: RequestState, kind: RecordKind) -> None:
    with transaction.atomic():
        asked = CastRequest.objects.filter(pk=request_id, cameo__owner=owner).first()
        if asked is None:
            raise NotFound
        Cameo.objects.select_for_update().get(pk=asked.cameo_id)
        asked = _held(asked.draft_id)[request_id]
        if asked.state == state:
            return
        if asked.state != RequestState.PENDING or asked.epoch != asked.cameo.epoch:
            raise Conflict("This request is closed.", code="request_closed")
        asked.state, asked.answered_at = state, Now()
        asked.save(update_fields=["state", "answered_at"])
        ledger.append(
            asked.cameo_id, kind, actor_id=owner.pk, subject_id=asked.requester_id, draft_id=str(asked.draft_id)
        )
        if state == RequestState.DECLINED:
            close(asked.draft_id)
        outbox.announce(CastRequestAnswered(draft_id=asked.draft_id))


def _held(draft_id: int) -> dict[int, CastRequest]:
    """Every request about a draft, locked in the order of their ids: who answers may close those of the others."""
    rows = CastRequest.objects.select_for_update(of=("self",)).select_related("cameo").filter(draft_id=draft_id)
    return {row.pk: row for row in rows.order_by("id")}


def close(draft_id: int) -> None:
    """End a matter: nobody else is asked about the draft, and its appearances lapse at once."""
    CastRequest.objects.filter(draft_id=draft_id, state=RequestState.PENDING).update(
        state=RequestState.CLOSED, answered_at=Now()
    )
    Appearance.objects.filter(draft_id=draft_id, withdrawn_at=None).update(withdrawn_at=Now())


def drop(draft_id: int) -> None:
    """Nobody needs to answer about a draft that was thrown away."""
    pending = CastRequest.objects.filter(draft_id=draft_id, state=RequestState.PENDING)
    if pending.update(state=RequestState.CLOSED, answered_at=Now()):
        outbox.announce(CastRequestAnswered(draft_id=draft_id))


def expire(*, at_most: int = 500) -> int:
    """Close what was not answered in time. Returns how many drafts."""
    over = CastRequest.objects.filter(state=RequestState.PENDING, expires_at__lte=Now())
    draft_ids = set(over.order_by("expires_at").values_list("draft_id", flat=True)[:at_most])
    for draft_id in sorted(draft_ids):
        with transaction.atomic():
            _held(draft_id)
            if over.filter(draft_id=draft_id).exists():  # asked under the lock: somebody may have answered meanwhile
                close(draft_id)
                outbox.announce(CastRequestAnswered(draft_id=draft_id))
    return len(draft_ids)


def is_agreed(draft_id: int) -> bool | None:
    """Whether all who were asked about a draft agreed: True also when nobody was; None while somebody is asked."""
    states = set(CastRequest.objects.filter(draft_id=draft_id).values_list("state", flat=True))
    if states & {RequestState.DECLINED, RequestState.CLOSED}:
        return False
    return None if RequestState.PENDING in states else True


def job_of(draft_id: int) -> int | None:
    """The job of a draft that somebody was asked about; None when nobody was."""
    return CastRequest.objects.filter(draft_id=draft_id).values_list("job_id", flat=True).first()
