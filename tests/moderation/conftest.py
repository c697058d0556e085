"""Models of the ranker that were really trained."""

from tests.feeds.trained import another, keep_model, known_log, recipe  # noqa: F401 - fixtures
