"""What a viewer lets the feeds use of what they do."""

from dataclasses import dataclass

from django.utils import timezone

from sora_social.accounts.models import User

SIGNALS = frozenset(
    {"follows", "likes", "creations", "comments", "watching", "topics", "cast", "location", "interests"}
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """`signals` are those that are switched on; what happened before the id `forget_before` is forgotten."""

    personalised: bool
    signals: frozenset[str]
    forget_before: int = 0


OF_NOBODY = Preferences(personalised=False, signals=frozenset())


def of(viewer: User) -> Preferences:
    """A minor's feed is not personalised."""
    return Preferences(personalised=not viewer.is_teen(timezone.now().date()), signals=SIGNALS)
