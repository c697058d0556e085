"""How often a person may ask for what is dear to make."""

from rest_framework.throttling import UserRateThrottle


class EvidenceThrottle(UserRateThrottle):
    """At most so many archives of evidence an hour by one person."""

    scope = "evidence"
