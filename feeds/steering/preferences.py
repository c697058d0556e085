"""What a viewer lets the feeds use of what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from feeds.models import FeedSetting
from sora_social.accounts.models import User
from sora_social.core.errors import Forbidden
from sora_social.core.moments import IDS_SINCE, milliseconds
from sora_social.core.prepared import Prepared

# each signal, and what is not used while it is switched off
SIGNALS_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "follows": ("Whom you follow, and who follows you", "你关注的人, 以及关注你的人"),
    "likes": ("What you liked", "你点过的赞"),
    "creations": ("What you made and remixed", "你制作和改编的作品"),
    "comments": ("Whom you answer, and who answers you", "你回复的人, 以及回复你的人"),
    "watching": ("What you watched, and how long", "你看过的视频, 以及看了多久"),
    "topics": ("What the posts you like and make are about", "你喜欢和制作的作品的主题"),
    "cast": ("Who lets you cast them, and whom you cast", "谁允许你让其出镜, 以及你让谁出镜"),
    "location": ("The country you are in", "你所在的国家"),
    "interests": ("The topics that you named yourself", "你自己选择的主题"),
}
SIGNALS: Final = frozenset(SIGNALS_SAID)


class GuardianConsentNeeded(Forbidden):
    """A minor's feed is personalised only once a guardian agreed, and no guardian can agree here yet."""

    code = "guardian_consent_needed"
    title = "A guardian must agree first"


@dataclass(frozen=True, slots=True)
class Preferences:
    """`signals` are those that are switched on; what happened before the id `forget_before` is forgotten.

    `forget_pages_before` is the same moment as an id of a served page.
    """

    personalised: bool
    signals: frozenset[str]
    forget_before: int = 0

    @property
    def forget_pages_before(self) -> int:
        return self.forget_before >> 1


@dataclass(frozen=True, slots=True)
class _Stored:
    personalised: bool = True
    signals: frozenset[str] = SIGNALS
    forget_before: int = 0


_REMEMBERED_AT_MOST = 10_000
_remembered: dict[int, tuple[int, _Stored]] = {}
_STORED = Prepared(
    lambda viewer: FeedSetting.objects.filter(viewer=viewer).values_list("personalised", "signals_off", "forgot_at"),
    "viewer",
)


OF_NOBODY = Preferences(personalised=False, signals=frozenset())


def of(viewer: User) -> Preferences:
    """What `viewer` lets the feeds use. No query unless they ever changed something, then one by each process.

    A minor's feed is not personalised.
    """
    stored = _stored(viewer)
    return Preferences(
        personalised=stored.personalised and may_be_personalised(viewer),
        signals=stored.signals,
        forget_before=stored.forget_before,
    )


def may_be_personalised(viewer: User) -> bool:
    """Whether a feed of one's own is open to `viewer` at all: for a minor a guardian would have to agree."""
    return not viewer.is_teen(timezone.now().date())


def _stored(viewer: User) -> _Stored:
    if viewer.feed_mark == 0:
        return _Stored()
    mark, stored = _remembered.get(viewer.pk, (-1, _Stored()))
    if mark != viewer.feed_mark:
        rows = _STORED.rows(viewer=viewer.pk)
        stored = _Stored(rows[0][0], SIGNALS - set(rows[0][1]), _id_at(rows[0][2])) if rows else _Stored()
        while len(_remembered) >= _REMEMBERED_AT_MOST:
            _remembered.pop(next(iter(_remembered)), None)
        _remembered[viewer.pk] = viewer.feed_mark, stored
    return stored


def _id_at(moment: datetime | None) -> int:
    """The smallest id that the database makes from this moment on: 41 bits of milliseconds since 2025, and 22 more."""
    return 0 if moment is None else (milliseconds(moment) - IDS_SINCE) << 22


def change(viewer: User, **switches: bool) -> Preferences:
    """Switch signals, or personalisation as a whole, on and off. In force at the next page.

    Raises GuardianConsentNeeded for a minor who switches personalisation on; then nothing is changed.
    """
    if switches.get("personalised") and not may_be_personalised(viewer):
        raise GuardianConsentNeeded(
            "Your feed is not personalised until a guardian agrees, and guardians cannot sign up here yet."
        )
    with transaction.atomic():
        renew(viewer)
        setting, _ = FeedSetting.objects.get_or_create(viewer=viewer)
        off = set(setting.signals_off)
        for name in SIGNALS & switches.keys():
            (off.discard if switches[name] else off.add)(name)
        setting.signals_off = sorted(off)
        setting.personalised = switches.get("personalised", setting.personalised)
        setting.save(update_fields=["signals_off", "personalised"])
    return of(viewer)


def renew(viewer: User) -> None:
    """Let go of all that is kept for `viewer` under what they said before, and hold them until the transaction ends.

    Orders of earlier scrolls are found no more; a scroll that goes on repeats nothing.
    """
    User.objects.filter(pk=viewer.pk).update(feed_mark=F("feed_mark") + 1)
    viewer.refresh_from_db(fields=["feed_mark"])
