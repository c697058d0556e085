"""A simulated world of viewers and makers: who responds how to what they are shown, and what they make of it.

It proves that the parts of a ranker work together and shows what trades off against what. It says nothing about
people: its coefficients (`ranking.evaluation.coefficients`) are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ranking.evaluation import coefficients as world
from ranking.evaluation.coefficients import Size
from ranking.evaluation.observed import ACTS, DAY, HOUR, Observed
from ranking.features import Ints

Doubles = npt.NDArray[np.float64]

_RESPONSES: Final = ("open", "comment", "share", "follow", "like")  # what answers an author
_STRENGTH: Final = {"long_view": 0.5, "like": 1.0, "comment": 2.0, "share": 2.0, "open": 2.0, "publish": 4.0}
_POSTS_PER_ORIGINAL: Final = 20  # room, for remixes of remixes


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What one viewer did with one page: posts watched, in order, seconds for each, and which acts followed."""

    viewer: int
    at: float
    watched: Ints
    seconds: Doubles
    acts: dict[str, npt.NDArray[np.bool_]]


class World:
    """People, their posts, and the hidden reasons of what they do. `observed` is what may be known of it.

    remixability_inherited: whether what made a post good to build on passes to its remixes. Two worlds with the same
    seed have the same people, ties and moments; what happens in them then depends on what each viewer is shown.
    """

    def __init__(self, size: Size, *, remixability_inherited: bool, seed: int) -> None:
        self.size = size
        self.inherited = world.INHERITED if remixability_inherited else 0.0
        setting, self._rng = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
        people = size.people
        capacity = int(size.originals_per_day * (size.days + world.CANDIDATE_DAYS) * _POSTS_PER_ORIGINAL)
        self.observed = Observed(size, capacity)
        self.remixability: Doubles = np.zeros(capacity)
        self.appeal: Doubles = np.zeros(capacity)
        self.bait: Doubles = np.zeros(capacity)
        interest = setting.dirichlet(np.full(size.topics, world.INTEREST_CONCENTRATION), people)
        self.interest: Doubles = interest / interest.max(axis=1, keepdims=True)
        self.mean_interest = float(self.interest.mean())
        self.maker: Doubles = setting.normal(0, world.MAKER_SPREAD, people)
        activity = setting.lognormal(0, world.ACTIVITY_SPREAD, people)
        self.activity: Doubles = activity / activity.sum()
        self._befriend(setting)
        self.sessions = self._moments(setting, people * size.sessions_per_day)
        self._post_backlog(setting)

    def _befriend(self, rng: np.random.Generator) -> None:
        """Follows go to the active and the like-minded; some are returned."""
        people = self.size.people
        pull = self.activity * (0.1 + self.interest @ self.interest.T)
        np.fill_diagonal(pull, 0)
        chance = np.minimum(pull / pull.sum(axis=1, keepdims=True) * world.FOLLOWS_MEAN, 1)
        follows = rng.random((people, people)) < chance
        follows |= follows.T & (rng.random((people, people)) < world.FOLLOWED_BACK)
        self.observed.follows = follows
        mutual = follows & follows.T
        self.observed.cast_permission = mutual & (rng.random((people, people)) < world.CAST_PERMISSION)

    def _moments(self, rng: np.random.Generator, per_day: float) -> list[tuple[float, int]]:
        """When who opens the app, in order."""
        count = int(rng.poisson(per_day * self.size.days))
        at = np.sort(rng.random(count) * self.size.days * DAY)
        return list(zip(at.tolist(), rng.integers(0, self.size.people, count).tolist(), strict=True))

    def _post_backlog(self, rng: np.random.Generator) -> None:
        """The candidates of the first morning."""
        count = int(rng.poisson(self.size.originals_per_day * world.CANDIDATE_DAYS))
        for at in np.sort(-rng.random(count) * world.CANDIDATE_DAYS * DAY).tolist():
            self._post(author=int(rng.choice(self.size.people, p=self.activity)), at=at)

    def make_originals(self, day: int) -> None:
        """Originals of one day, at random moments of it; who was answered the day before makes a little more."""
        answered = (self.observed.answered_at > (day - 1) * DAY).any(axis=1)
        rate = self.activity * np.where(answered, world.ANSWERED_AUTHORS_MAKE, 1.0)
        counts = self._rng.poisson(rate * self.size.originals_per_day)
        authors = np.repeat(np.arange(self.size.people), counts)
        for author, at in zip(authors.tolist(), (day + self._rng.random(len(authors))).tolist(), strict=True):
            self._post(author=author, at=at * DAY)

    def _post(self, *, author: int, at: float, parent: int = -1) -> None:
        seen, row = self.observed, self.observed.posts
        if row == len(seen.author):
            raise ValueError("more posts than the world has room for")
        rng = self._rng
        kept = self.inherited if parent >= 0 else 0.0
        fresh = rng.normal(size=3)
        shared = world.APPEAL_AND_REMIXABILITY
        remixability, appeal = fresh[0], shared * fresh[0] + np.sqrt(1 - shared**2) * fresh[1]
        if parent >= 0:
            remixability = kept * self.remixability[parent] + np.sqrt(1 - kept**2) * remixability
            carried = world.APPEAL_INHERITED
            appeal = carried * self.appeal[parent] + np.sqrt(1 - carried**2) * appeal
        self.remixability[row], self.appeal[row], self.bait[row] = remixability, appeal, fresh[2]
        if rng.random() < world.OFF_TOPIC:
            topic = int(rng.integers(self.size.topics))
        elif parent >= 0:
            topic = int(seen.topic[parent])
        else:
            topic = int(rng.choice(self.size.topics, p=self.interest[author] / self.interest[author].sum()))
        seen.author[row], seen.topic[row], seen.shown_at[row] = author, topic, at
        seen.made_topics[author, topic] += 1
        seen.parent[row] = parent
        seen.root[row] = seen.root[parent] if parent >= 0 else row
        seen.depth[row] = seen.depth[parent] + 1 if parent >= 0 else 0
        seen.posts += 1

    def show(self, viewer: int, now: float, page: Ints) -> Session:
        """One viewer watches a page from its top until they leave; remixes follow some time later."""
        rng, seen = self._rng, self.observed
        watched = page[: int(rng.geometric(1 / world.WATCHED_MEAN))]
        n = len(watched)
        causes = self._causes(viewer, watched)
        causes |= {"same_root": _earlier(seen.root[watched]), "same_topic": _earlier(seen.topic[watched])}
        push = sum(effect * causes[name] for name, effect in world.WATCH_EFFECTS.items())
        typical = world.WATCH_MEDIAN_SECONDS * np.exp(push + rng.normal(0, world.WATCH_SPREAD, n))
        seconds = np.minimum(typical, 2 * world.CLIP_SECONDS)
        acts = {name: rng.random(n) < self._chance(name, causes, viewer) for name in world.BASE_RATES}
        acts["submit"] &= acts["open"]
        acts["publish"] &= acts["submit"]
        acts["long_view"] = seconds >= world.LONG_VIEW_SECONDS
        session = Session(viewer, now, watched, seconds, acts)
        self._log(session, page)
        for source in watched[acts["publish"]].tolist():
            self._post(author=viewer, at=now + rng.exponential(world.REMIX_DELAY_HOURS) * HOUR, parent=source)
        return session

    def making_chance(self, viewer: int, rows: Ints) -> Doubles:
        """What nobody can know: the chance that each post leads this viewer to publish, float64[n], shown first."""
        causes = self._causes(viewer, rows)
        chances = [self._chance(act, causes, viewer) for act in ("open", "submit", "publish")]
        return chances[0] * chances[1] * chances[2]

    def _causes(self, viewer: int, rows: Ints) -> dict[str, Doubles]:
        seen = self.observed
        nothing: Doubles = np.zeros(len(rows))
        return {
            "remixability": self.remixability[rows],
            "appeal": self.appeal[rows],
            "bait": self.bait[rows],
            "interest": self.interest[viewer, seen.topic[rows]] - self.mean_interest,
            "tie": seen.tie(viewer, seen.author[rows]).astype(np.float64),
            "same_root": nothing,
            "same_topic": nothing,
        }

    def _chance(self, act: str, causes: dict[str, Doubles], viewer: int) -> Doubles:
        base = world.BASE_RATES[act]
        log_odds = np.log(base / (1 - base)) + (self.maker[viewer] if act == "open" else 0.0)
        for name, effect in world.EFFECTS[act].items():
            log_odds = log_odds + effect * causes[name]
        chance: Doubles = 1 / (1 + np.exp(-log_odds))
        return chance

    def _log(self, session: Session, page: Ints) -> None:
        """An impression counts when it is served, as in the product; acts come from what was watched."""
        seen, viewer, watched, acts = self.observed, session.viewer, session.watched, session.acts
        seen.served[viewer, page] = True
        seen.counts["impression"][page] += 1
        np.add.at(seen.by_author["impression"], seen.author[page], 1)
        author, topic = seen.author[watched], seen.topic[watched]
        for name in ACTS:
            seen.counts[name][watched] += acts[name]
            seen.acted[viewer, watched] += np.float32(_STRENGTH.get(name, 0.0)) * acts[name]
        answered = np.logical_or.reduce([acts[name] for name in _RESPONSES])
        seen.answered_at[author[answered], viewer] = session.at
        seen.follows[viewer, author[acts["follow"]]] = True
        np.add.at(seen.past_remixes[viewer], author[acts["publish"]], 1)
        np.add.at(seen.by_author["publish"], author[acts["publish"]], 1)
        np.add.at(seen.likes[viewer], author[acts["like"]], 1)
        commented = author[acts["comment"]]
        np.add.at(seen.replies[viewer], commented, 1)
        np.add.at(seen.replies[:, viewer], commented, 1)
        np.add.at(seen.liked_topics[viewer], topic[acts["like"]], 1)
        np.add.at(seen.watched_topics[viewer], topic, session.seconds)


def _earlier(ids: Ints) -> Doubles:
    """How many of the same id stand before each, float64[n]."""
    same = ids[:, None] == ids
    earlier: Doubles = np.tril(same, -1).sum(axis=1).astype(np.float64)
    return earlier
