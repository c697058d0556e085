from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "sora_social.inbox"
    label = "inbox"
