"""What a post is about, read from its words: the vocabulary, and a model of character n-grams where that is at a loss.

A word of the vocabulary speaks for its topic. For words that it does not hold (compounds, new inflections, slips of the
keyboard) a logistic model per topic on character n-grams, trained from the vocabulary itself, says what they look like.
Looking alike proves little: only where a word of the topic stands inside the unknown one is the topic settled, else it
is a possibility. (Cavnar & Trenkle 1994 for n-grams; Platt 1999 for the calibration.)

Training takes seconds and needs scikit-learn: it is for workers and commands, never for a process that serves.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ranking.topics import common_words
from ranking.topics.phrases import Kind, Word, words_of
from ranking.topics.vocabulary import NEUTRAL, TOPICS_AT_MOST, Language, Sense, Vocabulary

Floats = npt.NDArray[np.float32]

TOPIC_FROM: Final = 0.5  # a topic of a post, from this confidence on
KEPT_FROM: Final = 0.1  # below it a topic is not remembered
TOPICS_KEPT: Final = 8  # of one post

# How often a hit of each kind was right (docs/ranking.md, "Topics").
WORD_CONFIDENCE: Final = 0.88
CHARACTER_CONFIDENCE: Final = 0.60  # one Chinese character is part of many words
HINT_CONFIDENCE: Final = 0.30
AGREED_CONFIDENCE: Final = 0.70  # the model finds it possible, and a word of the topic stands inside the unknown one
LOOKALIKE_CONFIDENCE: Final = 0.30  # the model's word alone

_SEED = 20_260_426
_HELD_OUT = 5  # every fifth word of a topic is kept from training, for calibration
_TOPICAL_SHARE = 0.4  # of the words that the vocabulary does not hold, about so many are of any topic
_LIKELY = 0.3
_LONGEST_RUN = 12
_SHORTEST_INSIDE = 4


def about(text: str) -> list[Word]:
    """The words of a text that can speak of a topic: tags are opened, names of people and marks left out."""
    opened = text.replace("#", " ").replace("_", " ")
    return [word for word in words_of(opened) if word.kind not in {Kind.MARK, Kind.PERSON}]


class Classifier:
    """Reads topics from text. The same vocabulary gives the same classifier, on every machine.

    Trained when it is made, in seconds.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._models: dict[Language, _Lookalikes] = {
            language: _Lookalikes(vocabulary, language) for language in ("en", "zh")
        }

    def confidences(self, texts: Sequence[str]) -> Floats:
        """How sure each topic is for each text, float32[len(texts), 64], column by bit, 0 … 1."""
        found = np.zeros((len(texts), TOPICS_AT_MOST), np.float32)
        for row, text in enumerate(texts):
            doubt = np.ones(TOPICS_AT_MOST, np.float32)
            words = about(text)
            known: set[int] = set()
            for first, count, sense in self.vocabulary.reading.found_in(words):
                known.update(range(first, first + count))
                for code in sense.topics:
                    doubt[self.vocabulary.by_code[code].bit] *= 1 - _evidence(sense, words[first], count)
            for language, unknown in _unknown(words, known).items():
                if unknown:
                    doubt *= 1 - self._models[language].confidences(unknown)
            found[row] = 1 - doubt
        return found

    def topics_of(self, text: str) -> list[tuple[int, float]]:
        """The topics of a text worth remembering, surest first, as bit and confidence."""
        found = self.confidences([text])[0]
        order = np.argsort(-found, kind="stable")[:TOPICS_KEPT]
        return [(int(bit), float(found[bit])) for bit in order if found[bit] >= KEPT_FROM]


def _evidence(sense: Sense, first: Word, count: int) -> float:
    if sense.is_hint:
        return HINT_CONFIDENCE
    return CHARACTER_CONFIDENCE if count == 1 and first.kind == Kind.HAN else WORD_CONFIDENCE


def _unknown(words: Sequence[Word], known: set[int]) -> dict[Language, list[str]]:
    """What the vocabulary does not hold: English words by themselves, Chinese ones in runs."""
    english, chinese = [], [""]
    for place, word in enumerate(words):
        if word.kind == Kind.HAN:
            chinese[-1] += word.text if place not in known else ""
        if (word.kind != Kind.HAN or place in known) and chinese[-1]:
            chinese.append("")
        if word.kind == Kind.WORD and place not in known and _may_be_telling(word.text):
            english.append(word.text)
    return {"en": english, "zh": [run[:_LONGEST_RUN] for run in chinese if len(run) > 1]}


def _may_be_telling(word: str) -> bool:
    return word.isascii() and len(word) >= _SHORTEST_INSIDE and word not in common_words.ENGLISH


