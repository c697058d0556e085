from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "sora_social.challenges"
    label = "challenges"
