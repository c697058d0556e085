from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "sora_social.core"
    label = "core"

    def ready(self) -> None:
        from sora_social import celery  # noqa: F401 - tasks of this process belong to this application
