"""How often a person may ask for what is dear to read."""

from rest_framework.throttling import UserRateThrottle


class ManifestThrottle(UserRateThrottle):
    """At most so many manifests a minute by one person: for each a whole file is read."""

    scope = "manifest"
