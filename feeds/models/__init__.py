"""What the feeds keep, by what it is about."""

from feeds.models.leaderboards import Board, RankedCameo, RankedPost, Turnout, Window
from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.reach import GainedFollow, ReachDay
from feeds.models.scrolling import CheckIn, Experiment, Nudge, OfferRate
from feeds.models.search import TAG_POSTS, CameoWords, PersonWords, PostWords, Tag
from feeds.models.spread import LoudAuthor, MostMade

__all__ = [
    "TAG_POSTS",
    "AuthorPulse",
    "Board",
    "CameoWords",
    "CheckIn",
    "Experiment",
    "Exposure",
    "GainedFollow",
    "LoudAuthor",
    "MostMade",
    "NotInterested",
    "Nudge",
    "OfferRate",
    "PersonWords",
    "PostWords",
    "RankedCameo",
    "RankedPost",
    "ReachDay",
    "ServedPage",
    "Tag",
    "Turnout",
    "Watch",
    "Window",
]
