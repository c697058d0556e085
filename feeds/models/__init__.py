"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.scrolling import CheckIn, Experiment, Nudge, OfferRate
from feeds.models.spread import LoudAuthor, MostMade

__all__ = [
    "AuthorPulse",
    "CheckIn",
    "Experiment",
    "Exposure",
    "LoudAuthor",
    "MostMade",
    "NotInterested",
    "Nudge",
    "OfferRate",
    "ServedPage",
    "Watch",
]
