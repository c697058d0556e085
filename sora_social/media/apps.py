from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "sora_social.media"
    label = "media"
