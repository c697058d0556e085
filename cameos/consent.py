"""What the owner of a cameo says: who may cast it, on which terms, and no more.

Every act takes the cameo's row first, so that whoever relies on it in a transaction of theirs (`casting.hold`) either
sees what was said or is waited for. What was said is in force when the act returns; what follows from it (jobs
cancelled, counts mended) may take a moment, and nobody has to wait for it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from cameos import casting, ledger, memorials
from cameos.events import CastRequestAnswered, ConsentNarrowed, ConsentRevoked
from cameos.limits import Limits
from cameos.models import (
    Appearance,
    Audience,
    Cameo,
    CameoKind,
    CameoStatus,
    CastRequest,
    ConsentRecord,
    Grant,
    RecordKind,
    RequestState,
)
from sora_social.accounts import people, ties
from sora_social.accounts.events import PersonBlocked, PersonChanged
from sora_social.accounts.models import Follow, User
from sora_social.core import outbox
from sora_social.core.cursors import Page, PreparedList, keyset_page
from sora_social.core.errors import Conflict, Invalid, NotFound
from sora_social.core.prepared import PreparedModels, ids_param


class Mode(StrEnum):
    """How far a revocation goes: nothing new; what is published, too; and its files, too."""

    FUTURE_ONLY = "future_only"
    UNPUBLISH_ALL = "unpublish_all"
    DELETE_ALL = "delete_all"


# asked


def _as_seen_by(viewer: User) -> Any:
    castable = Cameo.objects.castable_by(viewer).filter(pk=OuterRef("pk"))
    granted = Grant.objects.filter(cameo=OuterRef("pk"), grantee=viewer)
    rows = Cameo.objects.visible_to(viewer).select_related("owner", "enrolment")
    return rows.annotate(may_cast=Exists(castable), is_granted=Exists(granted))


def _castable_as_seen_by(viewer: User) -> Any:
    return _as_seen_by(viewer).filter(pk__in=Cameo.objects.castable_by(viewer).values("pk"))


_AMONG = PreparedModels(lambda viewer, ids: _as_seen_by(viewer).filter(pk__any=ids), "viewer", "ids")
_OWN = PreparedList(lambda owner: _as_seen_by(owner).filter(owner=owner), "owner")
_CASTABLE = PreparedList(_castable_as_seen_by, "viewer")
_CATALOGUE = PreparedList(lambda viewer: _castable_as_seen_by(viewer).filter(in_catalogue=True), "viewer")


def cameo_for(viewer: User, cameo_id: int) -> Cameo:
    """A cameo that `viewer` may know of, annotated with `may_cast` and `is_granted`. Raises NotFound."""
    cameo = next(iter(cameos_among(viewer, [cameo_id])), None)
    if cameo is None:
        raise NotFound
    return cameo


def cameos_of(owner: User, *, cursor: str, limit: int) -> Page[Cameo]:
    """One's own cameos, newest first."""
    return _OWN.page(owner=owner.pk, purpose=f"cameos {owner.pk}", cursor=cursor, limit=limit)


def castable_page(viewer: User, *, q: str, cursor: str, limit: int) -> Page[Cameo]:
    """Everyone whom `viewer` may cast, newest first; `q` begins a handle or a display name."""
    words = q.strip().removeprefix("@")
    purpose = f"castable {viewer.pk} {words}"
    if not words:
        return _CASTABLE.page(viewer=viewer.pk, purpose=purpose, cursor=cursor, limit=limit)
    named = Q(name__name__istartswith=words) | Q(kind=CameoKind.PERSON, owner__handle__istartswith=words)
    rows = _castable_as_seen_by(viewer)
    rows = rows.filter(named | Q(display_name__istartswith=words))
    return keyset_page(rows, purpose=purpose, cursor=cursor, limit=limit)


def cameos_among(viewer: User, cameo_ids: Sequence[int]) -> list[Cameo]:
    """Those of these cameos that `viewer` may know of, annotated as `cameo_for` does. One query."""
    return _AMONG.all(viewer=viewer.pk, ids=ids_param(cameo_ids)) if cameo_ids else []


