"""How a page of somebody's feed comes about, for an operator who wonders: made now, neither kept nor logged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.db.models import QuerySet
from django.db.models.functions import Now

from cameos.models import Appearance, AppearanceQuerySet
from feeds.moments import new_page_id
from feeds.order import following, moods, pipeline, timelines
from feeds.order.pipeline import Order
from feeds.order.timelines import Window
from feeds.order.trace import SourceNote, StageNote
from feeds.steering import preferences
from ranking.slate import Slot
from ranking.weights import GROUPS
from sora_social.accounts.models import Mute, User, walls_between
from sora_social.core.errors import Invalid, NotFound
from sora_social.posts.models import Post, PostCredit, Visibility, with_whole_cast

FEEDS = ("for_you", "mood", "following")


@dataclass(frozen=True, slots=True)
class ExplainedPlace:
    """A post in its place. `values` by group of `ranking.weights.GROUPS`; their sum, faded and steered, is `score`."""

    post_id: int
    author: str
    values: Sequence[float]
    steer: float
    score: float
    slot: str
    propensity: float
    came_from: Sequence[str]
    reasons: Sequence[str]

    @property
    def fading(self) -> float:
        """What age leaves of the value."""
        value = sum(self.values) * self.steer
        return self.score / value if value > 0 else 1.0


@dataclass(frozen=True, slots=True)
class ExplainedOrder:
    """An order of For You: its stages, its sources, what was hidden and why, and its first places."""

    handle: str
    is_personal: bool
    length: int
    stages: Sequence[StageNote]
    sources: Sequence[SourceNote]
    hidden: Sequence[tuple[int, str]]
    places: Sequence[ExplainedPlace]


@dataclass(frozen=True, slots=True)
class ExplainedList:
    """Following: what the list in Redis has (None without one to rely on) and from where on, and what is beside it."""

    handle: str
    listed: int | None
    mark: int
    beside: int
    post_ids: Sequence[int]
    hidden: Sequence[tuple[int, str]]


def person_called(handle: str) -> User:
    """Raises NotFound."""
    person: User | None = User.objects.filter(handle=handle.removeprefix("@").casefold()).first()
    if person is None:
        raise NotFound(f"There is nobody called @{handle}.")
    return person


def explain_order(viewer: User, *, feed: str, mood: str, limit: int, is_personal: bool | None) -> ExplainedOrder:
    """Make an order as a page would, and say how. Raises Invalid for no such mood."""
    if feed == "mood" and not mood:
        raise Invalid.field("mood", "Name one.")
    order_id = new_page_id()
    topics = moods.topics_of(mood) if feed == "mood" else ()
    personal = preferences.of(viewer).personalised if is_personal is None else is_personal
    if personal:
        query = pipeline.ask(viewer, order_id=order_id, began=order_id, topics=topics)
    else:
        query = pipeline.ask_for_all(viewer.country, order_id=order_id, seed=order_id, topics=topics)
    order = pipeline.make(query)
    return ExplainedOrder(
        handle=viewer.handle,
        is_personal=personal,
        length=order.facts.length,
        stages=order.trace.stages,
        sources=order.proposed.notes,
        hidden=why_hidden(viewer if personal else None, order.allowed.hidden),
        places=list(_places(order, limit)),
    )


def _places(order: Order, limit: int) -> Iterator[ExplainedPlace]:
    came_from: dict[int, list[str]] = {}
    for name, ids in order.proposed.by_source:
        for post_id in ids:
            came_from.setdefault(post_id, []).append(name)
    reasons = {place.post_id: [word["text"] for word in orjson.loads(place.why)] for place in order.places}
    shown = [place.post_id for place in order.places[:limit]]
    authors = dict(Post.objects.filter(pk__in=shown).values_list("pk", "author__handle"))
    for ranking in order.rankings:
        values = ranking.values()
        for row, post_id in enumerate(ranking.post_ids.tolist()):
            if post_id in authors:
                yield ExplainedPlace(
                    post_id=post_id,
                    author=authors[post_id],
                    values=values[row].tolist(),
                    steer=float(ranking.candidates.steer[row]),
                    score=float(ranking.scores[row]),
                    slot=Slot(ranking.slots[row]).name.lower(),
                    propensity=float(ranking.propensities[row]),
                    came_from=came_from.get(post_id, []),
                    reasons=reasons[post_id],
                )


def explain_following(viewer: User, *, limit: int) -> ExplainedList:
    """Read Following as a page would, without making a list."""
    beside, found = following.beside_and_list(viewer, following.NEWEST, limit)
    read = following.newest if isinstance(found, Window) else following.followed_by
    ids = read(viewer, before=following.NEWEST, count=limit)
    whole = timelines.window(viewer.pk, before=following.NEWEST, count=10_000)
    return ExplainedList(
        handle=viewer.handle,
        listed=len(whole.ids) if isinstance(whole, Window) else None,
        mark=whole.floor if isinstance(whole, Window) else following.NEWEST,
        beside=len(beside),
        post_ids=ids,
        hidden=why_hidden(viewer, ids),
    )


def why_hidden(viewer: User | None, post_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Which of these posts `viewer`, or everybody, is not shown, with the first of the rules that keeps each away."""
    posts = Post.objects.filter(pk__in=post_ids)
    found: dict[int, str] = {}
    for rule, hidden in (_rules_of_all(posts) | (_rules_of_one(posts, viewer) if viewer else {})).items():
        for post_id in hidden.values_list("pk", flat=True):
            found.setdefault(post_id, rule)
    everybodys = Post.objects.standing().filter(visibility=Visibility.PUBLIC)
    shown = Post.objects.listed_for(viewer) if viewer else everybodys
    for post_id in posts.exclude(pk__in=shown.values("pk")).values_list("pk", flat=True):
        found.setdefault(post_id, "not for them to see")
    return [(post_id, found[post_id]) for post_id in post_ids if post_id in found]


