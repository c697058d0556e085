"""Why a post stands where it stands: what its score would be without each reason, in words.

A group's contribution is the post's score minus its score with that group at its neutral value, computed by the
same functions that made the score, trained or not. Nothing is guessed from a template: a reason that changes nothing
is not given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from ranking import rates, slate, value
from ranking.features import COLUMN, TIE_COUNTS, TIE_FLAGS, Candidates, Floats
from ranking.rates import AMONG, ASSUMED, Baseline
from ranking.weights import BASE_FEEDBACK_COUNT_24H, Weights

NEUTRAL_AGE_SECONDS = 48 * 3600  # two days: younger is fresh
FIRST_REASON_FROM = 0.01  # of the score: below it nothing stands out
SECOND_REASON_FROM = 0.10

_BOND_TEXTS = MappingProxyType(
    {
        "mutual": "You and its maker follow each other",
        "past_remix_count": "You have remixed its maker before",
        "cast_permission": "Its maker lets you cast them",
        "reply_count": "You and its maker answer each other",
        "follows_author": "You follow its maker",
    }
)
_TEXTS = MappingProxyType(
    {
        "tie": "You often like what its maker makes",
        "topic": "It is about something you often make or like",
        "creation_rate": "People who see it often make something of it",
        "author": "People often make something of what its maker shows",
        "lineage": "It grew from the same root as something of yours",
        "cast": "You are in it",
        "conversation": "People talk about it and pass it on",
        "creator_feedback": "Its maker has had little response so far",
        "place": "It comes from where you are",
        "fresh": "It is new",
        "steer": "You asked for more like this",
        "exploration": "It is new here and gets its first views",
        "overall": "No single thing stands out: it is here on its overall value",
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with the part of the score that would be lost without it.

    code: a key of NEUTRAL, or exploration, or overall when nothing stands out. detail: for a tie the bond that
    counts most, else the code. weight: 0 … 1, the part of the score that goes when the reason goes.
    """

    code: str
    detail: str
    text: str
    contribution: float
    weight: float


def explain(
    candidates: Candidates,
    slots: npt.NDArray[np.uint8],
    lifts: Floats,
    *,
    weights: Weights,
    predict: Callable[[Candidates], Floats] = rates.head_probabilities,
    baseline: Baseline = ASSUMED,
) -> list[list[Reason]]:
    """The one or two greatest reasons for each candidate, greatest first.

    slots: uint8[n] and lifts: float32[n] as the slate gave them. What a friends' place lifted counts as tie, what an
    exploration place lifted as exploration. predict and baseline: of the model that ranked them.
    """
    codes = [*NEUTRAL, "exploration"]
    score, gains = contributions(candidates, weights=weights, predict=predict, baseline=baseline)
    gains = np.concatenate([gains, np.zeros((1, len(candidates)), np.float32)])
    gains[codes.index("tie")] += np.where(slots == slate.Slot.FRIEND, lifts, 0)
    gains[codes.index("exploration")] = np.where(slots == slate.Slot.EXPLORATION, lifts, 0)
    # Without its lift a post would need this score for its place.
    whole = np.abs(score + lifts)
    weight = np.divide(gains, whole, out=(gains > 0).astype(np.float32), where=whole > 0).clip(max=1)
    bonds = value.bonds(candidates)
    bond, is_bound = bonds.argmax(axis=1), bonds.max(axis=1) > 0

    def reason(row: int, group: int) -> Reason:
        code = codes[group]
        if code == "tie" and is_bound[row]:
            detail = list(value.TIE_SHARES)[bond[row]]
            return Reason(code, detail, _BOND_TEXTS[detail], float(gains[group, row]), float(weight[group, row]))
        return Reason(code, code, _TEXTS[code], float(gains[group, row]), float(weight[group, row]))

    answers = []
    for row in range(len(candidates)):
        first, second = np.argsort(-gains[:, row], kind="stable")[:2].tolist()
        if not (gains[first, row] > 0 and weight[first, row] >= FIRST_REASON_FROM):
            answers.append([Reason("overall", "overall", _TEXTS["overall"], 0.0, 0.0)])
        elif weight[second, row] >= SECOND_REASON_FROM:
            answers.append([reason(row, first), reason(row, second)])
        else:
            answers.append([reason(row, first)])
    return answers


