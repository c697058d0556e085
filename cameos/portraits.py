"""The picture of a cameo that a clip is made with."""

from pathlib import Path

from django.core.files.storage import default_storage

from cameos.models import Cameo


def fetch(cameo: Cameo, target: Path) -> Path | None:
    """Copy a cameo's portrait to a local file, for a maker that needs it; None when there is none."""
    if not cameo.portrait_key:
        return None
    with default_storage.open(cameo.portrait_key, "rb") as source, target.open("wb") as local:
        for chunk in source.chunks():
            local.write(chunk)
    return target
