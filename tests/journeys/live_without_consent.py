"""The sockets with one mechanism switched off: consent is not asked again while a socket is open."""

from django.apps import apps

from sora_social.asgi import application

__all__ = ["application"]

rows_of = type(apps.get_model("cameos", "Appearance").objects.all())
rows_of.in_force = lambda rows: rows
rows_of.shown_to = lambda rows, viewer: rows
