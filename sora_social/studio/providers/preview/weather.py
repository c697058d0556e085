"""Weather: sheets of rain, snow, mist or sparks that slide over the picture, and lightning."""

import math
from dataclasses import dataclass

from PIL import Image

from sora_social.studio.providers.preview.drawing import Board, glow
from sora_social.studio.providers.preview.palette import WHITE, Colour, hexed, mix
from sora_social.studio.providers.preview.planes import Canvas, Sprite
from sora_social.studio.providers.preview.stage import Stage


@dataclass(frozen=True)
class Sheet:
    """A sheet as large as the picture that slides without end. `right` and `down` are pixels per second."""

    sprite: Sprite
    right: float
    down: float
    sway: float = 0.0

    def paint(self, canvas: Canvas, t: float) -> None:
        width, height = canvas.size
        x = (self.right * t + self.sway * math.sin(t * 1.7)) % width
        y = (self.down * t) % height
        for left in (x - width, x):
            for upper in (y - height, y):
                canvas.blit(self.sprite, left, upper)


@dataclass(frozen=True)
class Burst:
    """A firework: its spark pictures from first to last, where, when (seconds into a cycle)."""

    steps: tuple[Sprite, ...]
    x: float
    y: float
    start: float
    cycle: float

    def paint(self, canvas: Canvas, t: float) -> None:
        age = ((t - self.start) % self.cycle) / 1.1
        if 0 <= age < 1:
            sprite = self.steps[int(age * len(self.steps))]
            canvas.blit(
                sprite, self.x - sprite.size[0] / 2, self.y - sprite.size[1] / 2 + age * age * sprite.size[1] * 0.1
            )


@dataclass(frozen=True)
class Lightning:
    """Two quick flashes in every few seconds."""

    veil: Image.Image
    start: float

    def paint(self, canvas: Canvas, t: float) -> None:
        age = (t - self.start) % 2.9
        if age < 0.08 or 0.16 < age < 0.3:
            canvas.tone(230, self.veil)


Effect = Sheet | Burst | Lightning


def brew(stage: Stage, *, indoors: bool) -> list[Effect]:
    """The weather of the stage's meaning. Indoors only what belongs indoors."""
    effects: list[Effect] = []
    for weather in stage.meaning.weathers:
        if indoors and weather in {"rain", "storm", "snow", "fog", "leaves"}:
            continue
        effects.extend(_BREWS[weather](stage))
    return effects


def _rain(stage: Stage) -> list[Effect]:
    short, tone = stage.short, mix(stage.palette.low, WHITE, 0.5)
    sheets: list[Effect] = []
    for near in (0.5, 1.0):
        board = Board(stage.width, stage.height)
        for _ in range(round(110 / near)):
            x, y, length = (
                stage.chance(0, stage.width),
                stage.chance(0, stage.height),
                short * stage.chance(0.05, 0.1) * near,
            )
            board.stroke([(x, y), (x - length * 0.18, y + length)], max(0.6, short * 0.0034 * near), tone)
        sheet = board.done()
        sheet.putalpha(sheet.getchannel("A").point([round(level * (0.3 + 0.25 * near)) for level in range(256)]))
        sheets.append(Sheet(stage.sprite(sheet, rough=False), -short * 0.42 * near, short * 2.4 * near))
    return sheets


def _storm(stage: Stage) -> list[Effect]:
    veil = (
        Image.linear_gradient("L")
        .resize((stage.width, stage.height))
        .point([round((255 - level) * 0.5) for level in range(256)])
    )
    return [*_rain(stage), Lightning(veil, stage.chance(0.2, 0.6))]


def _flakes(
    stage: Stage,
    tones: tuple[Colour, ...],
    *,
    size: float,
    down: float,
    right: float,
    count: int = 60,
    flat: float = 1.0,
) -> list[Effect]:
    sheets: list[Effect] = []
    for near in (0.45, 0.7, 1.0):
        board = Board(stage.width, stage.height)
        for place in range(round(count / near)):
            radius = stage.short * size * near * stage.chance(0.6, 1.2)
            tone = tones[place % len(tones)]
            board.tilted(
                stage.chance(0, stage.width),
                stage.chance(0, stage.height),
                radius,
                radius * flat,
                stage.chance(0, 180),
                mix(tone, stage.palette.haze, 0.5 - 0.5 * near),
            )
        sheets.append(
            Sheet(
                stage.sprite(board.done(), rough=False),
                stage.short * right * near,
                stage.short * down * near,
                sway=stage.short * 0.04 * near,
            )
        )
    return sheets


