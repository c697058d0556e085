"""Sockets, and nothing else: HTTP is served over WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sora_social.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs Django's apps
from django.urls import path, re_path  # noqa: E402

from sora_social.core import paths  # noqa: E402, F401 - registers the converters
from sora_social.inbox.me.consumers import MeConsumer  # noqa: E402
from sora_social.posts.live.consumers import Nowhere, RoomConsumer, sockets_only  # noqa: E402
from sora_social.posts.live.hub import lifespan  # noqa: E402

application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("posts/<id:post_id>", RoomConsumer.as_asgi()),
                path("me", MeConsumer.as_asgi()),
                re_path("", Nowhere.as_asgi()),
            ]
        ),
        "http": sockets_only,
        "lifespan": lifespan,
    }
)