def catalogue_page(viewer: User, *, cursor: str, limit: int) -> Page[Cameo]:
    """Ready-made characters that `viewer` may cast, newest first."""
    return _CATALOGUE.page(viewer=viewer.pk, purpose=f"characters {viewer.pk}", cursor=cursor, limit=limit)


def own_cameo(owner: User, cameo_id: int) -> Cameo:
    """Raises NotFound for a cameo that is not one's own, or is erased."""
    cameo = Cameo.objects.owned_by(owner).select_related("owner").filter(pk=cameo_id).first()
    if cameo is None:
        raise NotFound
    return cameo


def hold_own(owner: User, cameo_id: int) -> Cameo:
    """One's own cameo, its row locked. In the caller's transaction. Raises NotFound."""
    cameo = (
        Cameo.objects.owned_by(owner)
        .select_related("owner")
        .select_for_update(of=("self",))
        .filter(pk=cameo_id)
        .first()
    )
    if cameo is None:
        raise NotFound
    return cameo


# terms


def set_terms(owner: User, cameo_id: int, **changes: Any) -> Cameo:
    """Change audience, `ask_first`, limits, preferences, restrictions, licence or display name.

    To narrow is the same call as to widen. What others have in the making lapses at once where the new audience does
    not include them, also what they posted for themselves or for a later day; what is published stays, until it is
    removed or revoked. Raises NotFound; Invalid for an audience of everyone when the owner is a minor.
    """
    with transaction.atomic():
        cameo = hold_own(owner, cameo_id)
        if changes.get("audience") == Audience.EVERYONE and owner.is_teen(timezone.now().date()):
            raise Invalid.field("audience", "Not for everyone before you are 18.", code="minor")
        if "limits" in changes:
            changes["limits"] = {**cameo.limits, **changes["limits"]}
        if "display_name" in changes:
            memorials.require_open(display_name=changes["display_name"])
        for name, value in changes.items():
            setattr(cameo, name, value)
        _write_terms(cameo, owner, RecordKind.TERMS_SET, fields=[*changes])
        if "audience" in changes:
            _withdraw_outside_audience(cameo)
        outbox.announce(ConsentNarrowed(cameo_id=cameo.pk))
    return cameo_for(owner, cameo_id)


def _write_terms(cameo: Cameo, actor: User | None, kind: RecordKind, *, fields: list[str], **details: Any) -> None:
    """Write changed columns of a locked cameo as a new version of its terms, with its record."""
    limits = Limits.of(cameo.limits)
    cameo.terms_until = datetime.combine(limits.until, time.max, UTC) if limits.until else None
    cameo.terms_version += 1
    cameo.version += 1
    cameo.terms_record = ledger.append(
        cameo.pk, kind, actor_id=actor.pk if actor else None, **terms_of(cameo), **details
    )
    cameo.save(update_fields=[*fields, "terms_until", "terms_version", "version", "terms_record"])


def terms_of(cameo: Cameo) -> dict[str, Any]:
    """What a cameo's owner has said, as plain values for a record."""
    return {
        "audience": cameo.audience,
        "ask_first": cameo.ask_first,
        "limits": cameo.limits,
        "preferences": cameo.preferences,
        "restrictions": cameo.restrictions,
        "licence": cameo.licence,
        "terms_version": cameo.terms_version,
    }


def _withdraw_outside_audience(cameo: Cameo) -> None:
    """What others have in the making, and are no longer in the audience for, lapses in this transaction."""
    if cameo.audience == Audience.EVERYONE:
        return
    owner_id = cameo.owner_id
    included: Any = Q(pk=None)
    if cameo.audience != Audience.ONLY_ME:
        included |= Exists(Grant.objects.filter(cameo=cameo, grantee=OuterRef("requester")))
    if cameo.audience == Audience.MUTUALS:
        included |= Exists(Follow.objects.filter(follower=OuterRef("requester"), followee=owner_id)) & Exists(
            Follow.objects.filter(follower=owner_id, followee=OuterRef("requester"))
        )
    _unpublished(cameo).exclude(included).update(withdrawn_at=Now())


def _unpublished(cameo: Cameo) -> Any:
    """What others have in the making with a cameo, and what they posted for nobody else to see yet."""
    return Appearance.objects.filter(cameo=cameo, withdrawn_at=None).unseen().exclude(requester=cameo.owner_id)


