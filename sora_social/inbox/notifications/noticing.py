"""Who is to hear of what happened: a function for each event that people are told of."""

from collections.abc import Iterator
from typing import Protocol

from django.conf import settings

from cameos import requesting
from cameos.events import CastRequestAnswered
from cameos.models import Appearance, CastRequest
from remix.models import Edge, EdgeKind
from sora_social.accounts.events import InviteRedeemed, PersonFollowed
from sora_social.accounts.models import Invite, User
from sora_social.inbox.models import Kind
from sora_social.inbox.notifications.coalescing import Happening, jot, record
from sora_social.inbox.notifications.texts import DECISIONS
from sora_social.posts.comments import mentions
from sora_social.posts.events import CommentSaid, PostLiked, PostPublished, PostVisibilityChanged
from sora_social.posts.models import Comment, Post, PostCredit
from sora_social.studio import cocreating
from sora_social.studio.events import CoCreatorAnswered, CoCreatorInvited, GenerationFinished
from sora_social.studio.models import Draft, JobStatus


def of_follow(event: PersonFollowed) -> None:
    record([Happening(event.followee_id, Kind.FOLLOW, actor_id=event.follower_id)])


def of_like(event: PostLiked) -> None:
    """In the transaction of the like: a post may be liked faster than events are handled."""
    jot(event.author_id, Kind.LIKE, subject_id=event.post_id, actor_id=event.person_id)


def of_comment(event: CommentSaid) -> None:
    """Whom it names hears that, else whom it answers, else whose post it is under; of each it may be read by, and no
    teen of an adult whom they do not follow."""
    comments = Comment.objects.select_related("author", "post", "parent")
    comment = comments.filter(pk=event.comment_id, deleted_at=None).first()
    if comment is None:
        return
    told: dict[int, tuple[Kind, int]] = {comment.post.author_id: (Kind.COMMENT, comment.post_id)}
    if comment.parent is not None:
        told[comment.parent.author_id] = (Kind.REPLY, comment.parent.pk)
    told.update({int(one["id"]): (Kind.MENTION, comment.post_id) for one in comment.mentions})
    people = list(User.objects.filter(pk__in=told).order_by("pk"))
    beyond = mentions.out_of_reach(comment.author, people)
    record(
        Happening(person.pk, *told[person.pk], comment.author_id, comment.pk)
        for person in people
        if person.pk not in beyond
        and Comment.objects.visible_to(person).filter(pk=comment.pk).exists()
        and Post.objects.visible_to(person).filter(pk=comment.post_id).exists()
    )


def of_post(event: PostPublished | PostVisibilityChanged) -> None:
    """The authors of what it was made from, the owners of the faces in it, and who is credited on it."""
    post = Post.objects.filter(pk=event.post_id, deleted_at=None).first()
    if post is not None:
        record([*_remixes(post), *_castings(post), *_credits(post)])


def _remixes(post: Post) -> Iterator[Happening]:
    sources = Edge.objects.filter(derivation=post).exclude(source__author_id=post.author_id)
    for source_id, author_id, how in sources.values_list("source", "source__author", "kind").order_by("source"):
        if Post.objects.visible_to(User.objects.get(pk=author_id)).filter(pk=post.pk).exists():
            kind = Kind.TEMPLATE if how == EdgeKind.TEMPLATE else Kind.REMIX
            yield Happening(author_id, kind, source_id, post.author_id, post.pk)


def _castings(post: Post) -> Iterator[Happening]:
    for row in Appearance.objects.filter(post_id=post.pk).in_force().select_related("cameo"):
        yield Happening(row.cameo.owner_id, Kind.CAST_IN_POST, row.cameo_id, row.requester_id, row.pk)


def _credits(post: Post) -> Iterator[Happening]:
    for credit in PostCredit.objects.standing().filter(post=post).select_related("person").order_by("ordinal"):
        if Post.objects.visible_to(credit.person).filter(pk=post.pk).exists():
            yield Happening(credit.person_id, Kind.CO_CREATOR_POST, post.pk, post.author_id)


def of_co_creator_invite(event: CoCreatorInvited) -> None:
    draft = Draft.objects.filter(pk=event.draft_id, deleted_at=None).first()
    if draft is not None:
        record([Happening(event.person_id, Kind.CO_CREATOR_INVITE, draft.pk, draft.owner_id)])


def of_co_creator_answer(event: CoCreatorAnswered) -> None:
    """Whose draft it is: of a veto without a name, and while it stands of nobody's acceptance, which would tell by
    and by whose it is not. Those are told when it is taken back, all at once."""
    draft = Draft.objects.filter(pk=event.draft_id, deleted_at=None).first()
    if draft is None:
        return
    if cocreating.is_vetoed(draft.pk):
        record([Happening(draft.owner_id, Kind.CO_CREATOR_VETO, draft.pk)])
    else:
        people = cocreating.accepted(draft.pk)
        record(Happening(draft.owner_id, Kind.CO_CREATOR_ACCEPTED, draft.pk, person.pk) for person in people)


def of_job(event: GenerationFinished) -> None:
    """Its owner, unless they ended it themselves; and the owners of the faces in its drafts, or those who are asked."""
    found = []
    if event.status != JobStatus.CANCELLED:
        found.append(Happening(event.owner_id, Kind.GENERATION, event.job_id, words={"status": event.status}))
    rows = Appearance.objects.filter(job_id=event.job_id, draft_id__isnull=False).in_force().select_related("cameo")
    asked = {
        (draft_id, cameo_id): pk
        for pk, draft_id, cameo_id in CastRequest.objects.filter(job_id=event.job_id).values_list(
            "pk", "draft_id", "cameo_id"
        )
    }
    for row in rows:
        request_id = asked.get((row.draft_id or 0, row.cameo_id))
        kind, subject_id = (Kind.CAST_IN_DRAFT, row.cameo_id) if request_id is None else (Kind.CAST_REQUEST, request_id)
        found.append(Happening(row.cameo.owner_id, kind, subject_id, row.requester_id, row.pk))
    record(found)


def of_answer(event: CastRequestAnswered) -> None:
    """Whose draft it is, once all have agreed or it is settled that not all do. Nobody is named."""
    draft = Draft.objects.filter(pk=event.draft_id, deleted_at=None).first()
    agreed = requesting.is_agreed(event.draft_id)
    if draft is not None and agreed is not None:
        record([Happening(draft.owner_id, Kind.CAST_ANSWER, draft.pk, words={"agreed": agreed})])


def of_invite(event: InviteRedeemed) -> None:
    invite = Invite.objects.filter(pk=event.invite_id).first()
    if invite is not None:
        extra = {"reason": "invite", "credits": settings.INVITE_BONUS_CLIPS}
        record(
            [
                Happening(invite.inviter_id, Kind.INVITE, invite.pk, event.redeemer_id),
                Happening(event.redeemer_id, Kind.CREDITS, invite.pk, words=extra),
            ]
        )


class Decision(Protocol):
    """What a room above tells of a decision about somebody, or something of theirs."""

    decision_id: int
    person_id: int
    action: str
    subject_type: str


def of_decision(event: Decision) -> None:
    decision = f"{event.subject_type} {event.action}"
    if decision in DECISIONS:
        record([Happening(event.person_id, Kind.MODERATION, event.decision_id, words={"decision": decision})])
