"""HTTP: everything under `/v1`, the media route, and the admin."""

import gc
import os

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.urls import ResolverMatch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sora_social.settings")


class Handler(WSGIHandler):
    """Django's, which looks up an address without parameters once: it leads to the same view each time."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, ResolverMatch] = {}

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        found = self.found.get(request.path_info)
        if found is None:
            found = super().resolve_request(request)
            if not found.args and not found.kwargs:  # there are only so many of these
                self.found[request.path_info] = found
        request.resolver_match = found
        return found


django.setup(set_prefix=False)
application = Handler()
gc.collect()
gc.freeze()  # what is here now stays: the collector need not look through it again and again