# grants


def grants_page(owner: User, cameo_id: int, *, cursor: str, limit: int) -> Page[Grant]:
    """Who has a grant, newest first. Raises NotFound."""
    cameo = own_cameo(owner, cameo_id)
    rows = Grant.objects.filter(cameo=cameo).select_related("grantee")
    return keyset_page(rows, purpose=f"grants {cameo.pk}", cursor=cursor, limit=limit)


def grant(owner: User, cameo_id: int, handle: str) -> None:
    """Let one person cast. May be repeated. Raises NotFound, also across a block; Invalid for oneself."""
    own_cameo(owner, cameo_id)
    grantee = people.person_for(owner, handle)
    if grantee.pk == owner.pk:
        raise Invalid.field("handle", "You may always cast yourself.", code="yourself")
    with transaction.atomic():
        ties.hold_tie(owner.pk, grantee.pk, shared=True)
        people.person_for(owner, handle)
        cameo = hold_own(owner, cameo_id)
        if not Grant.objects.filter(cameo=cameo, grantee=grantee).exists():
            record = ledger.append(
                cameo.pk,
                RecordKind.GRANTED,
                actor_id=owner.pk,
                subject_id=grantee.pk,
                terms_version=cameo.terms_version,
            )
            Grant.objects.create(cameo=cameo, grantee=grantee, record=record)


def end_grant(owner: User, cameo_id: int, handle: str) -> None:
    """Take one person's grant back. May be repeated. What they have in the making lapses, unless the audience
    includes them anyhow. Raises NotFound for a cameo that is not one's own, and for a name that nobody goes by.
    """
    with transaction.atomic():
        cameo = hold_own(owner, cameo_id)
        held = Grant.objects.filter(cameo=cameo, grantee__handles__name=handle.lower()).first()
        if held is None:
            people.person_for(owner, handle)
            return
        _end_grants(cameo, owner, [held.grantee_id])


def _end_grants(cameo: Cameo, actor: User | None, grantee_ids: list[int]) -> None:
    for grantee_id in grantee_ids:
        ledger.append(cameo.pk, RecordKind.GRANT_ENDED, actor_id=actor.pk if actor else None, subject_id=grantee_id)
    Grant.objects.filter(cameo=cameo, grantee__in=grantee_ids).delete()
    casting.know_no_more(cameo, grantee_ids)
    for grantee in User.objects.filter(pk__in=grantee_ids):
        if not Cameo.objects.castable_by(grantee).filter(pk=cameo.pk).exists():
            _unpublished(cameo).filter(requester=grantee).update(withdrawn_at=Now())
    outbox.announce(ConsentNarrowed(cameo_id=cameo.pk))


def end_across_wall(event: PersonBlocked) -> None:
    """A block ends the grants between two people, and what either has in the making with the other's cameos.

    In the transaction of the block: neither comes back when it is taken away, however soon.
    """
    other_of = {event.blocker_id: event.blocked_id, event.blocked_id: event.blocker_id}
    # in the order of ids, as whoever relies on several cameos takes them
    for cameo in Cameo.objects.filter(owner__in=other_of).select_for_update().order_by("id"):
        other_id = other_of[cameo.owner_id]
        if Grant.objects.filter(cameo=cameo, grantee=other_id).exists():
            ledger.append(cameo.pk, RecordKind.GRANT_ENDED, actor_id=None, subject_id=other_id)
            Grant.objects.filter(cameo=cameo, grantee=other_id).delete()
        _unpublished(cameo).filter(requester=other_id).update(withdrawn_at=Now())
        _close_requests(CastRequest.objects.filter(cameo=cameo, requester=other_id))
        casting.know_no_more(cameo, [other_id])
        outbox.announce(ConsentNarrowed(cameo_id=cameo.pk))


# taken back


def revoke(owner: User, cameo_id: int, *, mode: Mode) -> None:
    """Take consent back, from everybody: the audience is only me, grants end, nothing in the making goes on.

    With `unpublish_all` whatever is published with the cameo is gone from the next request on, and every derivation
    that still casts it; with `delete_all` its files are destroyed, too. One row changes, however many appearances
    there are. Raises NotFound.
    """
    with transaction.atomic():
        _take_back(hold_own(owner, cameo_id), owner, RecordKind.REVOKED, mode)


