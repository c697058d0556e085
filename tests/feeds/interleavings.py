"""Every order in which a look at Following and what happens meanwhile can take turns.

The steps of the others are taken before chosen steps of the one who looks: all the choices there are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import pytest
from django.db import transaction

from feeds.models import LoudAuthor
from feeds.order import following, timelines
from sora_social.accounts import ties
from sora_social.accounts.models import Follow, User
from sora_social.core import bus
from sora_social.core.models import OutboxEvent
from sora_social.posts.events import PostPublished
from sora_social.posts.models import Post
from tests import cast

Step = Callable[[], object]
COUNT = 8


def model(viewer: User) -> list[int]:
    """Following as one plain statement would have it."""
    authors = [viewer.pk, *Follow.objects.filter(follower=viewer).values_list("followee", flat=True)]
    return list(Post.objects.filter(author__in=authors).order_by("-pk").values_list("pk", flat=True)[:COUNT])


def done(kind: str) -> Step:
    """The relay crosses events off, in the transaction that what followed from them is part of."""
    return lambda: OutboxEvent.objects.filter(kind=kind).delete()


def publishing(author: User) -> list[Step]:
    made: list[Post] = []
    return [
        lambda: made.append(cast.post(author)),
        lambda: timelines.push(PostPublished(made[0].pk)),
        done("PostPublished"),
    ]


def becoming_loud(author: User) -> list[Step]:
    """The post by which its author is found to be loud: that commits together with the end of its event."""
    made: list[Post] = []

    def handled() -> None:
        LoudAuthor.objects.create(author=author)
        done("PostPublished")()

    return [lambda: made.append(cast.post(author)), handled, *publishing(author)[:1], done("PostPublished")]


def following_more(viewer: User, handle: str) -> list[Step]:
    return [
        lambda: ties.follow(viewer, handle),
        lambda: timelines._delete([viewer.pk]),
        done("PersonFollowed"),
    ]


def following_more_while_others_look(viewer: User, handle: str) -> list[Step]:
    return [*following_more(viewer, handle), lambda: timelines.begin(viewer.pk)]


def following_less(viewer: User, handle: str) -> list[Step]:
    return [
        lambda: ties.unfollow(viewer, handle),
        lambda: timelines._delete([viewer.pk]),
        done("PersonUnfollowed"),
    ]


def losing_redis(author: User) -> list[Step]:
    first, *rest = publishing(author)
    return [first, lambda: bus.client().flushdb(), *rest]


class Turns:
    """Before the n-th step of who looks, take the steps of the others whose turn it is. Those of turn 0 come before."""

    def __init__(self, steps: Sequence[Step], plan: Sequence[int]) -> None:
        self.left = list(zip(plan, steps, strict=True))
        self.turn = 0
        self.pass_on()

    def pass_on(self) -> None:
        while self.left and self.left[0][0] <= self.turn:
            self.left.pop(0)[1]()
        self.turn += 1

    def finish(self) -> None:
        for _, step in self.left:
            step()
        self.left = []


def watched(monkeypatch: pytest.MonkeyPatch, turns: Turns) -> None:
    def after(act: Callable[..., object]) -> Callable[..., object]:
        def acted(*args: object, **words: object) -> object:
            answer = act(*args, **words)
            turns.pass_on()
            return answer

        return acted

    rows = following._rows

    def beside(sql: str, *args: object) -> object:
        return (after(rows) if sql == following.BESIDE else rows)(sql, *args)

    monkeypatch.setattr(following, "_rows", beside)
    monkeypatch.setattr(following, "followed_by", after(following.followed_by))
    for name in ("window", "begin"):
        monkeypatch.setattr(timelines, name, after(getattr(timelines, name)))


@dataclass(frozen=True)
class Scene:
    """How Redis was left, after how many steps of who looks there is nothing more to disturb, and who else acts."""

    name: str
    prepare: Step
    turns: int
    others: Callable[[], list[Step]]


def breaks(viewer: User, scenes: Sequence[Scene]) -> Iterator[str]:
    """What went wrong, in any order of any scene: who looks missed a post, or saw one of somebody unfollowed."""
    for scene in scenes:
        for plan in combinations_with_replacement(range(scene.turns + 1), len(scene.others())):
            with transaction.atomic():
                bus.client().flushdb()
                OutboxEvent.objects.all().delete()
                scene.prepare()
                yield from _broken(viewer, scene.others(), plan, f"{scene.name} {plan}")
                transaction.set_rollback(True)


def _broken(viewer: User, steps: list[Step], plan: Sequence[int], name: str) -> Iterator[str]:
    turns = Turns(steps, plan)
    before = set(model(viewer))
    with pytest.MonkeyPatch.context() as monkeypatch:
        watched(monkeypatch, turns)
        seen = following.newest(viewer, count=COUNT)
    during = set(model(viewer))
    turns.finish()
    after = model(viewer)
    if not (before & during <= set(seen) and set(seen) <= before | during):
        yield f"{name}: while it happened {seen}"
    for look in ("afterwards", "and again"):
        seen = following.newest(viewer, count=COUNT)
        if seen != after:
            yield f"{name}: {look} {seen}, not {after}"
