"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.search import TAG_POSTS, CameoWords, PersonWords, PostWords, Tag
from feeds.models.spread import LoudAuthor, MostMade

__all__ = [
    "TAG_POSTS",
    "AuthorPulse",
    "CameoWords",
    "Exposure",
    "LoudAuthor",
    "MostMade",
    "NotInterested",
    "PersonWords",
    "PostWords",
    "ServedPage",
    "Tag",
    "Watch",
]
