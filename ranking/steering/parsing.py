"""An instruction in plain words, heard as rules: "more cooking, less horror this week, no politics" or 多来点猫.

Clauses are read for a way (more, less, no, only), what it is about, and how long it lasts; lists carry their way on.
What is not understood is said back with its place: nothing is dropped in silence. Unknown input never raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ranking.steering.pieces import Clause, sentences_of
from ranking.steering.rules import STRENGTHS, Polarity, Rule, Target, expiring
from ranking.steering.ways import DECIDING, Aim, Runs, Way, runs_of
from ranking.steering.words import Part
from ranking.topics.vocabulary import Vocabulary

HINTS: Final = {
    "unknown_words": (
        "Not a topic, style or person known here. A tag works for anything: more #stalactites.",
        "这里没有这个主题、风格或人。任何东西都可以用标签: 多来点 #钟乳石。",
    ),
    "no_target": (
        "More, less or none of what? Name a topic, a #tag, an @person or a style.",
        "多看、少看或不看什么? 请说出主题、#标签、@人 或风格。",
    ),
    "neutral": ("This changes nothing, so no rule was made.", "这不改变什么, 所以没有生成规则。"),
}


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Part of an instruction that was not understood: its words, their place (end excluded), and why."""

    text: str
    start: int
    end: int
    code: str

    @property
    def hint_en(self) -> str:
        return HINTS[self.code][0]

    @property
    def hint_zh(self) -> str:
        return HINTS[self.code][1]


@dataclass(frozen=True, slots=True)
class Heard:
    """What an instruction was understood as. Two rules about one target do not occur: the later word counts."""

    rules: tuple[Rule, ...]
    unparsed: tuple[Unparsed, ...]


def parse(text: str, vocabulary: Vocabulary, now: datetime) -> Heard:
    """Hear an instruction. Takes any text at all."""
    hearing = _Hearing(text, now)
    for sentence in sentences_of(text, vocabulary, now):
        hearing.hear(sentence)
    return hearing.heard()


