"""Why a post stands where it stands: what its score would be without each reason, in words.

A group's contribution is the post's score minus its score with that group at its neutral value, computed by the
same functions that made the score. Nothing is guessed from a template: a reason that changes nothing is not given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from ranking import rates, slate, value
from ranking.features import COLUMN, TIE_COUNTS, TIE_FLAGS, Candidates, Floats
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
        "topic": "It is about something you often make or like",
        "creation_rate": "People who see it often make something of it",
        "conversation": "People talk about it and pass it on",
        "creator_feedback": "Its maker has had little response so far",
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
    candidates: Candidates, slots: npt.NDArray[np.uint8], lifts: Floats, *, weights: Weights
) -> list[list[Reason]]:
    """The one or two greatest reasons for each candidate, greatest first.

    slots: uint8[n] and lifts: float32[n] as the slate gave them. What a friends' place lifted counts as tie, what an
    exploration place lifted as exploration.
    """
    codes = [*NEUTRAL, "exploration"]
    score = _scores(candidates, weights)
    gains = np.zeros((len(codes), len(candidates)), np.float32)
    for row, neutral in enumerate(NEUTRAL.values()):
        gains[row] = score - _scores(neutral(candidates), weights)
    gains[codes.index("tie")] += np.where(slots == slate.Slot.FRIEND, lifts, 0)
    gains[codes.index("exploration")] = np.where(slots == slate.Slot.EXPLORATION, lifts, 0)
    # Without its lift a post would need this score for its place.
    whole = np.abs(score + lifts)
    weight = np.divide(gains, whole, out=(gains > 0).astype(np.float32), where=whole > 0).clip(max=1)
    bond = value.bonds(candidates).argmax(axis=1)

    def reason(row: int, group: int) -> Reason:
        code = codes[group]
        detail = list(value.TIE_SHARES)[bond[row]] if code == "tie" else code
        text = _BOND_TEXTS[detail] if code == "tie" else _TEXTS[code]
        return Reason(code, detail, text, float(gains[group, row]), float(weight[group, row]))

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


def _scores(candidates: Candidates, weights: Weights) -> Floats:
    heads = rates.head_probabilities(candidates)
    return value.scores(candidates, value.contributions(candidates, heads, weights))


def _with(candidates: Candidates, **columns: Floats | float) -> Candidates:
    features = candidates.features.copy()
    for name, column in columns.items():
        features[:, COLUMN[name]] = column
    return replace(candidates, features=features)


def _without_tie(candidates: Candidates) -> Candidates:
    return _with(candidates, **dict.fromkeys((*TIE_FLAGS, *TIE_COUNTS), 0.0))


def _without_topic(candidates: Candidates) -> Candidates:
    return _with(candidates, topic_affinity=0.0)


def _at_base_creation(candidates: Candidates) -> Candidates:
    """As many opened, submitted and published as base rates foretell, and no word on descent."""
    opens = candidates["impression_count"] * np.float32(rates.BASE_RATES["open"].rate)
    submits = opens * np.float32(rates.BASE_RATES["submit"].rate)
    publishes = submits * np.float32(rates.BASE_RATES["publish"].rate)
    return _with(
        candidates,
        open_count=opens,
        submit_count=submits,
        publish_count=publishes,
        descent_log_sum=0.0,
        descent_count=0.0,
    )


def _at_base_conversation(candidates: Candidates) -> Candidates:
    shown = candidates["impression_count"]
    heads = ("comment", "share", "follow", "like")
    return _with(candidates, **{f"{head}_count": shown * np.float32(rates.BASE_RATES[head].rate) for head in heads})


def _with_answered_author(candidates: Candidates) -> Candidates:
    return _with(candidates, author_has_feedback=1.0, author_feedback_count_24h=BASE_FEEDBACK_COUNT_24H)


def _two_days_old(candidates: Candidates) -> Candidates:
    return _with(candidates, age_seconds=float(NEUTRAL_AGE_SECONDS))


def _unsteered(candidates: Candidates) -> Candidates:
    return replace(candidates, steer=np.ones_like(candidates.steer))


NEUTRAL: Final = MappingProxyType[str, Callable[[Candidates], Candidates]](
    {
        "tie": _without_tie,
        "topic": _without_topic,
        "creation_rate": _at_base_creation,
        "conversation": _at_base_conversation,
        "creator_feedback": _with_answered_author,
        "fresh": _two_days_old,
        "steer": _unsteered,
    }
)
