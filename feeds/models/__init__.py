"""What the feeds keep, by what it is about."""

from feeds.models.learning import ModelState, RankingModel
from feeds.models.log import Act, Attribution, AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.spread import LoudAuthor, MostMade

__all__ = [
    "Act",
    "Attribution",
    "AuthorPulse",
    "Exposure",
    "LoudAuthor",
    "ModelState",
    "MostMade",
    "NotInterested",
    "RankingModel",
    "ServedPage",
    "Watch",
]
