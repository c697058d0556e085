"""How often a person may ask for what is dear to make."""

from rest_framework.throttling import UserRateThrottle


class ExportThrottle(UserRateThrottle):
    """At most so many exports of lineages an hour by one person."""

    scope = "export"


class PictureThrottle(UserRateThrottle):
    """At most so many pictures of lineages a minute by one person."""

    scope = "picture"


class DecisionThrottle(UserRateThrottle):
    """At most twenty decisions a minute by one person about what was made from theirs: each may recount a branch."""

    scope = "decision"
