"""What a person wants to hear of, by which way, and when not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.db import transaction

from ranking.quiet_hours import Window
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.inbox.models import Kind, Mailbox

MESSAGE = "message"  # a push of its own: messages are no rows of the mailbox
ALWAYS_KEPT = frozenset({Kind.MODERATION})


@dataclass(frozen=True)
class Choice:
    """Whether notifications of a kind are kept, and whether they wake a device."""

    mailbox: bool
    push: bool


@dataclass(frozen=True)
class Choices:
    """`quiet_hours` are the person's own. What holds beside them: those of their feed, and those of all teens."""

    types: Mapping[str, Choice]
    quiet_hours: Window | None
    always_quiet: Window | None


def choices_of(person: User, now: datetime) -> Choices:
    return _choices(Mailbox.objects.filter(person=person).first() or Mailbox(person=person), person, now)


def _choices(mailbox: Mailbox, person: User, now: datetime) -> Choices:
    types = {
        str(kind): Choice(mailbox=kind not in mailbox.unwanted, push=kind not in (*mailbox.unpushed, *mailbox.unwanted))
        for kind in Kind
    }
    types[MESSAGE] = Choice(mailbox=False, push=MESSAGE not in mailbox.unpushed)
    return Choices(types, _own_window(mailbox), _teens_window(person, now))


def choose(person: User, now: datetime, *, types: Mapping[str, Mapping[str, bool]], **quiet: Window | None) -> Choices:
    """Change some of it: `types` names kinds, each with `mailbox` or `push`, and messages with `push`; `quiet_hours` is
    a window, or None.

    Quiet hours of one's own only add to those of all teens, which nobody loosens. Raises Invalid for a kind that is
    always kept.
    """
    for kind, choice in types.items():
        if kind in ALWAYS_KEPT and choice.get("mailbox") is False:
            raise Invalid.field(f"types.{kind}", "What moderators decide about you is always kept.", code="always_kept")
    with transaction.atomic():
        mailbox = Mailbox.objects.hold([person.pk])[person.pk]
        mailbox.unwanted = _changed(mailbox.unwanted, {k: c["mailbox"] for k, c in types.items() if "mailbox" in c})
        mailbox.unpushed = _changed(mailbox.unpushed, {k: c["push"] for k, c in types.items() if "push" in c})
        if "quiet_hours" in quiet:
            window = quiet["quiet_hours"]
            mailbox.quiet_from, mailbox.quiet_until = (window.begins, window.ends) if window else (None, None)
        mailbox.save(update_fields=["unwanted", "unpushed", "quiet_from", "quiet_until"])
    return _choices(mailbox, person, now)


def _changed(without: list[str], wanted: Mapping[str, bool]) -> list[str]:
    return sorted(kind for kind in {*without, *wanted} if not wanted.get(kind, False))


def is_quiet(person: User, mailbox: Mailbox, now: datetime) -> bool:
    """Whether no device of this person is to be woken now, where they are."""
    return any(person.place.quiet_until(window, now) is not None for window in _windows(person, mailbox, now))


def _windows(person: User, mailbox: Mailbox, now: datetime) -> Iterator[Window]:
    of_feed = _window(person.quiet_from, person.quiet_until)
    for window in (_own_window(mailbox), of_feed, _teens_window(person, now)):
        if window is not None:
            yield window


def _own_window(mailbox: Mailbox) -> Window | None:
    return _window(mailbox.quiet_from, mailbox.quiet_until)


def _window(begins: time | None, ends: time | None) -> Window | None:
    return Window(begins, ends) if begins is not None and ends is not None else None


def _teens_window(person: User, now: datetime) -> Window | None:
    words: str = settings.TEEN_QUIET_HOURS
    if not words or not person.is_teen(now.date()):
        return None
    begins, _, ends = words.partition("-")
    return Window(time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip()))
