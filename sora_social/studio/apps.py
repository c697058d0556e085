from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "sora_social.studio"
    label = "studio"
