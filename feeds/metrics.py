"""Prometheus metrics of the feeds, of this process."""

from prometheus_client import Counter, Histogram

_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.0)
_POSTS = (0, 1, 5, 10, 20, 50, 100, 200)

STAGE_SECONDS = Histogram("sora_feed_stage_seconds", "Time of a stage of making an order", ["stage"], buckets=_SECONDS)
DROPPED = Counter("sora_feed_dropped", "Posts that entered a stage and did not leave it", ["stage", "why"])
SOURCE_SECONDS = Histogram("sora_feed_source_seconds", "Time of a source of candidates", ["source"], buckets=_SECONDS)
SOURCE_POSTS = Histogram("sora_feed_source_posts", "Posts that a source proposed", ["source"], buckets=_POSTS)
SOURCE_OUTCOMES = Counter("sora_feed_source_outcomes", "What came of asking a source", ["source", "outcome"])
PAGES = Counter("sora_feed_pages", "Pages of feeds", ["feed"])
ORDERS = Counter("sora_feed_orders", "Orders made, for one viewer or for all", ["order"])
BROKEN_MODELS = Counter("sora_ranking_models_broken", "Live models that this process could not read")
