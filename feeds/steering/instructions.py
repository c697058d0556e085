"""What viewers tell the ranker in plain words: rules that are shown back, changed and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from feeds.models import SteeringRule
from feeds.steering import preferences, vocabulary
from ranking.steering.parsing import Heard, Unparsed, parse
from ranking.steering.rules import STRENGTH_RANGES, STRENGTHS, Polarity, Rule, Target, in_words
from ranking.topics.vocabulary import Vocabulary
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, Invalid, NotFound

RULES_AT_MOST = 50
LASTS_AT_MOST = timedelta(days=366)
UNKNOWN_PERSON = (
    "Nobody of this name that you can see.",
    "没有你能看到的这个名字的人。",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule as its viewer sees it: in words of both languages, and what it does at this moment."""

    row: SteeringRule
    rule: Rule
    text_en: str
    text_zh: str
    weight: float


@dataclass(frozen=True, slots=True)
class Lost:
    """What was not understood of an instruction: its words, their place, and what to do."""

    text: str
    start: int
    end: int
    code: str
    hint_en: str
    hint_zh: str


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an instruction."""

    rules: Sequence[Shown]
    unparsed: Sequence[Lost]


def rules_of(viewer: User) -> list[Shown]:
    """The rules in force, the newest first, without those about people whom `viewer` may no longer know of."""
    now, words = timezone.now(), vocabulary.current()
    return [_shown(row, words, now) for row in in_force(viewer, now).order_by("-said_at", "-pk")]


def in_force(viewer: User, now: datetime) -> Any:
    """The rules that `viewer` is shown, and that are counted for them: without those about people whom they may no
    longer know of, so that no number tells a block from an account that is gone."""
    known = User.objects.visible_to(viewer)
    rules = SteeringRule.objects.filter(viewer=viewer).exclude(expires_at__lte=now)
    return rules.filter(Q(person=None) | Q(person__in=known)).select_related("person")


def say(viewer: User, *, text: str) -> Said:
    """Tell the ranker something. The rules that are heard act on the next page; what is not understood is said back.

    A rule about something replaces an earlier one about the same. Raises Conflict when there would be too many.
    """
    now, words = timezone.now(), vocabulary.current()
    heard = parse(text, words, now)
    lost = [_lost(part) for part in heard.unparsed]
    known = _known_people(viewer, heard)
    heard_of: dict[tuple[str, str], SteeringRule] = {}  # who is named by an old handle and by the new one is one target
    for rule in heard.rules:
        if rule.target.kind == "person" and rule.target.name not in known:
            start = text.find(rule.said)
            lost.append(Lost(rule.said, start, start + len(rule.said), "unknown_person", *UNKNOWN_PERSON))
        else:
            row = _row(viewer, rule, known.get(rule.target.name) if rule.target.kind == "person" else None)
            heard_of[row.kind, row.target] = row
    rows = list(heard_of.values())
    if rows:
        with transaction.atomic():
            preferences.renew(viewer)
            _write(viewer, rows, now)
    shown = [_shown(row, words, now) for row in rows]
    return Said(shown, sorted(lost, key=lambda part: part.start))


def _known_people(viewer: User, heard: Heard) -> dict[str, User]:
    """Whom the handles stand for that `viewer` may know of. A block and a name that nobody has are one answer."""
    known = {}
    for rule in heard.rules:
        if rule.target.kind == "person":
            try:
                known[rule.target.name] = people.person_for(viewer, rule.target.name)
            except NotFound:
                continue
    return known


def _row(viewer: User, rule: Rule, person: User | None) -> SteeringRule:
    return SteeringRule(
        viewer=viewer,
        polarity=rule.polarity,
        kind=rule.target.kind,
        target=rule.target.name if person is None else str(person.pk),
        person=person,
        strength=rule.strength,
        said=rule.said,
        said_at=rule.since,
        expires_at=rule.expires_at,
        fades=rule.fades,
    )


def _write(viewer: User, rows: Sequence[SteeringRule], now: datetime) -> None:
    """Put rules in the place of earlier ones about the same targets. The viewer is held."""
    mine = SteeringRule.objects.filter(viewer=viewer)
    mine.filter(expires_at__lte=now).delete()
    for row in rows:
        mine.filter(kind=row.kind, target=row.target).delete()
    if in_force(viewer, now).count() + len(rows) > RULES_AT_MOST:
        raise Conflict(f"At most {RULES_AT_MOST} rules: take some back first.", code="too_many_rules")
    for row in rows:
        row.save()


def change(viewer: User, rule_id: int, **changes: Any) -> Shown:
    """Change polarity, strength or end of a rule. `expires_at` None lets it stay until it is taken back.

    Raises NotFound, and Invalid for a strength that the polarity does not have, or an end that is not ahead.
    """
    now = timezone.now()
    with transaction.atomic():
        preferences.renew(viewer)
        row = in_force(viewer, now).filter(pk=rule_id).first()
        if row is None:
            raise NotFound
        if "polarity" in changes:
            row.polarity = changes["polarity"]
            row.strength = STRENGTHS[_polarity(row)][1]
        if "strength" in changes:
            row.strength = _checked_strength(_polarity(row), changes["strength"])
        if "expires_at" in changes:
            row.expires_at, row.fades = _checked_end(changes["expires_at"], now), False
        row.save(update_fields=["polarity", "strength", "expires_at", "fades"])
    return _shown(row, vocabulary.current(), now)


def _polarity(row: SteeringRule) -> Polarity:
    return row.polarity  # type: ignore[return-value]  # the database's CHECK


def _checked_strength(polarity: Polarity, strength: float) -> float:
    low, high = STRENGTH_RANGES[polarity]
    if low == high:
        raise Invalid.field("strength", f"A rule that says {polarity} has no strength.")
    if not low <= strength <= high:
        raise Invalid.field("strength", f"The strength of {polarity} is between {low:g} and {high:g}.")
    return strength


def _checked_end(ends: datetime | None, now: datetime) -> datetime | None:
    if ends is not None and not now < ends <= now + LASTS_AT_MOST:
        raise Invalid.field("expires_at", f"A time within the next {LASTS_AT_MOST.days} days, or null for no end.")
    return ends


def take_back(viewer: User, rule_id: int) -> None:
    """Forget one rule. Raises NotFound."""
    with transaction.atomic():
        preferences.renew(viewer)
        gone, _ = in_force(viewer, timezone.now()).filter(pk=rule_id).delete()
        if not gone:
            raise NotFound


def rule_of(row: SteeringRule, *, name: str | None = None) -> Rule:
    """The rule that a row keeps. `name` is what its target is called where that is not the target itself."""
    target = Target(row.kind, name or row.target)  # type: ignore[arg-type]  # written from a Target
    return Rule(_polarity(row), target, row.strength, row.said_at, row.expires_at, row.fades, row.said)


def _shown(row: SteeringRule, words: Vocabulary, now: datetime) -> Shown:
    rule = rule_of(row, name=row.person.handle if row.person is not None else None)
    return Shown(
        row, rule, in_words(rule, words, now, "en"), in_words(rule, words, now, "zh"), round(rule.weight(now), 3)
    )


def _lost(part: Unparsed) -> Lost:
    return Lost(part.text, part.start, part.end, part.code, part.hint_en, part.hint_zh)
