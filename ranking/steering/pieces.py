"""An instruction cut into pieces, each with what it does: say which way, name a target, set a time, end a clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from ranking.steering import lasting
from ranking.steering.rules import Target
from ranking.steering.words import (
    CLAUSE_MARKS,
    EVERY,
    GENRES,
    JOINING_MARKS,
    QUIET_MARKS,
    SENTENCE_MARKS,
    SIGNS,
    STYLE_WORDS,
    Act,
    Part,
    acts,
)
from ranking.topics import common_words
from ranking.topics.phrases import Kind, Phrases, Word, words_of
from ranking.topics.vocabulary import Sense, Vocabulary, split_words

TAG_CHARS: Final = 100  # of a tag as posts keep it: folding can make it longer than it was written


@dataclass(slots=True)
class Piece:
    """Part of an instruction: its place in the raw text, end excluded, and what it is; one thing only."""

    start: int
    end: int
    acts: tuple[Act, ...] = ()
    target: Target | None = None
    hours: float | None = None  # how long
    times: float | None = None  # how strongly, as ×2
    mark: str = ""
    is_unknown: bool = False
    is_grave: bool = False  # of this there can be too much by itself: too bloody

    def does(self, part: Part) -> bool:
        return any(act[0] == part for act in self.acts)

    @property
    def is_filler(self) -> bool:
        return bool(self.acts) and self.acts[0][0] == Part.FILLER

    @property
    def is_time(self) -> bool:
        return self.hours is not None or self.does(Part.FOREVER)


Clause = list[Piece]

_TIMES = re.compile(r"×\s?(\d(?:\.\d{1,3})?)")
_FILLER: Final[tuple[Act, ...]] = ((Part.FILLER, False),)


@lru_cache(maxsize=1)
def _acts() -> Phrases[tuple[Act, ...]]:
    return acts()


@lru_cache(maxsize=1)
def _styles() -> Phrases[str]:
    spelled = Phrases((word, style) for style, words in STYLE_WORDS.items() for word in split_words(words))
    for style in STYLE_WORDS:
        for word in (f"{style} style", f"{style}风格", f"{style}风"):
            spelled.add(word, style)
    return spelled


def style_of(said: str) -> str | None:
    """The style that these words name, if they name one."""
    return said if said in STYLE_WORDS else _styles().meaning_of(said)


def sentences_of(text: str, vocabulary: Vocabulary, now: datetime) -> list[list[Clause]]:
    """The pieces of a text, by sentence and within it by clause; none of them empty."""
    return _sentences(_told(_pieces(text, vocabulary, now), text), text)


def _pieces(text: str, vocabulary: Vocabulary, now: datetime) -> list[Piece]:
    words = words_of(text)
    spans = {found.start: found for found in lasting.found_in(text, now)}
    times = {found.start(): found for found in _TIMES.finditer(text)}
    pieces: list[Piece] = []
    place = 0
    while place < len(words):
        word = words[place]
        span, strength = spans.get(word.start), times.get(word.start)
        if span is not None:
            pieces.append(Piece(span.start, span.end, hours=span.hours))
            place = _after(words, place, span.end)
        elif strength is not None:
            pieces.append(Piece(strength.start(), strength.end(), times=float(strength[1])))
            place = _after(words, place, strength.end())
        else:
            until = min((start for start in spans if start > word.start), default=None)  # no phrase reaches into a time
            within = words if until is None else words[: _after(words, place, until)]
            count, piece = _piece_at(within, place, vocabulary)
            if word.kind == Kind.TAG:  # as posts have it, not as it is read
                piece.target = Target("tag", text[word.start + 1 : word.end].casefold()[:TAG_CHARS])
            pieces.append(piece)
            place += count
    return pieces


def _after(words: Sequence[Word], place: int, end: int) -> int:
    while place < len(words) and words[place].start < end:
        place += 1
    return place


def _piece_at(words: Sequence[Word], place: int, vocabulary: Vocabulary) -> tuple[int, Piece]:
    """The piece that begins at this word, and how many words it takes."""
    word = words[place]
    match word.kind:
        case Kind.MARK:
            return 1, Piece(word.start, word.end, mark=word.text)
        case Kind.TAG:
            return 1, Piece(word.start, word.end, target=Target("tag", word.text.removeprefix("#")))
        case Kind.PERSON:
            return 1, Piece(word.start, word.end, target=Target("person", word.text.removeprefix("@")))
        case _:
            return _longest_at(words, place, vocabulary)


def _longest_at(words: Sequence[Word], place: int, vocabulary: Vocabulary) -> tuple[int, Piece]:
    """Of a style, a topic and a phrase that does something the longest; a topic's word before one that does."""
    word = words[place]
    act = _act_at(words, place, vocabulary)
    style = _styles().at(words, place)
    sense = vocabulary.reading.at(words, place) or _mended(word, vocabulary)
    most = max(found[0] for found in (act, style, sense, (1, None)) if found is not None)
    end = words[place + most - 1].end
    its_acts = act[1] if act is not None and act[0] == most else ()
    if its_acts and its_acts[0][0] == Part.QUIET:
        return most, Piece(word.start, end, acts=_FILLER)
    if style is not None and style[0] == most:
        return most, Piece(word.start, end, target=Target("style", style[1]))
    if sense is not None and sense[0] == most and not (sense[1].is_hint and its_acts):
        target = _target_of(sense[1])
        if target is not None:
            is_grave = word.kind == Kind.WORD or any(vocabulary.by_code[code].sensitive for code in sense[1].topics)
            return most, Piece(word.start, end, target=target, is_grave=is_grave)
        if not its_acts:
            return most, Piece(word.start, end, acts=_FILLER)
    if its_acts:
        return most, Piece(word.start, end, acts=its_acts)
    return 1, Piece(word.start, word.end, is_unknown=word.kind != Kind.NUMBER)


