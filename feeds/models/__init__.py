"""What the feeds keep, by what it is about."""

from feeds.models.leaderboards import Board, RankedCameo, RankedPost, Turnout, Window
from feeds.models.learning import ModelState, RankingModel
from feeds.models.log import Act, Attribution, AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.reach import GainedFollow, ReachDay
from feeds.models.scrolling import CheckIn, Experiment, Nudge, OfferRate
from feeds.models.search import TAG_POSTS, CameoWords, PersonWords, PostWords, Tag, TemplateWords
from feeds.models.spread import LoudAuthor, MostMade
from feeds.models.steering import FeedSetting, Interest, SteeringRule
from feeds.models.topics import PostTopic, Topic

__all__ = [
    "TAG_POSTS",
    "Act",
    "Attribution",
    "AuthorPulse",
    "Board",
    "CameoWords",
    "CheckIn",
    "Experiment",
    "Exposure",
    "FeedSetting",
    "GainedFollow",
    "Interest",
    "LoudAuthor",
    "ModelState",
    "MostMade",
    "NotInterested",
    "Nudge",
    "OfferRate",
    "PersonWords",
    "PostTopic",
    "PostWords",
    "RankedCameo",
    "RankedPost",
    "RankingModel",
    "ReachDay",
    "ServedPage",
    "SteeringRule",
    "Tag",
    "TemplateWords",
    "Topic",
    "Turnout",
    "Watch",
    "Window",
]
