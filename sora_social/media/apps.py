from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "sora_social.media"
    label = "media"

    def ready(self) -> None:
        """No process starts with certificates that cannot sign."""
        from sora_social.media import certificates

        certificates.require_usable()
