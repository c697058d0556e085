"""What posts may be about: topics with their words in English and Chinese, and moods as sets of them.

A topic is a bit of a 64-bit word. The built-in vocabulary is what a service starts with; its operator may change names
and words. Its version is a hash of the whole, so that equal vocabularies have equal versions on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import ClassVar, Final, Literal

from ranking.topics import words
from ranking.topics.phrases import Phrases, plural, verb_forms

TOPICS_AT_MOST = 64
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `bit` (0 … 63) is its place in a post's set of topics, and never given to another.

    words_en: English words; `~` marks a verb, whose forms all count, other words count with their plural.
    words_zh: Chinese words, found wherever they stand.
    A word with `?` hints at the topic and does not settle it. `part_of` is the code of a wider topic.
    `sensitive`: not taken from imported interests, and doubt weighs more when somebody says no to it.
    """

    bit: int
    code: str
    name_en: str
    name_zh: str
    words_en: tuple[str, ...] = ()
    words_zh: tuple[str, ...] = ()
    part_of: str = ""
    sensitive: bool = False

    def name(self, language: Language) -> str:
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Mood:
    """A named set of topics: a mood, or another set that people have a word for."""

    code: str
    name_en: str
    name_zh: str
    topics: frozenset[str]
    words_en: tuple[str, ...] = ()
    words_zh: tuple[str, ...] = ()

    def name(self, language: Language) -> str:
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase stands for: topics by code, or else a mood. `is_hint`: it does not settle it."""

    topics: tuple[str, ...] = ()
    mood: str = ""
    is_hint: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Topics and moods, and the phrases that stand for them.

    Raises ValueError when a bit or a code is taken twice, or a bit is out of range.
    """

    SHORTEST_MENDED: ClassVar[int] = 5

    topics: tuple[Topic, ...]
    moods: tuple[Mood, ...] = ()

    def __post_init__(self) -> None:
        bits, codes = {topic.bit for topic in self.topics}, {topic.code for topic in self.topics}
        if len(bits) != len(self.topics) or len(codes) != len(self.topics):
            raise ValueError("each topic has a bit and a code of its own")
        if not all(0 <= bit < TOPICS_AT_MOST for bit in bits):
            raise ValueError(f"bits are 0 to {TOPICS_AT_MOST - 1}")

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change with any word."""
        content = [asdict(topic) for topic in self.topics] + [
            {**asdict(mood), "topics": sorted(mood.topics)} for mood in self.moods
        ]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    @cached_property
    def by_code(self) -> dict[str, Topic]:
        return {topic.code: topic for topic in self.topics}

    @cached_property
    def by_bit(self) -> dict[int, Topic]:
        return {topic.bit: topic for topic in self.topics}

    @cached_property
    def mood_by_code(self) -> dict[str, Mood]:
        return {mood.code: mood for mood in self.moods}

    @cached_property
    def _parts(self) -> dict[str, frozenset[str]]:
        """Each topic with all that is part of it, however deep."""
        whole = {code: {code} for code in self.by_code}
        for topic in self.topics:
            above, seen = topic.part_of, {topic.code}
            while above in whole and above not in seen:
                whole[above].add(topic.code)
                seen.add(above)
                above = self.by_code[above].part_of
        return {code: frozenset(parts) for code, parts in whole.items()}

    def family(self, code: str) -> frozenset[str]:
        """The codes of a topic and of all that is part of it; empty for one that is not here."""
        return self._parts.get(code, frozenset())

    def topics_of_mood(self, code: str) -> frozenset[str]:
        """The codes of the topics that a mood is made of, as far as they are here."""
        mood = self.mood_by_code.get(code)
        return frozenset(mood.topics & set(self.by_code)) if mood else frozenset()

    @cached_property
    def phrases(self) -> Phrases[Sense]:
        """All words of all topics and moods, in their forms. A topic's word is not a mood's."""
        senses: dict[str, Sense] = {}
        for mood in self.moods:
            for phrase, _ in _spelled(mood.code, mood.name_en, mood.name_zh, mood.words_en, mood.words_zh):
                senses[phrase] = Sense(mood=mood.code)
        topics: dict[str, Sense] = {}
        for topic in self.topics:
            spelled = _spelled(topic.code, topic.name_en, topic.name_zh, topic.words_en, topic.words_zh)
            for phrase, is_hint in spelled:
                known = topics.get(phrase)
                if known is None or (known.is_hint and not is_hint):
                    topics[phrase] = Sense((topic.code,), is_hint=is_hint)
                elif topic.code not in known.topics and known.is_hint == is_hint:
                    topics[phrase] = Sense((*known.topics, topic.code), is_hint=is_hint)
        return Phrases({**senses, **topics}.items())

    @cached_property
    def reading(self) -> Phrases[Sense]:
        """The phrases, and those Chinese ones in which their characters mean something else."""
        quiet = [(phrase, Sense()) for phrase in NEUTRAL if self.phrases.meaning_of(phrase) is None]
        return Phrases([*self.phrases.meanings.items(), *quiet])

    @cached_property
    def single_words(self) -> dict[str, Sense]:
        """English words that settle a topic by themselves, long enough to be known when they are misspelt."""
        return {
            phrase: sense
            for phrase, sense in self.phrases.meanings.items()
            if phrase.isascii() and " " not in phrase and len(phrase) >= self.SHORTEST_MENDED
            if sense.topics and not sense.is_hint
        }

    def named(self, said: str) -> Sense | None:
        """What a topic or mood is called by: its code, its name, or one of its words. None for anything else."""
        code = said.strip().casefold()
        if code in self.by_code:
            return Sense((code,))
        if code in self.mood_by_code:
            return Sense(mood=code)
        return self.phrases.meaning_of(said)


def _spelled(
    code: str, name_en: str, name_zh: str, words_en: Sequence[str], words_zh: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    """Every spelling of a topic, with whether it only hints at it."""
    for word in (code.replace("_", " "), name_en, name_en.removeprefix("the "), name_zh):
        yield word.casefold(), False
    for marked in words_en:
        word = marked.rstrip("~?").casefold()
        is_hint = "?" in marked
        yield word, is_hint
        if "~" in marked:
            for form in verb_forms(word):
                yield form, is_hint
        else:
            first, gap, last = word.rpartition(" ")
            yield f"{first}{gap}{plural(last)}", is_hint
    for marked in words_zh:
        yield marked.rstrip("?").casefold(), "?" in marked


def split_words(text: str) -> tuple[str, ...]:
    """Words as an operator writes them: between commas or lines, each once."""
    parts = (part.strip() for part in text.replace("，", ",").replace("、", ",").replace("\n", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _built_in() -> Vocabulary:
    topics = (
        Topic(bit, code, name_en, name_zh, split_words(english), split_words(chinese), part_of, sensitive)
        for bit, (code, name_en, name_zh, part_of, sensitive, english, chinese) in enumerate(words.TOPICS)
    )
    moods = (
        Mood(code, name_en, name_zh, frozenset(made_of.split()), split_words(english), split_words(chinese))
        for code, name_en, name_zh, made_of, english, chinese in words.MOODS
    )
    return Vocabulary(tuple(topics), tuple(moods))


NEUTRAL: Final = split_words(words.NEUTRAL)
BUILT_IN: Final = _built_in()
