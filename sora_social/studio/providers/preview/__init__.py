"""The built-in preview provider's renderer: a real clip from a prompt, without network or GPU.

The prompt is read (`reading`), laid out in time (`story`), drawn as layers and actors (`scene`), given sound and
speech, and leaves through one reel that marks every frame (`encoding`). Lines in scripts the built-in letters lack are
spoken and captioned in the WebVTT, but burned in only when the recipe names a font file that covers them.
"""

from sora_social.studio.providers.preview.footage import UnreadableSource
from sora_social.studio.providers.preview.recipe import (
    CAMERAS,
    STYLES,
    Portrait,
    Recipe,
    Rendered,
    Shot,
    SourceClip,
)
from sora_social.studio.providers.preview.rendering import render

__all__ = [
    "CAMERAS",
    "STYLES",
    "Portrait",
    "Recipe",
    "Rendered",
    "Shot",
    "SourceClip",
    "UnreadableSource",
    "render",
]
