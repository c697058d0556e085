"""What a viewer's rules do to the posts that compete: a factor for each, and where it is in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from ranking.features import STEER_RANGE
from ranking.steering.rules import Rule
from ranking.topics.classifier import TOPIC_FROM
from ranking.topics.vocabulary import Vocabulary

Floats = npt.NDArray[np.float32]

# A no filters with a margin: from a confidence at which a post is not yet said to be of the topic.
FILTERED_FROM: Final = 0.35
DOUBTED_FROM: Final = 0.12  # between the two it is in doubt: shown later, and said so
DEMOTED_TO: Final = 0.2
UNTOLD: Final = 0.2  # how surely a post of which no topic is known may be of a sensitive one
NO_DOUBT: Final = -1


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules can ask of n posts.

    topics: float32[n, 64], the confidence of each topic by its bit. tags: without #. people: the author and those cast,
    by the name that rules have for them. styles: as the clip was made.
    """

    topics: Floats
    tags: Sequence[frozenset[str]]
    people: Sequence[frozenset[str]]
    styles: Sequence[str]

    def __len__(self) -> int:
        return len(self.topics)


@dataclass(frozen=True, slots=True)
class Effect:
    """factors: float32[n], 0 where filtered, else 0.2 … 3. doubts: int32[n], the place of the rule that a post was
    demoted for because its topic is uncertain, or NO_DOUBT. gave_way: whether the only rules left nothing and were
    taken as wishes instead."""

    factors: Floats
    doubts: npt.NDArray[np.int32]
    gave_way: bool


def effect(
    rules: Sequence[Rule],
    facts: Facts,
    *,
    vocabulary: Vocabulary,
    now: datetime,
    only_no: bool = False,
) -> Effect:
    """What the rules do at this moment. only_no: all they do is to take posts away, and the order of the rest stays."""
    n = len(facts)
    in_force = [(place, rule) for place, rule in enumerate(rules) if rule.force(now) > 0]
    if only_no:
        in_force = [(place, rule) for place, rule in in_force if rule.polarity == "no"]
    spared = _spared([rule for _, rule in in_force], vocabulary)
    logs = np.zeros(n, np.float32)
    kept = np.ones(n, bool)
    doubts = np.full(n, NO_DOUBT, np.int32)
    wanted: Floats | None = None
    for place, rule in in_force:
        match = _match(rule, facts, vocabulary, spared)
        if rule.polarity in {"more", "less"}:
            logs += np.float32(np.log(rule.weight(now))) * match
        elif rule.polarity == "no":
            kept &= match < FILTERED_FROM
            doubted = (match >= DOUBTED_FROM) & (match < FILTERED_FROM)
            if not only_no:
                logs += _demotion(match)
                doubts[doubted & (doubts == NO_DOUBT)] = place
        else:
            wanted = match if wanted is None else np.maximum(wanted, match)
    gave_way = False
    if wanted is not None:
        left = kept & (wanted >= FILTERED_FROM)
        gave_way = not left.any()
        if not gave_way:
            kept = left
            logs += np.where(wanted < TOPIC_FROM, np.float32(np.log(0.5)), np.float32(0))
    low, high = STEER_RANGE
    factors: Floats = np.where(kept, np.clip(np.exp(logs), low, high), np.float32(0)).astype(np.float32)
    doubts[~kept] = NO_DOUBT
    return Effect(factors, doubts, gave_way)


def _demotion(match: Floats) -> Floats:
    """The logarithm of the factor of a post that may be what the viewer said no to: from 1 down to DEMOTED_TO."""
    doubt = np.clip((match - DOUBTED_FROM) / (FILTERED_FROM - DOUBTED_FROM), 0, 1)
    demotion: Floats = (np.float32(np.log(DEMOTED_TO)) * doubt).astype(np.float32)
    return demotion


def _spared(rules: Sequence[Rule], vocabulary: Vocabulary) -> frozenset[str]:
    """Topics asked for by name: a no to something wider does not take them. "No animals, more cats" leaves cats."""
    return frozenset(
        rule.target.name
        for rule in rules
        if rule.polarity in {"more", "only"} and rule.target.kind == "topic" and rule.target.name in vocabulary.by_code
    )


def _match(rule: Rule, facts: Facts, vocabulary: Vocabulary, spared: frozenset[str]) -> Floats:
    """How surely each post is what the rule is about, float32[n], 0 … 1."""
    name = rule.target.name
    match rule.target.kind:
        case "topic" | "mood":
            return _topic_match(rule, facts, vocabulary, spared if rule.polarity in {"no", "less"} else frozenset())
        case "tag":
            return _flags(name in tags for tags in facts.tags)
        case "person":
            return _flags(name in people for people in facts.people)
        case _:
            return _flags(style == name for style in facts.styles)


def _topic_match(rule: Rule, facts: Facts, vocabulary: Vocabulary, spared: frozenset[str]) -> Floats:
    """A mood is never certain: no to one demotes. Nor is what a post says nothing of, where the topic is sensitive."""
    name, is_mood = rule.target.name, rule.target.kind == "mood"
    codes = vocabulary.topics_of_mood(name) if is_mood else vocabulary.family(name)
    match: Floats = facts.topics[:, bits_of(vocabulary, codes - (spared - {name}))].max(axis=1, initial=0)
    if rule.polarity != "no":
        return match
    if is_mood:
        return np.minimum(match, np.nextafter(np.float32(FILTERED_FROM), np.float32(0)))
    if name in vocabulary.by_code and vocabulary.by_code[name].sensitive:
        match = np.where(facts.topics.any(axis=1), match, np.float32(UNTOLD))
    return match


def bits_of(vocabulary: Vocabulary, codes: frozenset[str]) -> list[int]:
    """The bits of topics by their codes, in order."""
    return sorted(vocabulary.by_code[code].bit for code in codes if code in vocabulary.by_code)


def _flags(found: Iterable[bool]) -> Floats:
    return np.fromiter(found, np.float32)
