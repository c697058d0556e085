"""The built-in provider: the preview renderer behind the seam."""

from pathlib import Path
from typing import cast

from django.conf import settings

from sora_social.studio.providers import OnProgress, Order, ProviderError, Rendered
from sora_social.studio.providers.preview.recipe import Orientation, Portrait, Recipe, Shot, SourceClip, SourceKind


class Preview:
    """Makes clips on this machine, without network or GPU, and marks each as a preview."""

    name = "preview"
    model = "preview-1"
    is_trained = False  # it draws by rules, and learned from nothing

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        # only workers draw: the other processes name this provider without the weight of its codecs
        from sora_social.studio.providers.preview.footage import UnreadableSource
        from sora_social.studio.providers.preview.rendering import render

        try:
            recipe = Recipe(
                prompt=order.prompt,
                seconds=order.seconds,
                orientation=cast(Orientation, order.orientation),
                style=order.style,
                camera=order.camera,
                seed=order.seed,
                maker_handle=order.maker_handle,
                negative_prompt=order.negative_prompt,
                shots=tuple(Shot(shot.text, shot.seconds) for shot in order.shots),
                sources=tuple(
                    SourceClip(source.path or Path(), cast(SourceKind, source.kind), source.prompt, source.seed)
                    for source in order.sources
                ),
                cast=tuple(Portrait(member.name, member.portrait) for member in order.cast),
                short_edge=settings.PREVIEW_SHORT_EDGE,
                fps=settings.PREVIEW_FPS,
            )
            made = render(recipe, directory=directory, on_progress=on_progress)
        except (ValueError, UnreadableSource) as error:
            raise ProviderError(f"This cannot be drawn: {error}", code="bad_order", retryable=False) from error
        return Rendered(made.video, made.poster, made.captions)
