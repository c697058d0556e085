"""Co-creators: mutuals whom the owner of a draft invites into it, to be credited on the post that it becomes.

Each of them may watch the draft, accept, leave, or veto. One veto stops its publication until who vetoed accepts after
all, or leaves; nobody is told whose it is. While it stands nobody's answer is shown, and the owner neither invites nor
takes an invitation back: one by one that would tell who it was, and would get rid of the veto, too. For the same reason
it outlives a block and a suspension.

Every act holds the draft's row first, then the tie between owner and invited, as publishing does: an answer comes
before the post, or finds it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from sora_social.accounts import people, ties
from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.core.prepared import PreparedModels
from sora_social.studio.drafts import require_unpublished
from sora_social.studio.events import CoCreatorAnswered, CoCreatorInvited
from sora_social.studio.models import CoCreator, CoCreatorState, Draft

CO_CREATORS_AT_MOST = 8


class CoCreatorNotAllowed(Forbidden):
    """Who is not a mutual is not invited: least of all a teen, by an adult whom they do not follow. Nor is who has a
    wall between them and somebody whose face or post went into the draft."""

    code = "co_creator_not_allowed"
    title = "You cannot invite this person"


class Vetoed(Conflict):
    """Somebody who is invited does not want the draft published. It is not told who."""

    code = "vetoed"
    title = "Not everybody who is invited wants this published"


@dataclass(frozen=True)
class Invited:
    """One who is invited, as others see them: `state` is None while a veto stands."""

    person: User
    state: str | None
    invited_at: datetime


@dataclass(frozen=True)
class Circle:
    """Who is invited into a draft, as one of them or its owner sees it."""

    owner: User
    items: Sequence[Invited]
    is_vetoed: bool
    own_state: str | None
    next: None = None

    @property
    def viewer(self) -> dict[str, str | None]:
        return {"state": self.own_state}


# looked at


_MINE = PreparedModels(
    lambda viewer, draft: CoCreator.objects.of(viewer).undecided().filter(draft=draft), "viewer", "draft"
)
_STANDING = PreparedModels(lambda draft: CoCreator.objects.standing().filter(draft=draft).order_by("id"), "draft")


def circle_of(viewer: User, draft_id: int) -> Circle:
    """For the owner of a draft and who is invited into it, also when they vetoed. Raises NotFound."""
    mine: CoCreator | None = _MINE.first(viewer=viewer.pk, draft=draft_id)
    own = Q(owner=viewer, deleted_at=None) | Q(pk=mine.draft_id if mine else None)
    draft = Draft.objects.filter(own, pk=draft_id).select_related("owner").first()
    if draft is None:
        raise NotFound
    rows = _STANDING.all(draft=draft_id)
    hidden = is_vetoed(draft_id)
    known = User.objects.not_walled_from(viewer).in_bulk([row.person_id for row in rows])
    items = [
        Invited(known[row.person_id], None if hidden else row.state, row.invited_at)
        for row in rows
        if row.person_id in known
    ]
    return Circle(draft.owner, items, hidden, mine.state if mine else None)


# invited


def invite(actor: User, draft_id: int, handle: str) -> None:
    """Invite a mutual into one's own unpublished draft. May be repeated.

    Raises NotFound, Invalid for oneself, CoCreatorNotAllowed, Vetoed, Conflict when it is published, withdrawn or
    refused, and beyond eight.
    """
    with transaction.atomic():
        draft = _held_own(actor, draft_id)
        other = people.person_for(actor, handle)
        if other.pk == actor.pk:
            raise Invalid.field("handle", "That is you.", code="yourself")
        ties.hold_tie(actor.pk, other.pk, shared=True)
        people.person_for(actor, handle)  # asked again, now that it is held
        require_unpublished(draft)
        _require_no_veto(draft_id)
        there = CoCreator.objects.filter(draft=draft)
        if there.filter(person=other).exists():
            return
        if not ties.are_mutuals(actor, other.pk):
            raise CoCreatorNotAllowed
        if there.standing().count() >= CO_CREATORS_AT_MOST:
            raise Conflict(f"At most {CO_CREATORS_AT_MOST} are invited into a draft.", code="co_creators_full")
        CoCreator.objects.create(draft=draft, person=other)
        if not there.standing().filter(person=other).exists():
            raise CoCreatorNotAllowed
        outbox.announce(CoCreatorInvited(draft_id=draft.pk, person_id=other.pk))


def end(actor: User, draft_id: int, handle: str) -> None:
    """Take back an invitation into one's own draft, or leave somebody else's, and a veto with it.

    Raises NotFound, Forbidden for somebody else's invitation into somebody else's draft, Vetoed for the owner while a
    veto stands, Conflict when it is published, withdrawn or refused.
    """
    with transaction.atomic():
        person = people.person_for(actor, handle)
        if person.pk == actor.pk:
            _held_own_invitation(actor, draft_id).delete()
            return
        if CoCreator.objects.of(actor).undecided().filter(draft=draft_id).exists():
            raise Forbidden("Only its owner takes an invitation back.")
        draft = _held_own(actor, draft_id)
        require_unpublished(draft)
        _require_no_veto(draft_id)
        CoCreator.objects.filter(draft=draft, person=person).delete()


def end_across_wall(event: PersonBlocked) -> None:
    """A block ends the invitations between two people, but no veto: that stays, and is nobody's. In its transaction;
    what is published is not touched here."""
    one, other = event.blocker_id, event.blocked_id
    between = Q(draft__owner=one, person=other) | Q(draft__owner=other, person=one)
    invitations = CoCreator.objects.filter(between)
    # the row of the draft is not touched: who holds that waits for the tie, which the block holds
    invitations.filter(state=CoCreatorState.VETOED).update(person=None)
    invitations.delete()


# answered


def accept(actor: User, draft_id: int) -> None:
    """Agree to be credited, and take a veto of one's own back. May be repeated.

    Raises NotFound, Conflict when it is published, withdrawn or refused.
    """
    _answer(actor, draft_id, CoCreatorState.ACCEPTED)


def veto(actor: User, draft_id: int) -> None:
    """Stop a draft into which one is invited, until one accepts or leaves. May be repeated.

    Raises NotFound, Conflict when it is published already, withdrawn or refused.
    """
    _answer(actor, draft_id, CoCreatorState.VETOED)


def _answer(actor: User, draft_id: int, state: CoCreatorState) -> None:
    with transaction.atomic():
        invitation = _held_own_invitation(actor, draft_id)
        if invitation.state == state:
            return
        invitation.state = state
        invitation.save(update_fields=["state"])
        outbox.announce(CoCreatorAnswered(draft_id=draft_id))


# published


def invited_to(draft_id: int) -> set[int]:
    """The ids of everybody who is invited, so that what is between them and the owner may be held."""
    invited = CoCreator.objects.filter(draft=draft_id, person__isnull=False)
    return set(invited.values_list("person_id", flat=True))


def agreed(draft_id: int) -> list[User]:
    """Who is to be credited. Who publishes holds the draft, and the ties to all who are invited. Raises Vetoed."""
    _require_no_veto(draft_id)
    return accepted(draft_id)


def accepted(draft_id: int) -> list[User]:
    """Those who accepted, in the order of the invitations."""
    rows = CoCreator.objects.standing().filter(draft=draft_id, state=CoCreatorState.ACCEPTED)
    return [row.person for row in rows.select_related("person").order_by("id") if row.person is not None]


def is_vetoed(draft_id: int) -> bool:
    """Whether somebody vetoed, also when they could not any more."""
    return CoCreator.objects.filter(draft=draft_id, state=CoCreatorState.VETOED).exists()


def _require_no_veto(draft_id: int) -> None:
    if is_vetoed(draft_id):
        raise Vetoed


def _held_own(actor: User, draft_id: int) -> Draft:
    draft = Draft.objects.owned_by(actor).select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    return draft


def _held_own_invitation(actor: User, draft_id: int) -> CoCreator:
    """One's own invitation into an unpublished draft, with the draft and the tie to its owner held."""
    invited = CoCreator.objects.filter(draft=draft_id, person=actor)
    drafts = Draft.objects.filter(pk__in=invited.values("draft"))
    draft = drafts.select_for_update(of=("self",)).first()
    if draft is None:
        raise NotFound
    ties.hold_tie(actor.pk, draft.owner_id, shared=True)
    invitation = CoCreator.objects.of(actor).filter(draft=draft_id).first()
    if invitation is None:
        raise NotFound
    require_unpublished(draft)
    return invitation
