"""Prometheus metrics of this process."""

from prometheus_client import Counter

REQUESTS = Counter("sora_http_requests", "HTTP requests answered", ["method", "status"])