def _rules_of_all(posts: QuerySet[Post]) -> dict[str, QuerySet[Post]]:
    return {
        "deleted or taken down": posts.exclude(deleted_at=None, removed_at=None),
        "its time has not come": posts.filter(shown_at__gt=Now()),
        "its author is suspended": posts.filter(author__is_active=False),
        "private or by link alone": posts.filter(visibility__in=(Visibility.PRIVATE, Visibility.UNLISTED)),
        "consent of its cast": _without(posts, Appearance.objects.in_force()),
    }


def _rules_of_one(posts: QuerySet[Post], viewer: User) -> dict[str, QuerySet[Post]]:
    mine, theirs = walls_between("author", viewer)
    return {
        "their own": posts.filter(author=viewer),
        "a block": posts.filter(mine | theirs),
        "its author is muted": posts.filter(author__in=Mute.objects.filter(muter=viewer).values("muted")),
        "a block with its cast": _without(posts, Appearance.objects.shown_to(viewer)),
        "a block with a co-creator": posts.filter(pk__in=PostCredit.objects.walled_from(viewer).values("post")),
    }


def _without(posts: QuerySet[Post], allowed: AppearanceQuerySet) -> QuerySet[Post]:
    """Posts not all of whose cast is allowed."""
    return posts.exclude(pk__in=posts.filter(with_whole_cast(allowed)).values("pk"))


# for a terminal


def order_lines(explained: ExplainedOrder) -> Iterator[str]:
    """The making of an order, as lines of at most 120 characters."""
    made_for = f"@{explained.handle}" if explained.is_personal else f"everybody where @{explained.handle} lives"
    milliseconds = 1000 * sum(stage.seconds for stage in explained.stages)
    yield f"For {made_for}: {explained.length} places in {milliseconds:.1f} ms. It is neither kept nor logged"
    yield ""
    yield f"{'stage':<10} {'ms':>7} {'in':>6} {'out':>6}  dropped"
    for stage in explained.stages:
        dropped = ", ".join(f"{why.replace('_', ' ')} {count}" for why, count in stage.dropped.items())
        yield f"{stage.name:<10} {1000 * stage.seconds:>7.1f} {stage.entered:>6} {stage.left:>6}  {dropped}"
    yield ""
    yield f"{'source':<14} {'ms':>6} {'found':>6} {'new':>6}"
    for note in explained.sources:
        outcome = "" if note.outcome == "asked" else f"  {note.outcome}"
        yield f"{note.name:<14} {1000 * note.seconds:>6.1f} {note.proposed:>6} {note.added:>6}{outcome}"
    yield ""
    yield from _hidden_lines(explained.hidden)
    short = [group.replace("creator_feedback", "feedback").replace("conversation", "talk") for group in GROUPS]
    yield (
        "    "
        + f"{'post':<20} {'by':<14}"
        + "".join(f"{name:>10}" for name in short)
        + f"{'age':>6}{'steer':>6}{'score':>8}"
    )
    for rank, place in enumerate(explained.places, start=1):
        yield from _place_lines(rank, place)


def _place_lines(rank: int, place: ExplainedPlace) -> Iterator[str]:
    values = "".join(f"{value:>10.4f}" for value in place.values)
    yield (
        f"{rank:>3} {place.post_id:<20} @{place.author[:13]:<13}{values}"
        f"{place.fading:>6.2f}{place.steer:>6.2f}{place.score:>8.4f}"
    )
    by_chance = f", drawn with {place.propensity:.3f}" if place.propensity < 1 else ""
    place_of = "" if place.slot == "open" else f"a place for {place.slot}{by_chance}; "
    yield f"    {place_of}from {', '.join(place.came_from)}; {'; '.join(place.reasons)}"[:120]


def list_lines(explained: ExplainedList) -> Iterator[str]:
    """What Following is made of, as lines."""
    if explained.listed is None:
        yield f"@{explained.handle} has no list to rely on: the database is read"
    else:
        since = f"from {explained.mark} on" if explained.mark else "complete"
        yield f"@{explained.handle} has a list of {explained.listed} posts, {since}; {explained.beside} beside it"
    yield ""
    yield from _hidden_lines(explained.hidden)
    hidden = dict(explained.hidden)
    yield from (str(post_id) for post_id in explained.post_ids if post_id not in hidden)


def _hidden_lines(hidden: Sequence[tuple[int, str]]) -> Iterator[str]:
    if not hidden:
        return
    counts = Counter(rule for _, rule in hidden)
    yield f"hidden: {', '.join(f'{rule} {count}' for rule, count in counts.most_common())}"
    for post_id, rule in hidden[:10]:
        yield f"  {post_id}  {rule}"
    yield ""