class _Hearing:
    """One instruction, sentence by sentence."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text, self.now = text, now
        self.aims: list[Aim] = []
        self.lost: list[tuple[int, int, str]] = []
        self.carried: Way | None = None  # what a list goes on with
        self.unmet: Way | None = None  # a way that waits for its targets
        self.except_way: Way | None = None
        self.excepted: list[Aim] = []
        self.is_answered = False
        self.group = self.clauses = 0

    def hear(self, clauses: Sequence[Clause]) -> None:
        first, first_clause = len(self.aims), self.clauses
        goes_on = any(piece.does(Part.ALSO) for piece in clauses[0]) and not _has_way(clauses[0])
        if not goes_on and self.unmet is None:
            self.carried = None
        self.except_way = None
        times: list[tuple[int, float | None, bool]] = []
        for clause in clauses:
            times += [(self.clauses, piece.hours, piece.does(Part.FOREVER)) for piece in clause if piece.is_time]
            self._clause(clause)
            self.clauses += 1
        self._settle_exceptions(self.aims[first:])
        begins_with_time = clauses[0][0].is_time
        self._lasting(self.aims[first:], times, range(first_clause, self.clauses), begins_with_time=begins_with_time)

    # one clause

    def _clause(self, clause: Clause) -> None:
        self.lost += [(piece.start, piece.end, "unknown_words") for piece in clause if piece.is_unknown]
        runs, ways = runs_of(clause, self.clauses)
        aims = [aim for run in runs for aim in run]
        self.aims += aims
        if self._swapped(clause, aims):
            return
        if not ways:
            if self.carried is not None and aims:
                self._decide(aims, self.carried, is_new=False)
        elif any(way.has(Part.UNMOVED) for way in ways):
            self._drop(aims, "neutral")
        elif self._carried_by_particle(clause, aims, ways):
            return
        elif aims:
            self._around(runs, ways)
        else:
            hours = next((piece.hours for piece in clause if piece.hours is not None), None)
            self._dangling(ways[-1], hours)

    def _dangling(self, way: Way, hours: float | None = None) -> None:
        """A way without a target of its own speaks of what was named last, unless more was said of that already."""
        if way.is_of_time:
            return
        recent = self._recent()
        is_decided = any(aim.is_firm for aim in recent)
        if way.is_followed:  # it speaks of what was not understood, and that is said back
            self.lost.append((way.start, way.end, "no_target"))
        elif self.except_way is not None or way.has(Part.EVERYTHING) or way.has(Part.NOTHING):
            self._of_the_rest(way, recent)
        elif not way.says_something and (is_decided or not recent):
            return
        elif not recent:
            self.carried = self.unmet = way
        elif is_decided:
            self._again(way, recent, hours)
        else:
            self._redecide(recent, way.polarity(is_last=True))

    def _of_the_rest(self, way: Way, recent: Sequence[Aim]) -> None:
        """`…, nothing else`: what was wanted is all that is wanted."""
        if self.except_way is not None:
            self._answer_exception(way)
        elif way.has(Part.NOTHING):
            self._redecide([aim for aim in recent if aim.polarity in {None, "more"}], "only")

    def _again(self, way: Way, recent: Sequence[Aim], hours: float | None) -> None:
        """A second word on what is decided: the same, more strongly; only; or, for a time, the contrary."""
        polarity = way.polarity(is_last=True)
        if polarity == "only":
            self._redecide(recent, polarity)
        elif hours is not None and (way.is_bare_no or way.has(Part.EXCEPT)):  # "I like politics, but not tonight"
            self._redecide(recent, "no")
            for aim in recent:
                aim.hours = hours
        elif (polarity in {"no", "less"}) == (recent[-1].polarity in {"no", "less"}):
            if polarity == "no":
                self._redecide(recent, polarity)
        elif not way.is_mere_emphasis:
            self.lost.append((way.start, way.end, "no_target"))

    def _redecide(self, aims: Sequence[Aim], polarity: Polarity) -> None:
        for aim in aims:
            aim.polarity, aim.strength, aim.is_firm = polarity, STRENGTHS[polarity][1], True

    def _recent(self) -> list[Aim]:
        return [aim for aim in self.aims if aim.clause == self.aims[-1].clause] if self.aims else []

    def _around(self, runs: Runs, ways: list[Way]) -> None:
        """Which way speaks of which targets: mostly of those behind it; of those before it where none are behind."""
        if self._all_behind(runs, ways):
            return
        for place, way in enumerate(ways):
            before, behind = runs[place], runs[place + 1]
            undecided = [aim for aim in before if aim.polarity is None]
            if way.must_be_last and before:
                self._decide_behind(before, undecided, way)
                if behind and self.carried is not None:
                    self._decide(behind, self.carried, is_new=False)
            elif behind:
                if undecided and self.carried is not None and place == 0:
                    self._decide(undecided, self.carried, is_new=False)
                self._decide(behind, way)
            else:
                self._at_the_end(before, undecided, way)

    def _all_behind(self, runs: Runs, ways: list[Way]) -> bool:
        """`cats more, dogs less`: each way behind its targets; and 没有猫不行, one before and one behind."""
        if len(ways) == 2 and runs[1] and not runs[2] and ways[0].has(Part.KEPT) and ways[1].turns_kept(self.text):
            self._redecide(runs[0] + runs[1], "more")
            return True
        if runs[-1] or not all(runs[:-1]) or ways[0].has(Part.EXCEPT) or not all(way.may_be_last for way in ways):
            return False
        for way, run in zip(ways, runs, strict=False):
            self._decide(run, way, is_last=True)
        return True

    def _at_the_end(self, before: Sequence[Aim], undecided: Sequence[Aim], way: Way) -> None:
        """A way with nothing behind it speaks of what nothing decided yet, or of the last of a list."""
        last = _last_part(before)
        if undecided and way.may_be_last:
            self._decide(undecided, way, is_last=True)
        elif way.says_something and way.may_be_last and len(last) < len(before) and not way.is_of_time:
            self._decide(last, way, is_last=True)
        else:
            self._dangling(way)

    def _decide_behind(self, before: Sequence[Aim], undecided: Sequence[Aim], way: Way) -> None:
        """What stands behind targets speaks of those that nothing decided yet, or of the last one of a list. That fewer
        ads would be lovely decides nothing more."""
        last = _last_part(before)
        if undecided:
            self._decide(undecided, way, is_last=True)
        elif way.polarity(is_last=True) == "only":
            self._redecide([aim for aim in before if aim.polarity == "more"], "only")
        elif len(last) < len(before) or not any(aim.is_firm for aim in last):
            self._decide(last, way, is_last=True)

    def _decide(self, aims: Sequence[Aim], way: Way, *, is_last: bool = False, is_new: bool = True) -> None:
        if is_new:
            self.group += 1
        if way.has(Part.EXCEPT) and not is_last:
            self._except(aims, way)
            return
        polarity = way.polarity(is_last=is_last)
        for aim in aims:
            aim.polarity, aim.strength = polarity, way.strength(polarity)
            aim.is_firm, aim.group = way.is_firm, self.group
        if way is self.unmet:
            self.unmet = None
        if is_last:
            self.carried = None
            if self.except_way is not None:
                self._answer_exception(way)
        else:
            self.carried = way

    # exceptions

    def _except(self, aims: Sequence[Aim], way: Way) -> None:
        """`except`: of everything it takes away, of nothing it leaves alone."""
        parts = way.parts(is_last=False)
        at = parts.index(Part.EXCEPT)
        before = [aim for aim in self.aims if aim.polarity is not None and aim not in aims]
        negative = any(part in {Part.NOTHING, Part.NOT, Part.NO} for part in parts[:at])
        if negative:
            polarity: Polarity = "only"
        elif before and before[-1].polarity == "no":
            polarity = "more"
        else:
            polarity = "no"
        self._redecide(aims, polarity)
        for aim in aims:
            aim.group = self.group
        self.carried = None
        if not negative and not before and Part.EVERYTHING not in parts[:at]:
            self.except_way = way
            self.excepted = list(aims)
        self.is_answered = False

    def _answer_exception(self, way: Way) -> None:
        """What is said of the rest: nothing of it, and what was excepted is all that is wanted."""
        if self.except_way is None:
            return
        if way.has(Part.NOTHING) or (way.polarity(is_last=True) in {"no", "less"} and not way.has(Part.EVERYTHING)):
            self._redecide(self.excepted, "only")
        self.is_answered = True

    def _settle_exceptions(self, aims: Sequence[Aim]) -> None:
        """`besides cats, more dogs too`: both are wanted. `except cats, no animals`: cats are."""
        if self.except_way is None or self.is_answered:
            return
        later = [aim for aim in aims if aim not in self.excepted and aim.polarity is not None]
        if not later:
            return
        if _says_besides(self.text, self.except_way, later[0]) or later[0].polarity == "no":
            self._redecide(self.excepted, "more")

    # words that belong together from afar

    def _carried_by_particle(self, clause: Clause, aims: Sequence[Aim], ways: Sequence[Way]) -> bool:
        """`keep politics out`, `turn the horror down`: the particle behind decides."""
        carrier = next((piece for piece in clause if piece.does(Part.CARRY)), None)
        if carrier is None:
            return False
        meant: dict[Part, Polarity] = {Part.OUT: "no", Part.DOWN: "less", Part.UP: "more"}
        for piece in clause:
            part = next((part for part in meant if piece.does(part)), None)
            carried = [aim for aim in aims if carrier.start < aim.piece.start < piece.start]
            if part is None or not carried:
                continue
            way = next(way for way in ways if carrier in way.pieces)
            turns = sum(other.does(Part.NOT) for other in way.pieces[: way.pieces.index(carrier)])
            polarity = meant[part] if turns % 2 == 0 else ("less" if part == Part.UP else "more")
            self.group += 1
            self._redecide([aim for aim in aims if aim.piece.start > carrier.start], polarity)
            for aim in aims:
                aim.group = self.group
            self.carried = None
            return True
        return False

    def _swapped(self, clause: Clause, aims: Sequence[Aim]) -> bool:
        """`replace politics with cats`, 把政治换成猫."""
        swap = next((piece for piece in clause if piece.does(Part.SWAP)), None)
        if swap is None:
            return False
        for piece in clause:
            before = [aim for aim in aims if swap.start < aim.piece.start < piece.start]
            behind = [aim for aim in aims if aim.piece.start > piece.start]
            if piece.does(Part.WITH) and before and behind:
                self._redecide(before, "no")
                self._redecide(behind, "more")
                self.group += 1
                for aim in aims:
                    aim.group = self.group
                self.carried = None
                return True
        return False

    # how long

    def _lasting(
        self,
        aims: Sequence[Aim],
        times: Sequence[tuple[int, float | None, bool]],
        clauses: range,
        *,
        begins_with_time: bool,
    ) -> None:
        """A time before everything, or in a clause of its own, is for the whole sentence; else for its own clause, and
        for the list that the clause goes on with."""
        for number, hours, forever in times:
            own = {aim.group for aim in aims if aim.clause == number}
            if (begins_with_time and number == clauses[0]) or (not own and number == clauses[-1]):
                concerned = list(aims)
            elif own:
                concerned = [aim for aim in aims if aim.clause == number or (aim.group and aim.group in own)]
            else:
                concerned = [aim for aim in aims if aim.clause > number]
            for aim in concerned:
                if aim.hours is None and not aim.forever:
                    aim.hours, aim.forever = hours, forever

    # the outcome

    def _drop(self, aims: Sequence[Aim], code: str) -> None:
        for aim in aims:
            self.lost.append((aim.piece.start, aim.piece.end, code))
            self.aims.remove(aim)

    def heard(self) -> Heard:
        rules: dict[Target, Rule] = {}
        for aim in self.aims:
            assert aim.piece.target is not None  # noqa: S101 - an aim is made of a target
            polarity = aim.polarity or "more"
            strength = aim.strength if aim.strength is not None else STRENGTHS[polarity][1]
            expires_at, fades = expiring(aim.hours, forever=aim.forever, now=self.now)
            said = self.text[aim.piece.start : aim.piece.end]
            before = rules.get(aim.piece.target)
            if before is not None and (aim.polarity is None or (before.polarity, polarity) == ("no", "less")):
                continue  # "no war, too cruel": the second word takes nothing back
            rules.pop(aim.piece.target, None)
            rules[aim.piece.target] = Rule(polarity, aim.piece.target, strength, self.now, expires_at, fades, said)
        return Heard(tuple(rules.values()), tuple(self._unparsed()))

    def _unparsed(self) -> list[Unparsed]:
        """What was lost, neighbours together."""
        if self.unmet is not None:
            self.lost.append((self.unmet.start, self.unmet.end, "no_target"))
        spans: list[tuple[int, int, str]] = []
        for start, end, code in sorted(set(self.lost)):
            if spans and not self.text[spans[-1][1] : start].strip() and "neutral" not in {code, spans[-1][2]}:
                spans[-1] = spans[-1][0], end, code if code == spans[-1][2] else "unknown_words"
            else:
                spans.append((start, end, code))
        return [Unparsed(self.text[start:end], start, end, code) for start, end, code in spans]


def _has_way(clause: Clause) -> bool:
    return any(act[0] in DECIDING for piece in clause for act in piece.acts)


def _says_besides(text: str, way: Way, later: Aim) -> bool:
    between = text[way.end : later.piece.start]
    return (
        any(word in between.casefold() for word in ("还", "也", "also", "too"))
        or "besides" in text[way.start : way.end].casefold()
    )


def _last_part(aims: Sequence[Aim]) -> list[Aim]:
    """The targets behind the last `and`."""
    start = max((place for place, aim in enumerate(aims) if aim.after_and), default=0)
    return list(aims[start:])