def _snow(stage: Stage) -> list[Effect]:
    return _flakes(stage, (stage.palette.lit("ffffff"), WHITE), size=0.009, down=0.24, right=0.05)


def _petals(stage: Stage) -> list[Effect]:
    return _flakes(
        stage,
        (stage.palette.lit("ffc2d6"), stage.palette.lit("ff9fc0")),
        size=0.014,
        down=0.16,
        right=0.12,
        count=16,
        flat=0.5,
    )


def _leaves(stage: Stage) -> list[Effect]:
    return _flakes(
        stage,
        tuple(stage.palette.lit(code) for code in ("e0762f", "d8a23a", "b0452f")),
        size=0.018,
        down=0.2,
        right=0.22,
        count=12,
        flat=0.45,
    )


def _confetti(stage: Stage) -> list[Effect]:
    tones = tuple(hexed(code) for code in ("ff5f6f", "ffd84f", "4fc3ff", "7fe08f", "c08bff"))
    return _flakes(stage, tones, size=0.013, down=0.3, right=0.03, count=26, flat=0.5)


def _fog(stage: Stage) -> list[Effect]:
    tone = mix(stage.palette.haze, WHITE, 0.05 if stage.palette.is_dark else 0.35)
    sheets: list[Effect] = []
    for place in range(2):
        sheet = Image.new("RGBA", (stage.width, stage.height))
        for _ in range(7):
            puff = glow(stage.short * 0.5, tone, 0.4, sharpness=1.5).resize(
                (round(stage.short * 1.4), round(stage.height * 0.34))
            )
            left, top = round(stage.chance(0, stage.width)), round(stage.chance(0.2, 0.7) * stage.height)
            # Drawn again one width to the left, so that the sheet joins itself.
            for at in (left, left - stage.width):
                if at < stage.width and at + puff.width > 0:
                    part = puff.crop((max(0, -at), 0, *puff.size))
                    sheet.alpha_composite(part, (max(0, at), top))
        sheets.append(Sheet(stage.sprite(sheet, rough=False), stage.short * (0.05 + 0.05 * place), 0.0))
    return sheets


def _fireflies(stage: Stage) -> list[Effect]:
    tone = hexed("fff2a0")
    sheets: list[Effect] = []
    for place in range(2):
        sheet = Image.new("RGBA", (stage.width, stage.height))
        for _ in range(16):
            spark = glow(stage.short * stage.chance(0.014, 0.032), tone, 1.0, sharpness=2.6)
            spot = (
                round(stage.chance(0, stage.width - spark.width)),
                round(stage.chance(0.05, 0.95) * (stage.height - spark.height)),
            )
            sheet.alpha_composite(spark, spot)
        sheets.append(
            Sheet(
                stage.sprite(sheet, rough=False),
                stage.short * 0.03 * (1 - 2 * place),
                -stage.short * 0.06,
                sway=stage.short * 0.05,
            )
        )
    return sheets


def _fireworks(stage: Stage) -> list[Effect]:
    bursts: list[Effect] = []
    for place in range(4):
        tone = hexed(("ff5f8f", "ffd84f", "6fd0ff", "9fff9f")[place])
        rays = [(ray * math.tau / 36, stage.chance(0.3, 1.0) ** 0.6) for ray in range(36)]
        radius, steps = stage.short * stage.chance(0.2, 0.3), []
        for step in range(8):
            age = (step + 1) / 8
            board = Board(radius * 2.1, radius * 2.1)
            for turn, far in rays:
                reach, tail = radius * far * math.sqrt(age), radius * far * math.sqrt(age) * (0.72 + 0.1 * age)
                middle = radius * 1.05
                head = (middle + reach * math.cos(turn), middle + reach * math.sin(turn))
                board.stroke(
                    [(middle + tail * math.cos(turn), middle + tail * math.sin(turn)), head],
                    stage.short * 0.004,
                    mix(tone, WHITE, 0.3 * (1 - age)),
                )
                board.oval(*head, stage.short * 0.009, stage.short * 0.009, mix(tone, WHITE, 0.45))
            steps.append(stage.sprite(board.done(), rough=False).faded(1.0 - age * age))
        bursts.append(
            Burst(
                tuple(steps),
                stage.chance(0.15, 0.85) * stage.width,
                stage.chance(0.12, 0.42) * stage.height,
                place * 0.45,
                1.8,
            )
        )
    return bursts


_BREWS = {
    "rain": _rain, "storm": _storm, "snow": _snow, "fog": _fog, "petals": _petals, "leaves": _leaves,
    "confetti": _confetti, "fireflies": _fireflies, "fireworks": _fireworks,
}  # fmt: skip
