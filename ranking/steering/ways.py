"""Which way an instruction turns: words that say so, taken together, and the targets between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ranking.steering.pieces import Clause, Piece
from ranking.steering.rules import STRENGTH_RANGES, STRENGTHS, Polarity
from ranking.steering.words import Part

POLAR: Final = frozenset({
    Part.NOT, Part.SOFT, Part.WEAK, Part.LIKE, Part.MORE, Part.LESS, Part.NO, Part.ONLY, Part.EXCEPT, Part.EVERYTHING,
    Part.NOTHING, Part.STRONGLY, Part.MILDLY, Part.INSTEAD, Part.UNMOVED, Part.EXCESS, Part.KEPT,
    Part.DULL, Part.BRIGHT,
})  # fmt: skip
DECIDING: Final = POLAR - {Part.STRONGLY, Part.MILDLY, Part.EVERYTHING}
_CORES: Final[dict[Part, Polarity]] = {
    Part.LIKE: "more",
    Part.MORE: "more",
    Part.LESS: "less",
    Part.NO: "no",
    Part.ONLY: "only",
    Part.EXCESS: "less",
    Part.DULL: "less",
    Part.BRIGHT: "more",
}
_OPINIONS: Final = frozenset({Part.DULL, Part.BRIGHT})


@dataclass(slots=True)
class Way:
    """Consecutive words that say which way; what they amount to is asked once it is known what they speak of."""

    pieces: list[Piece] = field(default_factory=list)
    is_followed: bool = False  # by words that are not understood: it speaks of these
    is_of_time: bool = False  # `only today`: as a last resort of what stands before it

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end

    def parts(self, *, is_last: bool) -> list[Part]:
        """What each word does where the whole stands: before its targets, or behind them."""
        found = []
        for piece in self.pieces:
            fitting = [act for act in piece.acts if act[1] == is_last] or list(piece.acts)
            found += [act[0] for act in fitting[:1]]
        polar = [part for part in found if part in POLAR]
        plainly = [part for part in polar if part not in _OPINIONS]
        return plainly if any(part in DECIDING for part in plainly) else polar

    def has(self, part: Part) -> bool:
        return any(piece.does(part) for piece in self.pieces)

    @property
    def must_be_last(self) -> bool:
        acts = self.pieces[-1].acts
        return bool(acts) and all(act[1] for act in acts)

    @property
    def may_be_last(self) -> bool:
        return any(part in DECIDING for part in self.parts(is_last=True))

    @property
    def is_firm(self) -> bool:
        """Whether it says more than a verb of showing."""
        return any(part in DECIDING - {Part.WEAK} for part in self.parts(is_last=False))

    @property
    def is_bare_no(self) -> bool:
        return all(part in {Part.NOT, Part.WEAK} for part in self.parts(is_last=False)) and self.has(Part.NOT)

    @property
    def says_something(self) -> bool:
        """Whether it would be missed if nothing followed from it: a bare verb of showing would not."""
        parts = self.parts(is_last=False)
        return any(part in DECIDING - {Part.WEAK, Part.LIKE, Part.INSTEAD} for part in parts)

    @property
    def is_mere_emphasis(self) -> bool:
        """`I love cats so much`: a quantity without a thing."""
        quantities = {Part.LESS, Part.EXCESS, Part.MILDLY, Part.STRONGLY}
        return all(any(piece.does(part) for part in quantities) for piece in self.pieces)

    def turns_kept(self, text: str) -> bool:
        """没有猫不行, "without cats it won't do": this way, behind, turns the one before round."""
        return text[self.start : self.end] in {"不行", "不可", "不可以", "怎么行", "活不下去", "活不了"}

    def polarity(self, *, is_last: bool = False) -> Polarity:
        """What the words amount to. The last that says something counts; what turns it stands before it."""
        parts = self.parts(is_last=is_last)
        cores = [index for index, part in enumerate(parts) if part in _CORES]
        turns = [index for index, part in enumerate(parts) if part in {Part.NOT, Part.NOTHING}]
        is_soft = Part.SOFT in parts
        core = cores[-1] if cores else -1
        if len(cores) > 1 and parts[core] == Part.LIKE and parts[cores[-2]] == Part.ONLY:
            core = cores[-2]
        if Part.INSTEAD in parts:
            return "less"
        if core < 0 or (turns and turns[-1] > core):
            if is_soft:
                return "less"
            return "no" if core >= 0 or len(turns) % 2 else "more"
        before = sum(index < core for index in turns) + is_soft
        if before % 2 == 0:
            return _CORES[parts[core]]
        return self._turned(parts[core], parts, is_soft=is_soft)

    def _turned(self, core: Part, parts: Sequence[Part], *, is_soft: bool) -> Polarity:
        """The polarity of a core that a `not` turns round."""
        match core:
            case Part.LIKE | Part.EXCESS:
                return "less"
            case Part.MORE:  # `don't show me more` is no, `not more` is less
                return "no" if Part.WEAK in parts and not is_soft else "less"
            case Part.ONLY:  # `don't show me only` is less, `not only` is more
                return "less" if Part.WEAK in parts else "more"
            case _:
                return "more"

    def strength(self, polarity: Polarity) -> float:
        mildly, plainly, strongly = STRENGTHS[polarity]
        for piece in self.pieces:
            if piece.times is not None:
                low, high = STRENGTH_RANGES[polarity]
                return min(max(piece.times, low), high)
        if self.has(Part.MILDLY):
            return mildly
        return strongly if self.has(Part.STRONGLY) else plainly


@dataclass(slots=True)
class Aim:
    """A target in its place, with what was decided of it."""

    piece: Piece
    after_and: bool
    clause: int
    polarity: Polarity | None = None
    strength: float | None = None
    is_firm: bool = False  # decided by more than a verb of showing
    group: int = 0  # those that one way decided
    hours: float | None = None
    forever: bool = False


Runs = list[list[Aim]]


def runs_of(clause: Clause, number: int) -> tuple[Runs, list[Way]]:
    """A clause as targets, way, targets, way, …, targets; some of the lists of targets may be empty."""
    runs: Runs = [[]]
    ways: list[Way] = []
    after_and = is_open = False  # the way at the end may still grow
    for place, piece in enumerate(clause):
        if piece.target is not None:
            runs[-1].append(Aim(piece, after_and, number))
            after_and = is_open = False
        elif piece.does(Part.AND):
            after_and, is_open = True, False
        elif piece.times is not None:
            if ways:
                ways[-1].pieces.append(piece)
        elif piece.is_unknown and ways and not runs[-1]:
            ways[-1].is_followed = True
        elif any(act[0] in POLAR for act in piece.acts) or piece.does(Part.CARRY) or _is_excess(clause, place):
            if not is_open:
                ways.append(Way())
                runs.append([])
                is_open = True
            ways[-1].pieces.append(_as_excess(piece) if _is_excess(clause, place) else piece)
            behind = clause[place + 1] if place + 1 < len(clause) else None
            ways[-1].is_of_time = piece.does(Part.ONLY) and behind is not None and behind.hours is not None
    return _without_idle(runs, ways)


def _is_excess(clause: Clause, place: int) -> bool:
    """`too political`, 太血腥: right before what there is too much of."""
    behind = clause[place + 1] if place + 1 < len(clause) else None
    return clause[place].does(Part.TOO) and behind is not None and behind.target is not None and behind.is_grave


def _as_excess(piece: Piece) -> Piece:
    return replace(piece, acts=((Part.EXCESS, False),))


def _without_idle(runs: Runs, ways: list[Way]) -> tuple[Runs, list[Way]]:
    """Leave out ways that decide nothing, a lone `a lot` or `everything`; what stood around them stands together."""
    kept_runs, kept = [runs[0]], []
    for way, run in zip(ways, runs[1:], strict=True):
        parts = {act[0] for piece in way.pieces for act in piece.acts}
        is_idle = not parts & (DECIDING | {Part.CARRY, Part.EVERYTHING})
        if is_idle or (parts <= {Part.EVERYTHING, Part.FILLER} and run):
            kept_runs[-1] = kept_runs[-1] + run
        else:
            kept.append(way)
            kept_runs.append(run)
    return kept_runs, kept
