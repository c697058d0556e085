"""Looks: what a style does to the colours, edges and frames of a picture."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from sora_social.studio.providers.preview.palette import BLACK, Colour, as_bytes, hexed, mix


@dataclass(frozen=True)
class Look:
    """How a style treats the picture.

    `ramp` maps brightness to colours, taken with `ramp_share`; `hold` repeats each picture for that many frames;
    `blocks` is the number of blocks along the short edge (0 = smooth); `lumps` is the size of
    the texture's grains in pixels; `outline` is in thousandths of the short edge.
    """

    saturation: float = 1.0
    contrast: float = 1.0
    lift: float = 0.0
    ramp: tuple[Colour, ...] = ()
    ramp_share: float = 0.0
    vignette: float = 0.3
    grain: float = 0.0
    texture: float = 1.6
    lumps: int = 1
    outline: float = 0.0
    volume: float = 1.0
    hold: int = 1
    blocks: int = 0
    bars: bool = False

    def graded(self, picture: Image.Image) -> Image.Image:
        """The picture (RGB or RGBA) in the colours of this look; its transparency stays."""
        alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
        colours = picture.convert("RGB")
        if self.saturation != 1.0:
            colours = _saturated(colours, self.saturation)
        if self.contrast != 1.0 or self.lift:
            curve = [min(max((level - 118) * self.contrast + 118 + self.lift, 0), 255) for level in range(256)]
            colours = colours.point([round(level) for level in curve] * 3)
        if self.ramp:
            colours = Image.blend(colours, _ramped(colours, self.ramp), self.ramp_share)
        if alpha is not None:
            colours.putalpha(alpha)
        return colours


def _saturated(colours: Image.Image, amount: float) -> Image.Image:
    keep, red, green, blue = amount, (1 - amount) * 0.299, (1 - amount) * 0.587, (1 - amount) * 0.114
    row = (red, green, blue)
    rows = [(*(part + (keep if place == own else 0) for place, part in enumerate(row)), 0.0) for own in range(3)]
    return colours.convert("RGB", tuple(part for one in rows for part in one))


def _ramped(colours: Image.Image, ramp: tuple[Colour, ...]) -> Image.Image:
    steps = len(ramp) - 1
    table = []
    for level in range(256):
        place = level / 255 * steps
        first = min(int(place), steps - 1)
        table.append(as_bytes(mix(ramp[first], ramp[first + 1], place - first)))
    grey = colours.convert("L")
    return Image.merge("RGB", [grey.point([entry[channel] for entry in table]) for channel in range(3)])


LOOKS = {
    "none": Look(),
    "film": Look(saturation=0.82, contrast=1.12, vignette=0.6, grain=7.0, bars=True,
                 ramp=(hexed("0d1a26"), hexed("8a7a66"), hexed("fff1d6")), ramp_share=0.3),
    "anime": Look(saturation=1.4, contrast=1.08, lift=8, vignette=0.12, outline=5.0, texture=0.0, volume=1.5),
    "noir": Look(contrast=1.45, lift=-14, ramp=(BLACK, hexed("f4f2ee")), ramp_share=1.0, vignette=0.8, grain=5.0),
    "pastel": Look(saturation=0.88, contrast=0.66, lift=48, vignette=0.0, texture=3.0, volume=0.6),
    "claymation": Look(saturation=1.12, contrast=0.96, lift=4, vignette=0.35, texture=2.0, lumps=4, volume=3.4, hold=2),
    "pixel": Look(saturation=1.3, contrast=1.1, vignette=0.0, texture=0.0, blocks=84, hold=2),
    "neon": Look(saturation=1.5, contrast=1.2, lift=-18, vignette=0.55, outline=4.0, ramp_share=0.6,
                 ramp=(hexed("080016"), hexed("4a0f8f"), hexed("ff2fa0"), hexed("4ff3ff"), hexed("f4ffff"))),
}  # fmt: skip


def modelled(sprite: Image.Image, look: Look, *, light: Colour, ink: Colour) -> Image.Image:
    """Give a flat drawing (RGBA) body: light from the upper left, shade at the lower right, an outline if asked."""
    reach = max(1, round(min(sprite.size) * 0.024 * look.volume))
    alpha = sprite.getchannel("A")
    soft = ImageFilter.BoxBlur(reach / 2)
    shade = ImageChops.subtract(alpha, _moved(alpha, -reach, -reach)).filter(soft).point(lambda level: level * 0.42)
    glow = ImageChops.subtract(alpha, _moved(alpha, reach, reach)).filter(soft).point(lambda level: level * 0.34)
    colours = sprite.convert("RGB")
    colours.paste(as_bytes(mix(ink, BLACK, 0.4)), (0, 0), shade)
    colours.paste(as_bytes(light), (0, 0), glow)
    colours.putalpha(alpha)
    if not look.outline:
        return colours
    width = max(3, round(min(sprite.size) * look.outline / 250) | 1)
    wide = alpha.filter(ImageFilter.MaxFilter(width))
    lined = Image.new("RGBA", sprite.size, (*as_bytes(ink), 255))
    lined.putalpha(wide)
    lined.alpha_composite(colours)
    return lined


def _moved(mask: Image.Image, right: int, down: int) -> Image.Image:
    moved = Image.new("L", mask.size)
    moved.paste(mask, (right, down))
    return moved
