"""Topics that viewers name as theirs: at the beginning, or by bringing them from elsewhere when they ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from feeds.models import Interest
from feeds.steering import preferences, vocabulary
from feeds.steering.preferences import GuardianConsentNeeded
from ranking.topics.vocabulary import Topic, Vocabulary
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid

SOURCES: Final = ("onboarding", "import")
TOPICS_AT_MOST = 64
WORDS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A topic that somebody named, and where it came from."""

    topic: Topic
    source: str


@dataclass(frozen=True, slots=True)
class Interests:
    """What a viewer named, and what there is to choose from. Of an import also the words that no topic was found for,
    and those that were left out because their topic is sensitive."""

    named: Sequence[Named]
    choices: Sequence[Topic]
    unknown: Sequence[str] = field(default_factory=tuple)
    left_out: Sequence[str] = field(default_factory=tuple)


def of(viewer: User) -> Interests:
    """What I named and brought, and what there is to choose from."""
    words = vocabulary.current()
    return Interests(_named(viewer, words), words.topics)


def _named(viewer: User, words: Vocabulary) -> list[Named]:
    rows = Interest.objects.filter(viewer=viewer).order_by("source", "topic")
    return [Named(words.by_bit[row.topic], row.source) for row in rows if row.topic in words.by_bit]


def name(viewer: User, *, source: str, topics: Sequence[str] = (), words: Sequence[str] = ()) -> Interests:
    """Say which topics are mine, in the place of those of the same source. Raises what the two below raise."""
    return bring(viewer, words) if source == "import" else choose(viewer, topics)


def choose(viewer: User, topics: Sequence[str]) -> Interests:
    """Say by their codes which topics are mine, in the place of those I said before.

    Raises Invalid for a code that is not there, GuardianConsentNeeded for a minor.
    """
    words = vocabulary.current()
    unknown = [code for code in topics if code not in words.by_code]
    if unknown:
        raise Invalid.field("topics", f"There is no topic {unknown[0]}.")
    _put(viewer, "onboarding", {words.by_code[code].bit for code in topics})
    return of(viewer)


def bring(viewer: User, said: Sequence[str]) -> Interests:
    """Bring interests from elsewhere, in plain words, in the place of those brought before.

    A word becomes a topic where one is called so. Sensitive topics are never taken from words: who wants one names it
    by its code. Raises GuardianConsentNeeded for a minor.
    """
    words = vocabulary.current()
    bits: set[int] = set()
    unknown, left_out = [], []
    for word in said:
        sense = words.named(word)
        found = [words.by_code[code] for code in sense.topics] if sense is not None else []
        plain = [topic for topic in found if not topic.sensitive]
        bits.update(topic.bit for topic in plain)
        if not found:
            unknown.append(word)
        elif not plain:
            left_out.append(word)
    _put(viewer, "import", bits)
    return Interests(_named(viewer, words), words.topics, unknown, left_out)


def _put(viewer: User, source: str, bits: set[int]) -> None:
    if not preferences.may_be_personalised(viewer):
        raise GuardianConsentNeeded("Interests are for a feed of one's own, and a guardian must agree to that first.")
    with transaction.atomic():
        preferences.renew(viewer)
        Interest.objects.filter(viewer=viewer, source=source).delete()
        Interest.objects.bulk_create(Interest(viewer=viewer, source=source, topic=bit) for bit in sorted(bits))


def forget(viewer: User) -> None:
    """Forget all that I named and brought. May be repeated."""
    with transaction.atomic():
        preferences.renew(viewer)
        Interest.objects.filter(viewer=viewer).delete()
