"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.scrolling import CheckIn, Experiment, Nudge, OfferRate

__all__ = [
    "AuthorPulse",
    "CheckIn",
    "Experiment",
    "Exposure",
    "NotInterested",
    "Nudge",
    "OfferRate",
    "ServedPage",
    "Watch",
]