def _act_at(words: Sequence[Word], place: int, vocabulary: Vocabulary) -> tuple[int, tuple[Act, ...]] | None:
    """The longest phrase that does something; a shorter one where its end begins a topic's word: 不要|太空."""
    act = _acts().at(words, place)
    if act is None:
        return None
    for count in range(1, act[0]):
        behind = vocabulary.reading.at(words, place + count)
        if behind is not None and behind[0] > act[0] - count and behind[1].topics:
            shorter = _acts().at(words[: place + count], place)
            if shorter is not None and shorter[0] == count:
                return shorter
    return act


def _target_of(sense: Sense) -> Target | None:
    if sense.topics:
        return Target("topic", sense.topics[0])
    return Target("mood", sense.mood) if sense.mood else None


def _told(pieces: Sequence[Piece], text: str) -> list[Piece]:
    """Without targets that only describe another: `makeup tutorials`, documentaries about space, 安静地看."""
    kept = list(pieces)
    for place, piece in enumerate(pieces):
        if piece.target is None:
            continue
        is_genre = text[piece.start : piece.end].casefold() in GENRES
        around = [_neighbour(pieces, place, step) for step in (-1, 1)]
        beside = any(
            other is not None and other.target is not None and text[other.start : other.end].casefold() not in GENRES
            for other in around
        )
        if (is_genre and beside) or text[piece.end : piece.end + 1] == "地":
            kept[place] = Piece(piece.start, piece.end, acts=_FILLER)
    return kept


def _neighbour(pieces: Sequence[Piece], place: int, step: int) -> Piece | None:
    """The next piece that is no filler, on one side."""
    place += step
    while 0 <= place < len(pieces):
        if not pieces[place].is_filler:
            return pieces[place]
        place += step
    return None


# slips of the keyboard, only where nothing else can be meant

_VOWELS = "aeiou"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NOT_SLIPS = common_words.ENGLISH | common_words.NO_SLIPS


def _mended(word: Word, vocabulary: Vocabulary) -> tuple[int, Sense] | None:
    """What a misspelt English word must mean: one letter too many, missing, swapped, or a wrong vowel, and only one
    topic near it. A word of its own is never taken for a slip."""
    if word.kind != Kind.WORD or len(word.text) < vocabulary.SHORTEST_MENDED or word.text in _NOT_SLIPS:
        return None
    near = {sense for slip in _slips(word.text) if (sense := vocabulary.single_words.get(slip)) is not None}
    return (1, near.pop()) if len(near) == 1 else None


def _slips(word: str) -> set[str]:
    slips = {word + letter for letter in _LETTERS}
    for at in range(1, len(word)):
        head, tail = word[:at], word[at:]
        slips.add(head + tail[1:])
        if len(tail) > 1:
            slips.add(head + tail[1] + tail[0] + tail[2:])
        slips |= {head + letter + tail for letter in _LETTERS}
        if tail[0] in _VOWELS:
            slips |= {head + vowel + tail[1:] for vowel in _VOWELS}
    return slips


# sentences and clauses


def _sentences(pieces: Sequence[Piece], text: str) -> list[list[Clause]]:
    """`but` begins a sentence of its own, unless it excepts: `all topics but politics`."""
    sentences: list[list[Clause]] = [[[]]]
    for place, piece in enumerate(pieces):
        clause = sentences[-1][-1]
        sign = _sign(piece, text)
        if sign is not None:
            clause.append(Piece(piece.start, piece.end, acts=sign))
        elif piece.mark in SENTENCE_MARKS:
            sentences.append([[]])
        elif piece.does(Part.BUT) and len(piece.acts) == 1:
            if text[piece.start : piece.end].casefold() == "but" and _excepts(clause, pieces[place + 1 :], text):
                clause.append(Piece(piece.start, piece.end, acts=((Part.EXCEPT, False),)))
            else:
                sentences.append([[]])
        elif piece.mark in JOINING_MARKS:
            clause.append(Piece(piece.start, piece.end, acts=((Part.AND, False),)))
        elif piece.mark == ">":
            clause.append(Piece(piece.start, piece.end, acts=((Part.INSTEAD, False),)))
        elif piece.mark in CLAUSE_MARKS:
            sentences[-1].append([])
        elif not piece.mark:
            clause.append(piece)
        elif piece.mark not in QUIET_MARKS:
            clause.append(replace(piece, mark="", is_unknown=True))
    return [[clause for clause in sentence if clause] for sentence in sentences if any(sentence)]


def _sign(piece: Piece, text: str) -> tuple[Act, ...] | None:
    """What a sign says: a thumb up or down on either side; `+cats -dogs` before its word."""
    part = SIGNS.get(piece.mark)
    if part is not None:
        return (part, False), (part, True)
    before, behind = text[: piece.start][-1:], text[piece.end :][:1]
    if piece.mark in {"+", "-"} and not before.isalnum() and (behind.isalnum() or behind in {"#", "@"}):
        return ((Part.MORE if piece.mark == "+" else Part.NO, False),)
    return None


def _excepts(before: Sequence[Piece], behind: Sequence[Piece], text: str) -> bool:
    """Whether a `but` takes from what stands before it: `all animals but spiders`."""
    names_all = any(text[piece.start : piece.end].casefold().split()[0] in EVERY for piece in before)
    follows = next((piece for piece in behind if not piece.is_filler), None)
    return names_all and follows is not None and follows.target is not None
