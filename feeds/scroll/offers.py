"""The one concrete thing that a card offers to make.

Each kind of offer proposes one candidate, by a few bounded queries that ask visibility and consent anew; the one that
is most likely to be taken up is offered. What was offered lately is left out where there is something else.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from cameos import casting
from cameos.models import Appearance, Cameo, CameoKind
from feeds.models import Nudge, OfferRate
from feeds.models.scrolling import MADE
from ranking.nudging import p_create
from remix.models import Edge
from sora_social.accounts import ties
from sora_social.accounts.models import Follow, Mute, User
from sora_social.challenges.models import Challenge
from sora_social.posts.models import Like, Post
from sora_social.studio.models import Draft, DraftStatus

LIKES_READ = 12
FRIENDS_READ = 100  # the people followed last
FACES_READ = 12
DRAFTS_READ = 12
CHALLENGES_READ = 12
DRAFTS_FOR = timedelta(days=14)

# beginnings that need nobody and nothing: in both languages, in the same order
IDEAS: Sequence[Mapping[str, str]] = (
    {"en": "a paper boat that sails down the gutter after the rain", "zh": "一只纸船，雨后顺着水沟漂走"},
    {"en": "my street as it looks from a bird's back", "zh": "从鸟背上看我住的这条街"},
    {"en": "the smallest bakery in the world opens at dawn", "zh": "世界上最小的面包店在清晨开门"},
    {"en": "a lighthouse that is afraid of the dark", "zh": "一座怕黑的灯塔"},
    {"en": "what my houseplants do when I leave", "zh": "我出门之后，家里的植物在做什么"},
    {"en": "a tram that stops wherever somebody laughs", "zh": "一辆电车，谁笑就在谁身边停"},
    {"en": "a letter from the bottom of the sea", "zh": "一封来自海底的信"},
    {"en": "the moon rents a room for one night", "zh": "月亮租了一间房，只住一晚"},
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered: an action, the ids that it needs, and how it is told. Only action and ids are stored."""

    action: str
    ids: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    is_of_friend: bool = False

    def as_json(self) -> dict[str, str]:
        return {"action": self.action, **self.ids}


