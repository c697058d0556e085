"""Pairs of a publisher and an owner who takes consent back at the same moment, and what came of them.

Short here, long in a drill: `ConsentRaces(...).run(pairs=10_000)`. Needs a database that commits.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection, connections

from cameos import consent
from cameos.consent import Mode
from cameos.models import Appearance, Cameo
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core.errors import DomainError
from sora_social.posts import presenting
from sora_social.studio import appearing, publishing
from sora_social.studio.models import Draft
from tests import cast
from tests.journeys.leads import Lead

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@dataclass
class Stage:
    """A face, its owner, somebody who casts it, and somebody who only looks."""

    owner: User
    maker: User
    stranger: User
    face: Cameo

    @classmethod
    def set(cls) -> "Stage":
        people = [cast.person(handle) for handle in ("ada", "bo", "cy")]
        return cls(*people, cast.cameo(people[0], audience="everyone"))

    def draft(self) -> Draft:
        """A ready draft of the maker with the face, made as a job makes it but for the rendering."""
        return cast.finished_job(self.maker, prompt="@ada wins the election").drafts.get()


@dataclass(frozen=True)
class Act:
    """One way to take consent back. `takes_published` when it reaches what is published, too."""

    do: Callable[[Stage, Draft], None]
    prepare: Callable[[Stage], None]
    takes_published: bool


def _terms(**changes: Any) -> Callable[[Stage], None]:
    return lambda stage: void(
        consent.set_terms(stage.owner, stage.face.pk, **{"limits": {"no_politics": False}, **changes})
    )


def void(_: Any) -> None:
    return None


def _granted(stage: Stage) -> None:
    _terms(audience="approved")(stage)
    consent.grant(stage.owner, stage.face.pk, stage.maker.handle)


def _mutual(stage: Stage) -> None:
    ties.follow(stage.owner, stage.maker.handle)
    ties.follow(stage.maker, stage.owner.handle)
    _terms(audience="mutuals")(stage)


def _remove(stage: Stage, draft: Draft) -> None:
    row = Appearance.objects.get(draft_id=draft.pk)
    appearing.remove(stage.owner, stage.face.pk, row.pk)


_EVERYONE = _terms(audience="everyone")
ACTS = {
    "unpublish_all": Act(lambda s, _: consent.revoke(s.owner, s.face.pk, mode=Mode.UNPUBLISH_ALL), _EVERYONE, True),
    "delete_all": Act(lambda s, _: consent.revoke(s.owner, s.face.pk, mode=Mode.DELETE_ALL), _EVERYONE, True),
    "hide_my_face": Act(lambda s, _: consent.hide_my_face(s.owner), _EVERYONE, True),
    "remove": Act(_remove, _EVERYONE, True),
    "future_only": Act(lambda s, _: consent.revoke(s.owner, s.face.pk, mode=Mode.FUTURE_ONLY), _EVERYONE, False),
    "end_grant": Act(lambda s, _: consent.end_grant(s.owner, s.face.pk, s.maker.handle), _granted, False),
    "narrow": Act(lambda s, _: void(consent.set_terms(s.owner, s.face.pk, audience="only_me")), _EVERYONE, False),
    "tighten": Act(
        lambda s, _: void(consent.set_terms(s.owner, s.face.pk, limits={"no_politics": True})), _EVERYONE, False
    ),
    "block": Act(lambda s, _: ties.block(s.owner, s.maker.handle), _EVERYONE, False),
    "unfollow": Act(lambda s, _: ties.unfollow(s.owner, s.maker.handle), _mutual, False),
}


@dataclass
class Outcome:
    """`published` and `refused` count pairs. Bad are: `late`, published by statements that began when the act had
    returned; `seen`, there for somebody to see though the act reaches what is published; `broken`, ended in an error
    that is no refusal."""

    published: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        return [*self.late, *self.seen, *self.broken]


class ConsentRaces:
    """Runs pairs, round-robin over some acts."""

    def __init__(self, stage: Stage, acts: Sequence[str] = tuple(ACTS), *, seed: int = 0) -> None:
        self.stage, self.acts, self.random = stage, acts, random.Random(seed)
        self.leads = {name: Lead() for name in acts}
        self.barrier = Barrier(2)

    def run(self, pairs: int, *, until: str = "") -> Outcome:
        """`until` names a list of the outcome: the first entry in it ends the run."""
        found = Outcome()
        with ThreadPoolExecutor(2) as pool:
            try:
                for number in range(pairs):
                    self._pair(self.acts[number % len(self.acts)], pool, found)
                    if until and getattr(found, until):
                        break
            finally:
                for _ in range(2):  # each thread has connections of its own to close
                    pool.submit(self._leave)
        return found

    def _pair(self, name: str, pool: ThreadPoolExecutor, found: Outcome) -> None:
        act, stage = ACTS[name], self.stage
        ties.unblock(stage.owner, stage.maker.handle)
        act.prepare(stage)
        draft = stage.draft()
        lead = self.leads[name]
        first, second = lead.delays(self.random)
        publishing_it = pool.submit(self._publish, draft.pk, first)
        acting = pool.submit(self._act, partial(act.do, stage, draft), second)
        acted_at, trouble = acting.result(30)
        post_id, began_last_at, refusal = publishing_it.result(30)
        lead.learn(won=post_id is not None)
        found.published[name] += post_id is not None
        found.refused[name] += refusal is not None
        found.broken += [f"{name}: {error!r}" for error in (trouble, refusal) if not _is_refusal(error)]
        if post_id is None:
            return
        if trouble is None and acted_at < began_last_at:
            found.late.append(name)
        people = (stage.owner, stage.maker, stage.stranger)
        if act.takes_published and trouble is None and any(presenting.present(who, [post_id]) for who in people):
            found.seen.append(name)

    def _publish(self, draft_id: int, delay: float) -> tuple[int | None, float, Exception | None]:
        """The post's id, and when its transaction's last statement began; or why not."""
        last = 0.0

        def note(execute: Any, *words: Any) -> Any:
            nonlocal last
            last = time.monotonic()
            return execute(*words)

        self.barrier.wait(30)
        time.sleep(delay)
        try:
            with connection.execute_wrapper(note):
                return publishing.publish_draft(self.stage.maker, draft_id, **WORDS).pk, last, None
        except Exception as error:
            return None, last, error

    def _act(self, act: Callable[[], None], delay: float) -> tuple[float, Exception | None]:
        self.barrier.wait(30)
        time.sleep(delay)
        try:
            act()
        except Exception as error:
            return time.monotonic(), error
        return time.monotonic(), None

    def _leave(self) -> None:
        self.barrier.wait(30)
        connections.close_all()


def _is_refusal(error: Exception | None) -> bool:
    return error is None or isinstance(error, DomainError)
