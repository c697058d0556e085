"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch
from feeds.models.spread import LoudAuthor, MostMade
from feeds.models.steering import FeedSetting, Interest, SteeringRule
from feeds.models.topics import PostTopic, Topic

__all__ = [
    "AuthorPulse",
    "Exposure",
    "FeedSetting",
    "Interest",
    "LoudAuthor",
    "MostMade",
    "NotInterested",
    "PostTopic",
    "ServedPage",
    "SteeringRule",
    "Topic",
    "Watch",
]
