"""How the feed leaves people: asked once a week, answered in a word, and met with what they could change.

An answer is theirs alone and changes nothing by itself: what it offers is for them to take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from feeds.models import CheckIn, Nudge
from feeds.models.scrolling import CheckInAnswer
from feeds.scroll import nudge_texts, nudges, offers
from feeds.scroll.nudge_texts import Language
from ranking import nudging
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, keyset_page

QUESTION: Mapping[Language, str] = {"en": "How does this feed leave you?", "zh": "刷完之后，你感觉怎么样？"}

# ready for POST /v1/steering, one tap each
STEERING: Mapping[str, Mapping[Language, Sequence[str]]] = {
    CheckInAnswer.WORSE: {
        "en": ("less horror this week", "no politics", "more calm"),
        "zh": ("这周少看恐怖", "不要政治", "多看安静的"),
    },
    CheckInAnswer.SAME: {
        "en": ("more nature", "more comedy"),
        "zh": ("多看自然", "多看搞笑"),
    },
    CheckInAnswer.BETTER: {
        "en": ("more art",),
        "zh": ("多看艺术",),
    },
}


@dataclass(frozen=True)
class Asked:
    """The question, whether this week's answer is still out, and the answers that there are, newest first."""

    question: str
    is_due: bool
    week: date
    page: Page[CheckIn]


@dataclass(frozen=True)
class Answered:
    """An answer with what can be done about it: words to steer with, and an offer in words and on the wire."""

    check_in: CheckIn
    steering: Sequence[Mapping[str, str]]
    offer: Mapping[str, object] | None
    text: str | None
    quota_left: int


def _week_of(person: User, now: datetime) -> date:
    """The Monday of this week where the person is."""
    day = now.astimezone(person.place.zone_at(now)).date()
    return day - timedelta(days=day.weekday())


def asked(person: User, *, cursor: str, limit: int, language: Language = "en") -> Asked:
    """The question of this week, and a page of what one answered before. Raises Invalid for a foreign cursor."""
    week = _week_of(person, timezone.now())
    answers = CheckIn.objects.filter(person=person)
    page = keyset_page(answers, purpose=f"check-ins {person.pk}", cursor=cursor, limit=limit)
    return Asked(QUESTION[language], not answers.filter(week=week).exists(), week, page)


def answer(person: User, *, answer: str, note: str = "", language: Language = "en") -> Answered:
    """Say how the feed leaves one. A second answer in a week replaces the first: one a week counts."""
    now = timezone.now()
    with transaction.atomic():
        check_in, _ = CheckIn.objects.update_or_create(
            person=person,
            week=_week_of(person, now),
            defaults={"answer": answer, "note": note, "answered_at": now},
        )
    past = list(Nudge.objects.of(person).cards()[: nudging.HISTORY])
    quota_left = nudges.quota_left_of(person)
    offer = offers.best_for(person, past, now=now, may_generate=quota_left > 0)
    return Answered(
        check_in=check_in,
        steering=[{"text": words} for words in STEERING[answer][language]],
        offer=None if offer is None else offers.on_the_wire(offer, language),
        text=None if offer is None else nudge_texts.offer_text(offer.action, offer.told, language, step=1),
        quota_left=quota_left,
    )
