"""The front door: candidates in, an order with its reasons out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ranking import explain, rates, slate, value
from ranking.card import policy_version
from ranking.explain import Reason
from ranking.features import Candidates, Floats, Ints
from ranking.model import HeadModel
from ranking.weights import Weights


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The candidates that the viewer's steering left in, best first; pages are cut from it in order.

    post_ids: int64[m]. scores: float32[m], the posts' own, before variety. slots: uint8[m], a slate.Slot each.
    propensities: float32[m], as slate.Slate defines them.
    version: of the model, the weights and every number of the policy, as on the public ranking card.
    candidate_set_hash: 16 hex digits, the same for the same set of competing posts, shown or not.
    """

    post_ids: Ints
    scores: Floats
    slots: npt.NDArray[np.uint8]
    propensities: Floats
    version: str
    candidate_set_hash: str
    _ordered: Candidates = field(repr=False)
    _lifts: Floats = field(repr=False)
    _weights: Weights = field(repr=False)
    _model: HeadModel | None = field(repr=False)

    @property
    def candidates(self) -> Candidates:
        """What the ranker knew of the posts, in their order."""
        return self._ordered

    def values(self) -> Floats:
        """What each group of weights.GROUPS adds to the value of each post, float32[m, len(GROUPS)].

        The score is their sum, faded by age and multiplied by steering.
        """
        predict = self._model.head_probabilities if self._model else rates.head_probabilities
        return value.contributions(self._ordered, predict(self._ordered), self._weights)

    def explain(self, row: int) -> list[Reason]:
        """Why the post at this row of the order is there: one or two reasons, the greatest first."""
        return self.explain_rows([row])[0]

    def explain_rows(self, rows: Sequence[int]) -> list[list[Reason]]:
        """The reasons for several rows, such as a page, in one computation. Raises IndexError."""
        picked = np.asarray(rows, np.intp)
        return explain.explain(
            self._ordered.take(picked),
            self.slots[picked],
            self._lifts[picked],
            weights=self._weights,
            predict=self._model.head_probabilities if self._model else rates.head_probabilities,
            baseline=self._model.baseline if self._model else rates.ASSUMED,
        )

    def packed(self) -> bytes:
        """What the ranker knew of each post of the order, to be logged: m records of features.RECORD."""
        return self._ordered.packed()


def rank(
    candidates: Candidates,
    *,
    weights: Weights,
    seed: int,
    model: HeadModel | None = None,
    page_size: int = slate.PAGE_SIZE,
    limit: int | None = None,
) -> Ranking:
    """Order candidates by what they are worth to the viewer, varied page by page.

    Without a model the smoothed rates stand in for it. Posts with steer 0 are left out: the viewer said no. The same
    candidates in any order with the same seed give the same ranking. limit: stop after so many places; they hold what
    they would hold in the whole order. Raises ValueError when page_size or limit is out of range.
    """
    allowed = np.flatnonzero(candidates.steer > 0)
    if len(allowed) < len(candidates):
        candidates = candidates.take(allowed)
    heads = (model.head_probabilities if model else rates.head_probabilities)(candidates)
    scores = value.scores(candidates, value.contributions(candidates, heads, weights))
    arranged = slate.arrange(candidates, scores, seed=seed, page_size=page_size, limit=limit)
    ordered = candidates.take(arranged.rows)
    return Ranking(
        post_ids=ordered.post_id,
        scores=scores[arranged.rows],
        slots=arranged.slots,
        propensities=arranged.propensities,
        version=policy_version(weights, model),
        candidate_set_hash=_set_hash(candidates.post_id),
        _ordered=ordered,
        _lifts=arranged.lifts,
        _weights=weights,
        _model=model,
    )


def _set_hash(post_ids: Ints) -> str:
    return hashlib.sha256(np.sort(post_ids).astype("<i8").tobytes()).hexdigest()[:16]