def contributions(
    candidates: Candidates,
    *,
    weights: Weights,
    predict: Callable[[Candidates], Floats] = rates.head_probabilities,
    baseline: Baseline = ASSUMED,
) -> tuple[Floats, Floats]:
    """Scores, float32[n], and what each group of NEUTRAL adds to them, float32[len(NEUTRAL), n].

    What a group changes is scored in one computation for all groups: for a page the fixed cost of each would be most
    of it. Where a post is neutral already, the group adds nothing.
    """
    whole = _Variants(*(getattr(candidates, column.name) for column in fields(Candidates)))
    variants = [neutral(whole, baseline) for neutral in NEUTRAL.values()]
    changed = [_changed(variant, whole) for variant in variants]
    stacked = _Variants(
        *(
            np.concatenate(
                [
                    getattr(whole, column.name),
                    *(getattr(one, column.name)[rows] for one, rows in zip(variants, changed, strict=True)),
                ]
            )
            for column in fields(Candidates)
        )
    )
    scores = value.scores(stacked, value.contributions(stacked, predict(stacked), weights))
    score, others = scores[: len(candidates)], scores[len(candidates) :]
    gains = np.zeros((len(variants), len(candidates)), np.float32)
    begin = 0
    for row, rows in enumerate(changed):
        gains[row, rows] = score[rows] - others[begin : begin + len(rows)]
        begin += len(rows)
    return score, gains


def _changed(variant: Candidates, whole: Candidates) -> npt.NDArray[np.intp]:
    return np.flatnonzero(
        (variant.features != whole.features).any(axis=1)
        | (variant.topics != whole.topics)
        | (variant.steer != whole.steer)
    )


class _Variants(Candidates):
    """Candidates that were checked before they were changed; a post is in it once for each change."""

    def __post_init__(self) -> None:
        pass


def _with(candidates: Candidates, **columns: Floats | float) -> Candidates:
    features = candidates.features.copy()
    for name, column in columns.items():
        features[:, COLUMN[name]] = column
    return replace(candidates, features=features)


def _typical(candidates: Candidates, baseline: Baseline, *names: str) -> Candidates:
    return _with(candidates, **{name: float(baseline.typical[COLUMN[name]]) for name in names})


def _without_tie(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, **dict.fromkeys((*TIE_FLAGS, *TIE_COUNTS, "liked_author_count"), 0.0))


def _without_topic(candidates: Candidates, baseline: Baseline) -> Candidates:
    return replace(_with(candidates, topic_affinity=0.0), topics=np.zeros_like(candidates.topics))


def _at_base_creation(candidates: Candidates, baseline: Baseline) -> Candidates:
    """As many opened, submitted and published as base rates foretell, and no word on what came of it."""
    counts = {"impression": candidates["impression_count"]}
    for step in ("open", *AMONG):
        counts[step] = counts[AMONG.get(step, "impression")] * np.float32(baseline.priors[step].rate)
    changed = _with(
        candidates,
        descent_log_sum=0.0,
        descent_count=0.0,
        **{f"{step}_count": count for step, count in counts.items()},
    )
    return _typical(changed, baseline, "maker_count", "remixer_count", "people_count")


def _with_typical_author(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _typical(candidates, baseline, "author_follower_count", "author_impression_count", "author_publish_count")


def _of_other_roots(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, in_my_lineage=0.0)


def _of_other_faces(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, in_cast=0.0)


def _at_base_conversation(candidates: Candidates, baseline: Baseline) -> Candidates:
    shown = candidates["impression_count"]
    heads = ("comment", "share", "follow", "like")
    return _with(candidates, **{f"{head}_count": shown * np.float32(baseline.priors[head].rate) for head in heads})


def _with_answered_author(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, author_has_feedback=1.0, author_feedback_count_24h=BASE_FEEDBACK_COUNT_24H)


def _from_anywhere(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, same_country=0.0, same_script=0.0)


def _two_days_old(candidates: Candidates, baseline: Baseline) -> Candidates:
    return _with(candidates, age_seconds=float(NEUTRAL_AGE_SECONDS))


def _unsteered(candidates: Candidates, baseline: Baseline) -> Candidates:
    return replace(candidates, steer=np.ones_like(candidates.steer))


NEUTRAL: Final = MappingProxyType[str, Callable[[Candidates, Baseline], Candidates]](
    {
        "tie": _without_tie,
        "topic": _without_topic,
        "creation_rate": _at_base_creation,
        "author": _with_typical_author,
        "lineage": _of_other_roots,
        "cast": _of_other_faces,
        "conversation": _at_base_conversation,
        "creator_feedback": _with_answered_author,
        "place": _from_anywhere,
        "fresh": _two_days_old,
        "steer": _unsteered,
    }
)
