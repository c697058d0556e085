"""Reading what people wrote as rules read it: folded to plain letters, with every hit traced back to the raw text.

Rules are words: regular expressions, in English as whole words, in Chinese anywhere. A text is read twice. First
plainly: letters that only look alike, invisible marks, width and case are seen through. Then, only where it is masked
(l e t t e r s apart, dots within w.o.r.ds, d1g1ts for letters, lettttters drawn out), with the mask taken off: a word
counts there only where it touches what was masked, so the second reading finds nothing in what is plainly written.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

LOOKALIKES = str.maketrans("аеорсхуіѕԁһјӏ", "aeopcxyisdhjl")  # Cyrillic letters that pass for Latin ones
_EXPANDED_AT_MOST = 4
_WHOLE = r"(?<![a-z])(?:{})(?![a-z])"


def folded(text: str) -> tuple[str, list[int]]:
    """The text as rules read it, and for each of its characters the place in the original.

    One character is read as four at most: some ligatures stand for whole sentences, and a text grows fourfold at most.
    """
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plainly = unicodedata.normalize("NFKD", char).casefold().translate(LOOKALIKES)
        for plain in plainly[:_EXPANDED_AT_MOST]:
            if unicodedata.category(plain) in {"Cf", "Mn", "Cc"} and not plain.isspace():
                continue
            kept.append(" " if plain.isspace() or plain == "_" else plain)
            places.append(place)
    return "".join(kept), places


def pattern(english: Sequence[str], chinese: Sequence[str]) -> "re.Pattern[str]":
    """One expression for alternatives in English, as whole words, and in Chinese, anywhere."""
    return re.compile("|".join(filter(None, (_WHOLE.format("|".join(english)) if english else "", *chinese))))


@dataclass(frozen=True)
class Reading:
    """One way to read a text: `plain` is what rules see, `places[i]` where its character i stands in the raw text."""

    plain: str
    places: Sequence[int]
    masked: Sequence[bool] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a hit stands in the raw text, in characters, end excluded."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True)
class Hit:
    """Words found: where in the raw text, end excluded, and what stands before them as rules read it."""

    start: int
    end: int
    before: str


_BEFORE = 24  # characters of what stands before a hit: enough for "without any", "not a", 没有任何
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_SPELLED = re.compile(r"(?<![a-z0-9])[a-z0-9@$](?:(?:[^\w\s]\s?|\s)[a-z0-9@$!]){2,}(?![a-z0-9])")
_BROKEN = re.compile(r"(?<=[a-z0-9])[^\w\s'’!@$&%]{1,2}(?=[a-z0-9])")
_BROKEN_HAN = re.compile(rf"(?<=[{_HAN}])[\s.\-*~|/·•+…#^='\"]{{1,2}}(?=[{_HAN}])")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DIGITS = {"i": "1!|", "l": "1|", "o": "0", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8", "g": "9", "z": "2"}
_DIGIT = re.compile(r"[0-9@$!|]+(?=[a-z])|(?<=[a-z])[0-9@$!|]+(?=[a-z0-9])|(?<=[a-z])[0-9@$]+")


@dataclass(frozen=True)
class Text:
    """A raw text, folded once for all the rules that read it."""

    raw: str

    @cached_property
    def plainly(self) -> Reading:
        return Reading(*folded(self.raw))

    @cached_property
    def unmasked(self) -> Reading | None:
        """The text with what hides words taken off, or None where nothing hides any."""
        plain, places = self.plainly.plain, self.plainly.places
        dropped: set[int] = set()
        marked: set[int] = set()
        for spelled in _SPELLED.finditer(plain):
            inside = range(*spelled.span())
            marked.update(inside)
            dropped.update(at for at in inside if not plain[at].isalnum() and plain[at] not in "@$!")
        for broken in (*_BROKEN.finditer(plain), *_BROKEN_HAN.finditer(plain)):
            dropped.update(range(*broken.span()))
            marked.update((broken.start() - 1, broken.end()))
        kept = [at for at in range(len(plain)) if at not in dropped]
        joined = "".join(plain[at] for at in kept)
        masked = [at in marked for at in kept]
        dropped = set()
        for drawn in _DRAWN_OUT.finditer(joined):  # its first and its last letter stay, so that a span has all of it
            dropped.update(range(drawn.start() + 1, drawn.end() - 1))
            masked[drawn.start()] = masked[drawn.end() - 1] = True
        for digits in _DIGIT.finditer(joined):
            masked[digits.start() : digits.end()] = [True] * (digits.end() - digits.start())
        if not any(masked):
            return None
        left = [at for at in range(len(joined)) if at not in dropped]
        return Reading(
            "".join(joined[at] for at in left), [places[kept[at]] for at in left], [masked[at] for at in left]
        )


@dataclass(frozen=True)
class Vocabulary:
    """Words to look for. A space stands for any gap between two words: space, hyphen, line."""

    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()

    @cached_property
    def _plainly(self) -> "re.Pattern[str]":
        return pattern([part.replace(" ", r"\W{1,3}") for part in self.english], self.chinese)

    @cached_property
    def _unmasked(self) -> "re.Pattern[str]":
        return pattern([_loosened(part) for part in self.english], self.chinese)

    def found_in(self, text: Text) -> list[Hit]:
        """Every place where the words stand, first come first, none overlapping another."""
        hits = list(_hits(self._plainly.finditer(text.plainly.plain), text.plainly))
        reading = text.unmasked
        if reading is not None:
            seen = (
                found
                for found in self._unmasked.finditer(reading.plain)
                if any(reading.masked[found.start() : found.end()]) and sum(map(str.isalpha, found.group())) > 1
            )
            hits += [hit for hit in _hits(seen, reading) if not overlaps(hit, hits)]
        return sorted(hits, key=lambda hit: hit.start)


def _hits(found: Iterable["re.Match[str]"], reading: Reading) -> Iterable[Hit]:
    for match in found:
        if match.group():
            start, end = match.span()
            yield Hit(*reading.span(start, end), before=reading.plain[max(0, start - _BEFORE) : start])


def overlaps(hit: Hit, others: Iterable[Hit]) -> bool:
    return any(hit.start < other.end and other.start < hit.end for other in others)


_LETTER = re.compile(r"(\(\?<[!=][^)]*\)|\\.|\[[^\]]*\])|([a-z])(\?)?| ")


def _loosened(part: str) -> str:
    """An expression that also takes digits for letters, letters doubled, and words run together."""

    def loosely(found: "re.Match[str]") -> str:
        kept, letter, maybe = found.groups()
        if kept:
            return str(kept)
        if letter is None:
            return r"\W{0,3}"
        return f"[{letter}{_DIGITS.get(letter, '')}]{{{0 if maybe else 1},2}}"

    return _LETTER.sub(loosely, part)
