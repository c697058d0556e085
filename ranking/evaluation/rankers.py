"""Who competes in the simulated world: the product's own ranker, and what else a service might use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ranking.evaluation.metrics import Flags
from ranking.evaluation.observed import DAY, HOUR, Observed
from ranking.evaluation.world import Session, World
from ranking.features import Candidates, Floats, Ints
from ranking.model import HeadModel
from ranking.order import rank
from ranking.rates import BASE_RATES, STEPS, Prior, base_probabilities, posterior_mean
from ranking.weights import BUDGET, STARTING_WEIGHTS, Weights, weights_by_budget

if TYPE_CHECKING:
    from ranking.training import Log

TRAIN_EVERY: Final = 3 * DAY
FACTORS: Final = 8
SWEEPS: Final = 4
RIDGE: Final = 1.0
CONFIDENCE: Final = 10.0


class Ranker(Protocol):
    """Orders what competes for a viewer's page. It knows what was observed, never why."""

    name: str

    def learn(self, seen: Observed, now: float) -> None:
        """Take in the log so far; called every six hours of the simulated time."""

    def page(self, seen: Observed, viewer: int, now: float, rows: Ints, *, size: int, seed: int) -> Ints:
        """At most `size` of the rows, best first."""


class Product:
    """`ranking.order.rank` as it serves For You, with counts and the weights' base rates from the simulated log."""

    name = "the product's"

    def __init__(self) -> None:
        self.weights: Weights = STARTING_WEIGHTS
        self.model: HeadModel | None = None

    def learn(self, seen: Observed, now: float) -> None:
        rates = base_probabilities()
        shown = seen.counts["impression"].sum()
        measured = {
            head: float(posterior_mean(seen.counts[act].sum(), shown, Prior(rates[head], 1_000)))
            for head, act in {"remix": "publish", **{head: head for head in rates if head in seen.counts}}.items()
        }
        nothing = np.prod([1 - measured[head] for head in ("remix", "comment", "share", "like")])
        rates |= measured | {"any_feedback": 1 - float(nothing)}
        self.weights = weights_by_budget(
            {head: share for part in BUDGET.values() for head, share in part.items()}, rates
        )

    def page(self, seen: Observed, viewer: int, now: float, rows: Ints, *, size: int, seed: int) -> Ints:
        candidates = seen.features(viewer, now, rows)
        ranking = rank(candidates, weights=self.weights, model=self.model, seed=seed, page_size=size, limit=size)
        return ranking.post_ids


class Trained(Product):
    """The same with heads trained on the simulated log, live only when they beat what is live, as in the product."""

    name = "the product's, trained"

    def __init__(self) -> None:
        super().__init__()
        self.log = ShownLog()
        self.trained_at = -np.inf

    def learn(self, seen: Observed, now: float) -> None:
        from ranking import judging, training

        super().learn(seen, now)
        if now < self.trained_at + TRAIN_EVERY:
            return
        self.trained_at = now
        log = self.log.for_training()
        try:
            model = training.fold(training.fit(log))
        except training.TooLittle:
            return
        _, _, newest = log.cut()
        new, live = judging.predicted_by(model), judging.predicted_by(self.model)
        if not judging.compare(new, live, newest, self.weights).objection:
            self.model = model


class ShownLog:
    """Impressions as the product logs them: what was known of each when it was ranked, its place, what followed."""

    def __init__(self) -> None:
        self.pages: list[tuple[Candidates, Session]] = []

    def take(self, page: Candidates, session: Session) -> None:
        """page: what was served, in its order; the session watched it from its top to somewhere."""
        self.pages.append((page, session))

    def for_training(self) -> Log:
        from ranking.training import Log

        pages = [page for page, _ in self.pages]
        sizes = [len(page) for page in pages]
        number = np.repeat(np.arange(len(pages)), sizes)
        return Log(
            features=np.concatenate([page.features for page in pages]),
            topics=np.concatenate([page.topics for page in pages]),
            position=np.concatenate([np.arange(size) for size in sizes]).astype(np.float32),
            page=number,
            scroll=number,
            viewer=np.repeat(np.array([session.viewer for _, session in self.pages]), sizes),
            acted=np.concatenate([_acted(session, len(page)) for page, session in self.pages]),
        )


def _acted(session: Session, served: int) -> Flags:
    """Who did what, bool[served, len(STEPS)]; what was served and not watched led to nothing."""
    acted: Flags = np.zeros((served, len(STEPS)), bool)
    for column, step in enumerate(STEPS):
        if step in session.acts:
            acted[: len(session.watched), column] = session.acts[step]
    return acted


