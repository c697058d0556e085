"""What a viewer asked of the ranker, as rules: which way, what about, how strongly, how long."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from ranking.topics.vocabulary import Language, Vocabulary

Polarity = Literal["more", "less", "no", "only"]
TargetKind = Literal["topic", "mood", "tag", "person", "style"]
POLARITIES: Final[tuple[Polarity, ...]] = get_args(Polarity)
KINDS: Final[tuple[TargetKind, ...]] = get_args(TargetKind)

FADES_IN: Final = timedelta(hours=72)  # a rule without a time of its own goes back to nothing by then
STRENGTHS: Final[dict[Polarity, tuple[float, float, float]]] = {  # a bit, as said, a lot
    "more": (1.5, 2.0, 3.0),
    "less": (0.7, 0.5, 0.2),
    "no": (0.0, 0.0, 0.0),
    "only": (1.0, 1.0, 1.0),
}
STRENGTH_RANGES: Final[dict[Polarity, tuple[float, float]]] = {
    "more": (1.0, 3.0),
    "less": (0.2, 1.0),
    "no": (0.0, 0.0),
    "only": (1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule is about. `name`: the code of a topic or mood, a tag without #, a handle without @, or a style."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One instruction.

    strength: what a post that certainly is about the target is multiplied by while the rule is fresh; 0 for no, and
    for only 1: there the rest is multiplied by 0.
    since: when it was said. expires_at: when it ends, None for never. fades: whether it loses force until then.
    said: the words that it was heard from.
    Raises ValueError for a strength out of the polarity's range.
    """

    polarity: Polarity
    target: Target
    strength: float
    since: datetime
    expires_at: datetime | None
    fades: bool
    said: str = ""

    def __post_init__(self) -> None:
        low, high = STRENGTH_RANGES[self.polarity]
        if not low <= self.strength <= high:
            raise ValueError(f"the strength of {self.polarity} is between {low:g} and {high:g}")

    def force(self, now: datetime) -> float:
        """How much of the rule is left, 1 when fresh, 0 from its end on. A no and an only hold in full until then."""
        if self.expires_at is None:
            return 1.0
        if now >= self.expires_at:
            return 0.0
        if not self.fades or self.polarity in {"no", "only"}:
            return 1.0
        whole = (self.expires_at - self.since).total_seconds()
        return min(max((self.expires_at - now).total_seconds() / whole, 0.0), 1.0) if whole > 0 else 0.0

    def weight(self, now: datetime) -> float:
        """What a post that certainly is about the target is multiplied by at this moment: back at 1 in the end."""
        force = self.force(now)
        if self.polarity == "no":
            return 0.0 if force > 0 else 1.0
        return float(self.strength**force)


def expiring(rule_hours: float | None, *, forever: bool, now: datetime) -> tuple[datetime | None, bool]:
    """When a rule ends that was said now, and whether it fades until then."""
    if forever:
        return None, False
    if rule_hours is None:
        return now + FADES_IN, True
    return now + timedelta(hours=rule_hours), False


def digest(rules: Sequence[Rule]) -> str:
    """Twelve hex digits that name a set of rules, in whatever order; they stay while the rules fade."""
    content = (
        sorted(
            [
                rule.polarity,
                rule.target.kind,
                rule.target.name,
                round(rule.strength, 3),
                rule.expires_at.isoformat() if rule.expires_at else None,
            ]
            for rule in rules
        )
        if rules
        else []
    )
    canonical = json.dumps(content, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


# in words

_ENGLISH_WAYS: Final[dict[Polarity, tuple[str, str, str]]] = {
    "more": ("a bit more", "more", "a lot more"),
    "less": ("a bit less", "less", "a lot less"),
    "no": ("no", "no", "no"),
    "only": ("only", "only", "only"),
}
_CHINESE_WAYS: Final[dict[Polarity, tuple[str, str, str]]] = {
    "more": ("稍微多来点", "多来点", "大大多来点"),
    "less": ("稍微少来点", "少来点", "大大少来点"),
    "no": ("不要", "不要", "不要"),
    "only": ("只看", "只看", "只看"),
}


def in_words(rule: Rule, vocabulary: Vocabulary, now: datetime, language: Language) -> str:
    """The rule as somebody would say it; understood again, it gives the same rule."""
    ways = (_CHINESE_WAYS if language == "zh" else _ENGLISH_WAYS)[rule.polarity]
    levels = STRENGTHS[rule.polarity]
    if rule.strength in levels:
        way, times = ways[levels.index(rule.strength) if len(set(levels)) > 1 else 1], ""
    else:
        way, times = ways[1], f" ×{rule.strength:g}"
    name = target_in_words(rule.target, vocabulary, language)
    gap = "" if language == "zh" and rule.target.kind != "person" else " "
    return f"{way}{gap}{name}{times}{_ending(rule, now, language)}"


def target_in_words(target: Target, vocabulary: Vocabulary, language: Language) -> str:
    """What a target is called: a topic's or mood's name, #tag, @handle, a style."""
    match target.kind:
        case "topic":
            topic = vocabulary.by_code.get(target.name)
            return topic.name(language) if topic else target.name
        case "mood":
            mood = vocabulary.mood_by_code.get(target.name)
            return mood.name(language) if mood else target.name
        case "tag":
            return f"#{target.name}"
        case "person":
            return f"@{target.name}"
        case "style":
            return f"{target.name}风格" if language == "zh" else f"{target.name} style"


def _ending(rule: Rule, now: datetime, language: Language) -> str:
    if rule.expires_at is None:
        return "，永远" if language == "zh" else " forever"
    if rule.fades:
        return ""
    hours = max(1, math.ceil((rule.expires_at - now).total_seconds() / 3600 - 1e-6))
    if hours % 24 == 0 and hours >= 48:
        return f"，{hours // 24}天内" if language == "zh" else f" for {hours // 24} days"
    return f"，{hours}小时内" if language == "zh" else f" for {hours} hours"
