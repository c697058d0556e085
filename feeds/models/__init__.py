"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.scrolling import CheckIn, Experiment, Nudge, OfferRate
from feeds.models.search import TAG_POSTS, CameoWords, PersonWords, PostWords, Tag
from feeds.models.spread import LoudAuthor, MostMade

__all__ = [
    "TAG_POSTS",
    "AuthorPulse",
    "CameoWords",
    "CheckIn",
    "Experiment",
    "Exposure",
    "LoudAuthor",
    "MostMade",
    "NotInterested",
    "Nudge",
    "OfferRate",
    "PersonWords",
    "PostWords",
    "ServedPage",
    "Tag",
    "Watch",
]
