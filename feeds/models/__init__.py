"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.spread import LoudAuthor, MostMade

__all__ = ["AuthorPulse", "Exposure", "LoudAuthor", "MostMade", "NotInterested", "ServedPage", "Watch"]
