from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "sora_social.credits"
    label = "credits"
