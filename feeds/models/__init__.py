"""What the feeds keep, by what it is about."""

from feeds.models.log import AuthorPulse, Exposure, NotInterested, ServedPage, Watch

__all__ = ["AuthorPulse", "Exposure", "NotInterested", "ServedPage", "Watch"]