@dataclass(frozen=True, slots=True)
class _Example:
    text: str
    bit: int | None


class _Lookalikes:
    """A logistic model per topic on the character n-grams of words, calibrated on words that it was not trained on."""

    def __init__(self, vocabulary: Vocabulary, language: Language) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        spelled = {topic.bit: _spellings(vocabulary, topic.bit, language) for topic in vocabulary.topics}
        self._bits = np.array(sorted(bit for bit, words in spelled.items() if len(words) > _HELD_OUT), np.intp)
        self._inside = {bit: _insides(words) for bit, words in spelled.items()}
        self._language = language
        if not len(self._bits):
            return
        training, held_out = _examples({int(bit): spelled[int(bit)] for bit in self._bits}, language)
        english = language == "en"
        self._vectorizer = TfidfVectorizer(
            analyzer="char_wb" if english else "char",
            ngram_range=(2, 5) if english else (1, 3),
            sublinear_tf=True,
            dtype=np.float32,
        )
        grams = self._vectorizer.fit_transform([example.text for example in training])
        bits = np.array([-1 if example.bit is None else example.bit for example in training])
        with threadpool_limits(limits=1):  # more BLAS threads only wait for each other: 15 s instead of 1
            models = [
                LogisticRegression(solver="liblinear", C=10.0, tol=1e-2, random_state=_SEED).fit(grams, bits == bit)
                for bit in self._bits
            ]
        self._weights = np.vstack([model.coef_[0] for model in models]).T.astype(np.float32)
        self._offsets = np.array([model.intercept_[0] for model in models], np.float32)
        self._slope, self._offset = self._calibrated(held_out, LogisticRegression(random_state=_SEED))

    def _calibrated(self, held_out: Sequence[_Example], model: Any) -> tuple[float, float]:
        """Platt's two numbers, over all topics at once. The odds are lowered to the share of topical words in texts."""
        scores = self._scores([example.text for example in held_out])
        right = np.array([[example.bit == bit for bit in self._bits] for example in held_out])
        model.fit(scores.reshape(-1, 1), right.reshape(-1))
        return float(model.coef_[0, 0]), float(model.intercept_[0]) + float(np.log(_TOPICAL_SHARE))

    def _scores(self, words: Sequence[str]) -> Floats:
        scores: Floats = np.asarray(self._vectorizer.transform(words) @ self._weights) + self._offsets
        return scores

    def confidences(self, words: Sequence[str]) -> Floats:
        """What the most telling of these words says for each topic, float32[64]."""
        found = np.zeros(TOPICS_AT_MOST, np.float32)
        if not len(self._bits):
            return found
        chance = 1 / (1 + np.exp(-(self._slope * self._scores(words) + self._offset)))
        for row, word in enumerate(words):
            for column in np.flatnonzero(chance[row] >= KEPT_FROM):
                bit = int(self._bits[column])
                likely = self._language == "en" and chance[row, column] >= _LIKELY
                agreed = likely and any(_stands_in(inside, word) for inside in self._inside[bit])
                sure = AGREED_CONFIDENCE if agreed else LOOKALIKE_CONFIDENCE * chance[row, column]
                found[bit] = max(found[bit], sure)
        return found


def _spellings(vocabulary: Vocabulary, bit: int, language: Language) -> list[str]:
    """The phrases that settle a topic, in one of the languages, as the model reads them."""
    code = vocabulary.by_bit[bit].code
    found = [
        phrase for phrase, sense in vocabulary.phrases.meanings.items() if sense.topics == (code,) and not sense.is_hint
    ]
    if language == "en":
        return sorted(phrase for phrase in found if phrase.isascii())
    return sorted(phrase.replace(" ", "") for phrase in found if not phrase.isascii())


def _insides(phrases: Sequence[str]) -> list[str]:
    return [phrase for phrase in phrases if " " not in phrase and len(phrase) >= _SHORTEST_INSIDE]


def _stands_in(inside: str, word: str) -> bool:
    return word.startswith(inside) or word.endswith(inside)


def _examples(spelled: dict[int, list[str]], language: Language) -> tuple[list[_Example], list[_Example]]:
    """Each word of a topic; and common words, which are of none. Every fifth is held out of training."""
    chance = random.Random(_SEED)
    common = sorted(common_words.ENGLISH) if language == "en" else sorted({*common_words.CHINESE, *NEUTRAL})
    training: list[_Example] = []
    held_out: list[_Example] = []
    for bit, words in [*spelled.items(), (None, common)]:
        chance.shuffle(words)
        for place, word in enumerate(words):
            (held_out if place % _HELD_OUT == 0 else training).append(_Example(word, bit))
    return training, held_out
