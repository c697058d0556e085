"""What a viewer lets the feeds use of what they do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from feeds.models import FeedSetting
from feeds.moments import PAGE_BITS, ROW_BITS, row_id_at
from sora_social.accounts.models import User
from sora_social.core.errors import Forbidden
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
        return self.forget_before >> (ROW_BITS - PAGE_BITS)


EVERYTHING_ALLOWED: Final = Preferences(personalised=True, signals=SIGNALS)
OF_NOBODY: Final = Preferences(personalised=False, signals=frozenset())
_STORED = Prepared(
    lambda viewer: FeedSetting.objects.filter(viewer=viewer).values_list("personalised", "signals_off", "forgot_at"),
    "viewer",
)


def of(viewer: User) -> Preferences:
    """What `viewer` lets the feeds use. No query unless they ever changed something, then one by each process.

    A minor's feed is not personalised.
    """
    allowed = _stored(viewer.pk, viewer.feed_mark) if viewer.feed_mark else EVERYTHING_ALLOWED
    return allowed if may_be_personalised(viewer) else replace(allowed, personalised=False)


def may_be_personalised(viewer: User) -> bool:
    """Whether a feed of one's own is open to `viewer` at all: for a minor a guardian would have to agree."""
    return not viewer.is_teen(timezone.now().date())


@lru_cache(maxsize=10_000)
def _stored(viewer_id: int, _mark: int) -> Preferences:
    """Remembered under the mark, which moves with every change."""
    for personalised, signals_off, forgot_at in _STORED.rows(viewer=viewer_id):
        return Preferences(personalised, SIGNALS - set(signals_off), row_id_at(forgot_at) if forgot_at else 0)
    return EVERYTHING_ALLOWED


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
