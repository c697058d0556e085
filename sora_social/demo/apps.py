from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "sora_social.demo"
    label = "demo"