class _ByScore:
    """Falling score, the younger first among equals."""

    def learn(self, seen: Observed, now: float) -> None:
        pass

    def page(self, seen: Observed, viewer: int, now: float, rows: Ints, *, size: int, seed: int) -> Ints:
        best = np.lexsort((-seen.shown_at[rows], -self.score(seen, viewer, now, rows)))
        return rows[best[:size]]

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        raise NotImplementedError


class Newest(_ByScore):
    name = "newest first"

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        return seen.shown_at[rows].astype(np.float32)


class Gravity(_ByScore):
    """Lemmy's "hot": log10(max(1, 3 + score)) / (hours + 2)^1.8."""

    name = "hot, gravity 1.8"

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        counts = seen.counts
        points = counts["like"][rows] + counts["comment"][rows] + counts["share"][rows] - counts["see_less"][rows]
        hours = (now - seen.shown_at[rows]) / HOUR
        hot: Floats = (np.log10(np.maximum(1, 3 + points)) / (hours + 2) ** 1.8).astype(np.float32)
        return hot


class Popularity(_ByScore):
    name = "popularity"

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        total: Floats = np.sum([seen.counts[act][rows] for act in ("like", "comment", "share", "open")], axis=0)
        return total


class Watching(_ByScore):
    """Smoothed rates of likes and long views, lifted by how long the viewer watched the topic so far."""

    name = "watch and like"

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        shown = seen.counts["impression"][rows]
        worth: Floats = np.zeros(len(rows), np.float32)
        for act in ("like", "long_view"):
            prior = BASE_RATES[act]
            worth += posterior_mean(seen.counts[act][rows], shown, prior) / np.float32(prior.rate)
        watched = seen.watched_topics[viewer]
        leaning = watched / max(float(watched.max()), 1.0)
        lifted: Floats = worth * (1 + leaning[seen.topic[rows]])
        return lifted


class Factors(_ByScore):
    """Implicit matrix factorisation by alternating least squares (Hu, Koren & Volinsky 2008).

    A post that nobody answered yet stands where the answered posts of its author are, else those of its topic.
    """

    name = "matrix factorisation"

    def __init__(self) -> None:
        self.people: Floats = np.zeros((0, FACTORS), np.float32)
        self.posts: Floats = np.zeros((0, FACTORS), np.float32)

    def learn(self, seen: Observed, now: float) -> None:
        recent = np.flatnonzero(seen.shown_at[: seen.posts] > now - 8 * DAY)
        acted = seen.acted[:, recent]
        people = np.random.default_rng(seen.posts).normal(0, 0.1, (len(acted), FACTORS)).astype(np.float32)
        for _ in range(SWEEPS):
            posts = _solve(people, acted.T)
            people = _solve(posts, acted)
        self.people = people
        self.posts = np.zeros((len(seen.author), FACTORS), np.float32)
        answered = acted.any(axis=0)
        for ids in (seen.topic, seen.author):  # the author's mean where there is one, it tells more
            sums = np.zeros((int(ids.max()) + 1, FACTORS), np.float32)
            np.add.at(sums, ids[recent[answered]], posts[answered])
            counts = np.bincount(ids[recent[answered]], minlength=len(sums))
            known = counts[ids] > 0
            self.posts[known] = sums[ids[known]] / counts[ids[known], None]
        self.posts[recent[answered]] = posts[answered]

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        likeness: Floats = self.posts[rows] @ self.people[viewer]
        return likeness


class Knowing(_ByScore):
    """No rival but a ceiling: it is told the hidden chance of making, and thinks of nothing else."""

    name = "all-knowing"

    def __init__(self) -> None:
        self.world: World | None = None

    def score(self, seen: Observed, viewer: int, now: float, rows: Ints) -> Floats:
        if self.world is None:
            raise ValueError("it was not told of the world")
        return self.world.making_chance(viewer, rows).astype(np.float32)


def _solve(fixed: Floats, strength: Floats) -> Floats:
    """The other side of the factorisation: for each row of strength the factors that fit it best."""
    extra = CONFIDENCE * strength  # confidence beyond the 1 that silence has
    outer = (fixed[:, :, None] * fixed[:, None, :]).reshape(len(fixed), -1)
    normal = (extra @ outer).reshape(-1, FACTORS, FACTORS) + fixed.T @ fixed + RIDGE * np.eye(FACTORS)
    wanted = ((1 + extra) * (strength > 0)) @ fixed
    solved: Floats = np.linalg.solve(normal, wanted[:, :, None])[:, :, 0].astype(np.float32)
    return solved


OURS: Final[tuple[type[Product], ...]] = (Product, Trained)
BASELINES: Final[tuple[type[Ranker], ...]] = (Newest, Gravity, Popularity, Watching, Factors)