def on_the_wire(offer: Offer, language: str) -> dict[str, object]:
    """What a client opens the composer with, when the person taps: nothing opens by itself."""
    if offer.action == "prompt":
        return {"action": offer.action, "prompt": offer.told[language]}
    names = {key: offer.told[key] for key in ("handle", "title", "ends_at", "prompt") if key in offer.told}
    return {"action": offer.action, **offer.ids, **names}


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who is offered something, and what they were offered before."""

    viewer: User
    now: datetime
    offered: Mapping[str, Sequence[str]]

    def fresh_first(self, key: str, ids: Iterable[int]) -> list[int]:
        """These ids, those that were not offered lately first."""
        known: Collection[str] = self.offered.get(key, ())
        return sorted(ids, key=lambda each: str(each) in known)


def best_for(
    viewer: User, past: Sequence[Nudge], *, now: datetime, may_generate: bool, from_friends: bool = False
) -> Offer | None:
    """The offer that this person is most likely to take up; None when there is nothing but a break to offer.

    `past` are their last cards. Without clips left only what is made already can be offered. `from_friends` prefers
    what a friend has part in, if there is any.
    """
    offered: dict[str, list[str]] = {}
    for card in past:
        for key, value in (card.offer or {}).items():
            offered.setdefault(key, []).append(value)
    asker = _Asker(viewer, now, offered)
    sources = SOURCES if may_generate else {"draft": _draft}
    found = [offer for propose in sources.values() if (offer := propose(asker)) is not None]
    friendly = [offer for offer in found if offer.is_of_friend]
    return max(friendly if from_friends and friendly else found, key=_chances(past), default=None)


def _chances(past: Sequence[Nudge]) -> Callable[[Offer], float]:
    rates = {rate.action: rate for rate in OfferRate.objects.all()}
    own = [(card.offer or {}).get("action") for card in past]
    own_taken = [(card.offer or {}).get("action") for card in past if card.outcome in MADE]

    def chance(offer: Offer) -> float:
        rate = rates.get(offer.action)
        return p_create(
            offer.action,
            laid=rate.laid_count if rate else 0,
            taken=rate.taken_count if rate else 0,
            own_laid=own.count(offer.action),
            own_taken=own_taken.count(offer.action),
        )

    return chance


def _remix(asker: _Asker) -> Offer | None:
    """What they liked last and may remix, with everybody in it, and have not remixed yet."""
    viewer = asker.viewer
    liked = list(Like.objects.filter(person=viewer).order_by("-pk").values_list("post_id", flat=True)[:LIKES_READ])
    mine = Exists(Edge.objects.filter(source=OuterRef("pk"), derivation__author=viewer))
    posts = Post.objects.listed_for(viewer).not_muted_by(viewer).as_seen_by(viewer).select_related("author")
    others = posts.filter(pk__in=liked).exclude(author=viewer).exclude(mine).in_bulk()
    open_to_them = {pk: post for pk, post in others.items() if getattr(post, "may_remix")}  # noqa: B009 - an annotation
    faces: dict[int, set[int]] = {}
    for post_id, cameo_id in Appearance.objects.filter(post_id__in=open_to_them).values_list("post_id", "cameo_id"):
        faces.setdefault(post_id or 0, set()).add(cameo_id)
    castable = set(casting.castable_among(viewer, sorted(set().union(*faces.values())))) if faces else set()
    for post_id in asker.fresh_first("post_id", liked):
        if post_id in open_to_them and faces.get(post_id, set()) <= castable:
            author = open_to_them[post_id].author
            told = {"handle": author.handle, "name": author.name}
            return Offer("remix", {"post_id": str(post_id)}, told, is_of_friend=ties.are_mutuals(viewer, author.pk))
    return None


def _cast(asker: _Asker) -> Offer | None:
    """Somebody whom they follow, who follows them, and who lets them cast their face without a price."""
    viewer = asker.viewer
    followed = Follow.objects.filter(follower=viewer).order_by("-pk").values("followee")[:FRIENDS_READ]
    mutual = Exists(Follow.objects.filter(follower=OuterRef("owner"), followee=viewer))
    muted = Exists(Mute.objects.filter(muter=viewer, muted=OuterRef("owner")))
    faces = Cameo.objects.castable_by(viewer).filter(kind=CameoKind.PERSON, owner__in=followed, licence__isnull=True)
    friends = faces.filter(mutual).exclude(muted).select_related("owner").order_by("-pk")
    found = {face.pk: face for face in friends[:FACES_READ]}
    for cameo_id in asker.fresh_first("cameo_id", found):
        owner = found[cameo_id].owner
        told = {"handle": owner.handle, "name": owner.name}
        return Offer("cast", {"cameo_id": str(cameo_id)}, told, is_of_friend=True)
    return None


def _draft(asker: _Asker) -> Offer | None:
    """A clip of theirs that is ready and that nobody has seen."""
    ready = Draft.objects.owned_by(asker.viewer).with_lapse().filter(status=DraftStatus.READY)
    recent = ready.filter(created_at__gt=asker.now - DRAFTS_FOR).order_by("-pk")[:DRAFTS_READ]
    drafts = asker.fresh_first("draft_id", [draft.pk for draft in recent if draft.standing == DraftStatus.READY])
    return Offer("draft", {"draft_id": str(drafts[0])}) if drafts else None


def _challenge(asker: _Asker) -> Offer | None:
    """One that is open, that they have not entered: the one that ends first."""
    entered = Exists(Post.objects.filter(challenge=OuterRef("pk"), author=asker.viewer, deleted_at=None))
    open_ones = Challenge.objects.open_at(asker.now).exclude(entered).order_by("ends_at")
    found = {challenge.pk: challenge for challenge in open_ones[:CHALLENGES_READ]}
    for challenge_id in asker.fresh_first("challenge_id", found):
        challenge = found[challenge_id]
        return Offer(
            "challenge",
            {"challenge_id": str(challenge_id)},
            {"title": challenge.title, "ends_at": challenge.ends_at, "prompt": challenge.prompt},
        )
    return None


def _prompt(asker: _Asker) -> Offer | None:
    """An idea to begin with; another one each time."""
    index = len(asker.offered.get("idea", ())) + asker.viewer.pk
    number = index % len(IDEAS)
    return Offer("prompt", {"idea": str(number)}, IDEAS[number])


SOURCES: Mapping[str, Callable[[_Asker], Offer | None]] = {
    "remix": _remix,
    "cast": _cast,
    "challenge": _challenge,
    "draft": _draft,
    "prompt": _prompt,
}
