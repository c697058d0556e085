"""E5: are instructions heard right, and does "no X" keep X away?

Two sets of sentences in each language: `own`, which the parser was made with, and `held_out`, written by somebody else
and first read by the finished parser. Leaks are counted on captions that people wrote and labelled by hand, not on
sentences made from the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ranking.features import COLUMN, FEATURES, Candidates
from ranking.order import rank
from ranking.steering.effects import Facts, effect
from ranking.steering.parsing import Heard, parse
from ranking.steering.pieces import style_of
from ranking.steering.rules import STRENGTHS, Rule, Target, expiring
from ranking.topics.classifier import TOPIC_FROM, Classifier
from ranking.topics.vocabulary import BUILT_IN, TOPICS_AT_MOST, Vocabulary
from ranking.weights import STARTING_WEIGHTS

Case = Mapping[str, Any]  # {"text", "rules": [{"polarity", "kind", "target"}], "expiry_hours"?}
Caption = Mapping[str, Any]  # {"lang", "text", "topics": [code, …]}
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
POLARITY_AT_LEAST: Final = 0.92
LEAK_AT_MOST: Final = 0.05
PAGE: Final = 20
POOL: Final = 100  # captions that compete
SEEDS: Final = 5
HOURS_TOLERANCE: Final = 0.02  # of a named time


@dataclass(frozen=True, slots=True)
class Hearing:
    """How well one set of sentences in one language was heard.

    polarity: the share of wanted rules with the right target and the right way; a target that was missed counts as
    wrong, also the `uncovered` ones whose topic the vocabulary does not have. polarity_of_found: the same among targets
    that were found. targets: the share of wanted targets found. precision: the share of rules made that were wanted.
    exact: sentences heard wholly right. timed: of the sentences that name a time, those where a rule got one; lasting:
    those where a rule got this one; None without any.
    """

    language: str
    sentences: int
    wanted: int
    uncovered: int
    polarity: float
    polarity_of_found: float
    targets: float
    precision: float
    exact: float
    timed: float | None
    lasting: float | None
    missed: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.polarity >= POLARITY_AT_LEAST


@dataclass(frozen=True, slots=True)
class Leaks:
    """How much of what somebody said no to is left in the first 20, over topics, pools and seeds. `without`: the share
    when nothing was said."""

    topics: int
    pages: int
    left: float
    without: float
    worst: tuple[tuple[str, float], ...]

    @property
    def passed(self) -> bool:
        return self.left <= LEAK_AT_MOST


@dataclass(frozen=True, slots=True)
class Reading:
    """How well topics are read from captions of one language, at the confidence from which a post is of a topic."""

    language: str
    captions: int
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class SteeringFigures:
    own: tuple[Hearing, ...]
    held_out: tuple[Hearing, ...]
    leaks: Leaks
    reading: tuple[Reading, ...]
    reliability: tuple[tuple[float, float, int, float], ...]

    @property
    def passed(self) -> bool:
        """On what the parser had not seen."""
        return all(hearing.passed for hearing in self.held_out) and self.leaks.passed


def run(
    own: Mapping[str, Sequence[Case]],
    held_out: Mapping[str, Sequence[Case]],
    captions: Sequence[Caption],
    vocabulary: Vocabulary = BUILT_IN,
) -> SteeringFigures:
    """Judge parser, classifier and filter. Sentences by their language. Most of the time goes into the classifier."""
    classifier = Classifier(vocabulary)
    confidence = classifier.confidences([caption["text"] for caption in captions])
    return SteeringFigures(
        own=tuple(hearing(language, cases, vocabulary) for language, cases in own.items()),
        held_out=tuple(hearing(language, cases, vocabulary) for language, cases in held_out.items()),
        leaks=leaks(captions, confidence, vocabulary),
        reading=tuple(_readings(captions, confidence, vocabulary)),
        reliability=tuple(_reliability(captions, confidence, vocabulary)),
    )


# hearing


def hearing(language: str, cases: Sequence[Case], vocabulary: Vocabulary) -> Hearing:
    """Judge the parser on sentences of one language."""
    wanted = uncovered = found = right = made = exact = named = timed = in_time = 0
    missed = []
    for case in cases:
        rules = {target_meant(rule, vocabulary): rule["polarity"] for rule in case["rules"]}
        heard = parse(case["text"], vocabulary, NOW)
        got = {rule.target: rule.polarity for rule in heard.rules}
        wanted += len(rules)
        uncovered += sum(target.kind == "topic" and target.name not in vocabulary.by_code for target in rules)
        made += len(got)
        found += len(rules.keys() & got.keys())
        right += sum(got.get(target) == polarity for target, polarity in rules.items())
        if case.get("expiry_hours") is not None:
            named += 1
            timed += any(not rule.fades for rule in heard.rules)
            in_time += _lasts(heard, case["expiry_hours"])
        exact += rules == got
        if rules != got:
            missed.append(case["text"])
    return Hearing(
        language=language,
        sentences=len(cases),
        wanted=wanted,
        uncovered=uncovered,
        polarity=right / max(wanted, 1),
        polarity_of_found=right / max(found, 1),
        targets=found / max(wanted, 1),
        precision=right / max(made, 1),
        exact=exact / max(len(cases), 1),
        timed=timed / named if named else None,
        lasting=in_time / named if named else None,
        missed=tuple(missed),
    )


# Codes of the held-out labels that are no word of ours; the others are found by name. Fixed before the sentences were
# read. `night`, `friends` and `work` have no topic here and count as missed.
LABELS: Final = {"holidays": "celebrations"}


def target_meant(rule: Mapping[str, Any], vocabulary: Vocabulary) -> Target:
    """What a label names. Topics, moods and styles are called by any of their words; one that is not known stays as it
    is written, and cannot be met."""
    said = str(rule["target"]).strip().casefold()
    said = LABELS.get(said, said)
    match rule["kind"]:
        case "tag":
            return Target("tag", said.lstrip("#"))
        case "person":
            return Target("person", said.lstrip("@"))
        case kind:
            style, sense = style_of(said), vocabulary.named(said)
            if style is not None and (kind == "style" or sense is None):
                return Target("style", style)
            if sense is None:
                return Target("topic", said)
            return Target("topic", sense.topics[0]) if sense.topics else Target("mood", sense.mood)


def _lasts(heard: Heard, hours: float) -> bool:
    spans = [
        (rule.expires_at - NOW).total_seconds() / 3600
        for rule in heard.rules
        if rule.expires_at is not None and not rule.fades
    ]
    return any(abs(span - hours) <= HOURS_TOLERANCE * max(hours, 1) for span in spans)


# leaks


def leaks(captions: Sequence[Caption], confidence: Any, vocabulary: Vocabulary) -> Leaks:
    """Say no to each topic that two captions are about, and count what is left of it in the first 20 of 100.

    Its posts are the best of the pool in every respect: without the rule they come first.
    """
    found, without = [], []
    by_topic: dict[str, float] = {}
    for topic in vocabulary.topics:
        about = np.array([topic.code in caption["topics"] for caption in captions])
        if about.sum() < 2:
            continue
        rule = no_to(topic.code)
        shares = []
        for seed in range(SEEDS):
            rows, candidates = _pool(about, confidence, seed)
            facts = Facts(confidence[rows], [frozenset()] * len(rows), [frozenset()] * len(rows), [""] * len(rows))
            done = effect([rule], facts, vocabulary=vocabulary, now=NOW)
            shares.append(_share(candidates, done.factors, about[rows], seed))
            without.append(_share(candidates, np.ones(len(rows), np.float32), about[rows], seed))
        found += shares
        by_topic[topic.code] = float(np.mean(shares))
    worst = sorted(by_topic.items(), key=lambda pair: -pair[1])[:5]
    return Leaks(len(by_topic), len(found), float(np.mean(found)), float(np.mean(without)), tuple(worst))


def no_to(code: str) -> Rule:
    expires_at, fades = expiring(None, forever=False, now=NOW)
    return Rule("no", Target("topic", code), STRENGTHS["no"][1], NOW, expires_at, fades)


def _pool(about: Any, confidence: Any, seed: int) -> tuple[Any, Candidates]:
    """All captions of the topic among others, as candidates that people made a lot of where they are of the topic."""
    chance = np.random.default_rng(seed)
    others = chance.permutation(np.flatnonzero(~about))[: POOL - int(about.sum())]
    rows = chance.permutation(np.concatenate([np.flatnonzero(about), others]))
    features = np.zeros((len(rows), len(FEATURES)), np.float32)
    features[:, COLUMN["impression_count"]] = 100
    features[:, COLUMN["open_count"]] = np.where(about[rows], 30, chance.integers(1, 10, len(rows)))
    features[:, COLUMN["submit_count"]] = features[:, COLUMN["open_count"]] // 2
    bits = (confidence[rows] >= TOPIC_FROM) @ (np.uint64(1) << np.arange(TOPICS_AT_MOST, dtype=np.uint64))
    ids = np.arange(1, len(rows) + 1, dtype=np.int64)
    steer = np.ones(len(rows), np.float32)
    return rows, Candidates(ids, ids + 1_000, ids, bits.astype(np.uint64), features, steer)


def _share(candidates: Candidates, factors: Any, about: Any, seed: int) -> float:
    steered = Candidates(
        candidates.post_id,
        candidates.author_id,
        candidates.root_id,
        candidates.topics,
        candidates.features,
        factors,
    )
    first = rank(steered, weights=STARTING_WEIGHTS, seed=seed, limit=PAGE).post_ids
    return float(about[first - 1].mean())


# reading


def _readings(captions: Sequence[Caption], confidence: Any, vocabulary: Vocabulary) -> Iterator[Reading]:
    wanted = _wanted(captions, vocabulary)
    found = confidence >= TOPIC_FROM
    for language in ("en", "zh"):
        rows = np.array([caption["lang"] == language for caption in captions])
        right = float((found & wanted)[rows].sum())
        precision, recall = right / max(found[rows].sum(), 1), right / max(wanted[rows].sum(), 1)
        yield Reading(language, int(rows.sum()), precision, recall)


def _reliability(
    captions: Sequence[Caption], confidence: Any, vocabulary: Vocabulary
) -> Iterator[tuple[float, float, int, float]]:
    """From, to, how many, and how many of them are right: for confidences in bands."""
    wanted = _wanted(captions, vocabulary)
    edges = (0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1.001)
    for low, high in pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            yield low, min(high, 1.0), int(inside.sum()), float(wanted[inside].mean())


def _wanted(captions: Sequence[Caption], vocabulary: Vocabulary) -> Any:
    wanted = np.zeros((len(captions), TOPICS_AT_MOST), bool)
    for row, caption in enumerate(captions):
        wanted[row, [vocabulary.by_code[code].bit for code in caption["topics"]]] = True
    return wanted