def hide_my_face(person: User) -> None:
    """One switch: every cameo of mine is for me alone, and whatever is published with one is gone."""
    with transaction.atomic():
        for cameo in Cameo.objects.owned_by(person).select_for_update(of=("self",)).order_by("id"):
            _take_back(cameo, person, RecordKind.HIDDEN, Mode.UNPUBLISH_ALL)


def _take_back(cameo: Cameo, actor: User, kind: RecordKind, mode: Mode) -> None:
    Grant.objects.filter(cameo=cameo).delete()
    lapse(cameo, unpublishes=mode != Mode.FUTURE_ONLY)
    cameo.audience = Audience.ONLY_ME
    _write_terms(cameo, actor, kind, fields=["audience", "epoch", "in_force_from"], mode=mode)
    announce_lapse(cameo, deletes=mode == Mode.DELETE_ALL)


def lapse(cameo: Cameo, *, unpublishes: bool) -> None:
    """Begin a new epoch of a locked cameo; who saves it writes `epoch` and `in_force_from`."""
    cameo.epoch += 1
    if unpublishes:
        cameo.in_force_from = cameo.epoch
    else:  # what is scheduled would be published in the reader's eyes once its day has come
        _unpublished(cameo).filter(post_id__isnull=False).update(withdrawn_at=Now())
    _close_requests(CastRequest.objects.filter(cameo=cameo))


def announce_lapse(cameo: Cameo, *, deletes: bool) -> None:
    outbox.announce(ConsentNarrowed(cameo_id=cameo.pk))
    outbox.announce(ConsentRevoked(cameo_id=cameo.pk, deletes=deletes))


def _close_requests(requests: Any) -> None:
    pending = list(requests.filter(state=RequestState.PENDING).values_list("pk", "draft_id"))
    CastRequest.objects.filter(pk__in=[pk for pk, _ in pending]).update(state=RequestState.CLOSED, answered_at=Now())
    for _, draft_id in pending:
        outbox.announce(CastRequestAnswered(draft_id=draft_id))


# run out


def renew(owner: User, cameo_id: int) -> Cameo:
    """Say yes again, for another year from now. Uses that had run out are in force again; what was revoked or
    removed is not. Raises NotFound; Conflict for a cameo that is not active.
    """
    with transaction.atomic():
        cameo = hold_own(owner, cameo_id)
        if cameo.status != CameoStatus.ACTIVE:
            raise Conflict("Only an active cameo can be renewed.", code="not_active")
        cameo.in_force_until = timezone.now() + settings.CONSENT_FOR
        _write_terms(cameo, owner, RecordKind.RENEWED, fields=["in_force_until"], until=str(cameo.in_force_until))
    return cameo_for(owner, cameo_id)


def expire(*, at_most: int = 200) -> int:
    """Enter in the ledger what ran out, and have what is in the making with it asked again. Returns how many."""
    newest = ConsentRecord.objects.filter(cameo=OuterRef("pk")).order_by("-seq").values("kind")[:1]
    over = Cameo.objects.filter(Q(in_force_until__lte=Now()) | Q(terms_until__lte=Now()), status=CameoStatus.ACTIVE)
    unsaid = over.annotate(newest=newest).exclude(newest=RecordKind.EXPIRED)
    ids = list(unsaid.values_list("pk", flat=True)[:at_most])
    for cameo_id in ids:
        with transaction.atomic():
            Cameo.objects.select_for_update().get(pk=cameo_id)
            if unsaid.filter(pk=cameo_id).exists():  # asked under the lock: another may have said it meanwhile
                ledger.append(cameo_id, RecordKind.EXPIRED, actor_id=None)
                outbox.announce(ConsentNarrowed(cameo_id=cameo_id))
    return len(ids)


def follow_person(event: PersonChanged) -> None:
    """A person's own cameo goes by their handle: what shows it is rendered anew."""
    Cameo.objects.filter(owner=event.person_id).update(version=F("version") + 1)
