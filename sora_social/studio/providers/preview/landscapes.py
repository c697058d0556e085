"""Outdoor places. Each builds its layers from the horizon to the eye."""

import math

from PIL import ImageChops

from sora_social.studio.providers.preview import plants
from sora_social.studio.providers.preview.drawing import Board, glow
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, mix
from sora_social.studio.providers.preview.stage import Layer, Stage, contrast_ink, raise_sky


def beach(stage: Stage) -> None:
    palette, short = stage.palette, stage.short
    raise_sky(stage, horizon=0.56)
    stage.hills(
        base=0.565,
        height=0.09,
        depth=0.14,
        upper=palette.lit("5a8f86", 0.55),
        lower=palette.lit("5a8f86", 0.8),
        until=0.57,
    )
    _water(stage, upper=0.55, lower=0.86, near="1f7f9f")
    foam = mix(palette.lit("eafaf6"), palette.low, 0.25)
    for place in range(3):
        level = 0.665 + place * 0.055
        board = stage.board(level, 0.9)
        rim = [
            (
                step / 60 * stage.wide,
                short * (0.03 + 0.010 * math.sin(step * 0.55 + place * 2) + 0.006 * math.sin(step * 1.3)),
            )
            for step in range(61)
        ]
        foot = (0.9 - level) * stage.height
        board.polygon([*((x, y - short * 0.008) for x, y in rim), (stage.wide, foot), (0, foot)], foam)
        board.ramp(
            [*rim, (stage.wide, foot), (0, foot)],
            mix(palette.lit("3aa6b4"), palette.middle, 0.3),
            mix(palette.lit("2a8fae"), palette.top, 0.3),
        )
        stage.hang(
            board.done(),
            upper=level,
            depth=0.35 + place * 0.12,
            sway=short * 0.03 * (1 if place % 2 else -1),
            period=4.4 - place * 0.4,
            rise=short * 0.008,
            turn=place * 0.3,
        )
    sand = palette.lit("f2d6a0")
    stage.hills(
        base=0.84, height=0.035, depth=0.85, upper=mix(sand, WHITE, 0.12), lower=mix(sand, BLACK, 0.22), waves=2
    )
    _pebbles(stage, palette.lit("d9a877"), upper=0.86)
    plants.palm(stage, side=-1 if stage.pick(2) else 1)


def lake(stage: Stage) -> None:
    palette = stage.palette
    raise_sky(stage, horizon=0.54, clouds=4)
    _peaks(stage, base=0.55, height=0.2, depth=0.16, haze=0.5, code="6b7ba6")
    rim = stage.hills(
        base=0.57,
        height=0.06,
        depth=0.26,
        upper=palette.lit("2f6b55", 0.25),
        lower=palette.lit("2f6b55", 0.5),
        until=0.6,
    )
    plants.pines(
        stage, [y for _, y in rim], base=0.57, size=0.06, depth=0.28, colour=palette.lit("25584a", 0.25), count=34
    )
    _water(stage, upper=0.57, lower=0.92, near="2a6f95")
    grass = palette.lit("5a9a52")
    stage.hills(base=0.86, height=0.04, depth=0.85, upper=grass, lower=mix(grass, BLACK, 0.4), waves=3)
    plants.reeds(stage)


def mountains(stage: Stage) -> None:
    palette = stage.palette
    is_snowy = "snow" in stage.meaning.weathers
    raise_sky(stage, horizon=0.66)
    for place, (base, height, haze) in enumerate(((0.56, 0.3, 0.62), (0.62, 0.27, 0.38), (0.7, 0.2, 0.18))):
        _peaks(stage, base=base, height=height, depth=0.12 + place * 0.15, haze=haze, code="64719b")
    ground = palette.lit("eef4fb" if is_snowy else "6da65a")
    rim = stage.hills(base=0.78, height=0.06, depth=0.6, upper=mix(ground, palette.haze, 0.25), lower=ground)
    plants.pines(
        stage,
        [y for _, y in rim],
        base=0.76,
        size=0.15,
        depth=0.6,
        colour=palette.lit("2c5f52", 0.1),
        count=16,
        snowy=is_snowy,
    )
    stage.hills(
        base=0.86, height=0.045, depth=0.9, upper=mix(ground, WHITE, 0.08), lower=mix(ground, BLACK, 0.35), waves=2
    )
    plants.pines(
        stage, [stage.height * 1.03], base=1.03, size=0.34, depth=1.2, colour=contrast_ink(palette), count=5, edges=True
    )


def forest(stage: Stage) -> None:
    palette = stage.palette
    raise_sky(stage, horizon=0.8, clouds=0)
    bamboo = stage.meaning.flavour % 5 == 0
    for place in range(4):
        haze = 0.72 - place * 0.2
        code = "5d8f4a" if bamboo else "4c5a3c"
        plants.trunks(
            stage,
            count=11 - place * 2,
            wide=0.016 + 0.017 * place,
            depth=0.15 + place * 0.18,
            colour=palette.lit(code, haze),
            leaf=palette.lit("4f9a58", haze * 0.9),
            foot=0.74 + place * 0.035,
        )
        stage.hills(
            base=0.755 + place * 0.035,
            height=0.05,
            depth=0.15 + place * 0.18,
            upper=palette.lit("5f9a52", haze),
            lower=palette.lit("2d5a3c", haze * 0.6),
        )
    shafts(stage, count=5)
    moss = palette.lit("4f8a48")
    stage.hills(base=0.88, height=0.04, depth=0.92, upper=moss, lower=mix(moss, BLACK, 0.5), waves=3)
    plants.ferns(stage)


def field(stage: Stage) -> None:
    palette, short = stage.palette, stage.short
    raise_sky(stage, horizon=0.64, clouds=7)
    stage.hills(base=0.64, height=0.12, depth=0.14, upper=palette.lit("7fa8b8", 0.5), lower=palette.lit("8fc08a", 0.5))
    stage.hills(base=0.70, height=0.09, depth=0.3, upper=palette.lit("86bf6a", 0.3), lower=palette.lit("6fae58", 0.1))
    rim = stage.hills(base=0.77, height=0.07, depth=0.5, upper=palette.lit("79bb58", 0.1), lower=palette.lit("549a48"))
    plants.round_trees(stage, [y for _, y in rim], count=7)
    grass = palette.lit("6cb04a")
    stage.hills(
        base=0.85, height=0.035, depth=0.85, upper=mix(grass, palette.sun, 0.2), lower=mix(grass, BLACK, 0.38), waves=3
    )
    board = stage.board(0.84, 1.0)
    for _ in range(70):
        x, y = stage.chance(0, stage.wide), stage.chance(0.05, 0.16) * stage.height
        code = ("f27fa0", "f7d454", "ffffff", "b48be0")[stage.pick(4)]
        size = short * 0.008 * (0.5 + y / stage.height * 6)
        board.oval(x, y, size, size * 0.8, palette.lit(code))
    stage.hang(board.done(), upper=0.84, depth=0.9)
    plants.reeds(stage, bloom=True)


def desert(stage: Stage) -> None:
    palette = stage.palette
    raise_sky(stage, horizon=0.62, clouds=2)
    board = stage.board(0.42, 0.7)
    for _ in range(4):
        x, wide, high = (
            stage.chance(0, stage.wide),
            stage.chance(0.14, 0.3) * stage.short,
            stage.chance(0.08, 0.17) * stage.height,
        )
        foot = 0.26 * stage.height
        board.ramp(
            [(x, foot), (x + wide * 0.16, foot - high), (x + wide * 0.86, foot - high), (x + wide, foot)],
            palette.lit("b8694a", 0.45),
            palette.lit("c98a60", 0.65),
        )
    stage.hang(board.done(), upper=0.42, depth=0.14)
    for place in range(3):
        sand = mix(palette.lit("eab56e", 0.35 - place * 0.15), BLACK, 0.03 * place)
        stage.hills(
            base=0.68 + place * 0.075,
            height=0.1 - place * 0.015,
            depth=0.25 + place * 0.22,
            upper=mix(sand, palette.sun, 0.22),
            lower=mix(sand, BLACK, 0.2),
            waves=2,
            jagged=0.25,
        )
    cactus = palette.lit("4d7f52")
    for _ in range(4):
        high = stage.short * stage.chance(0.1, 0.2)
        plant = Board(high, high)
        plant.stroke([(high / 2, high), (high / 2, high * 0.12)], high * 0.15, cactus)
        for side, level in ((-1, 0.55), (1, 0.4)):
            plant.stroke(
                [
                    (high / 2, high * level),
                    (high * (0.5 + side * 0.27), high * level),
                    (high * (0.5 + side * 0.27), high * (level - 0.22)),
                ],
                high * 0.11,
                mix(cactus, BLACK, 0.12),
            )
        stage.layers.append(
            Layer(
                stage.sprite(plant.done()),
                stage.chance(0, 1) * stage.width,
                stage.height * stage.chance(0.76, 0.8) - high,
                0.62,
            )
        )
    sand = palette.lit("f0bf78")
    stage.hills(
        base=0.88, height=0.05, depth=0.95, upper=mix(sand, palette.sun, 0.3), lower=mix(sand, BLACK, 0.3), waves=2
    )


def clouds(stage: Stage) -> None:
    raise_sky(stage, horizon=0.95, clouds=6)
    palette = stage.palette
    white = mix(palette.low, WHITE, 0.12 if palette.is_dark else 0.6)
    for place in range(4):
        level = 0.66 + place * 0.085
        board = stage.board(level - 0.12, 1.02)
        shade = mix(palette.middle, palette.low, 0.3 + 0.15 * place)
        colour = mix(shade, white, 0.25 + 0.2 * place)
        for drop, tone in ((0.0, colour), (0.018, mix(colour, white, 0.5)), (0.05, mix(colour, shade, 0.35))):
            for puff in range(14):
                swell = 0.05 + 0.03 * math.sin(puff * 2.4 + place * 1.7 + stage.meaning.flavour % 7)
                board.oval(
                    (puff + 0.3 * place) / 13 * stage.wide,
                    (0.12 + drop + 0.02 * math.sin(puff * 1.9)) * stage.height,
                    stage.wide * 0.075,
                    swell * stage.height,
                    tone,
                )
        board.box(0, 0.155 * stage.height, stage.wide, stage.height, mix(colour, shade, 0.35))
        stage.hang(
            board.done(),
            upper=level - 0.12,
            depth=0.2 + place * 0.3,
            sway=stage.short * 0.03,
            period=9 - place,
            turn=place * 0.2,
        )


def _water(stage: Stage, *, upper: float, lower: float, near: str) -> None:
    palette = stage.palette
    board = stage.board(upper, lower)
    high = (lower - upper) * stage.height
    far = mix(mix(palette.low, palette.middle, 0.45), palette.lit(near), 0.3)
    board.ramp([(0, 0), (stage.wide, 0), (stage.wide, high), (0, high)], far, mix(palette.lit(near), palette.top, 0.4))
    shine = mix(far, mix(palette.sun, WHITE, 0.2), 0.7)
    for _ in range(110):
        depth = stage.chance(0.02, 1) ** 1.5
        x = stage.wide * (0.5 + stage.chance(-1, 1) * (0.1 + 0.4 * stage.chance(0, 1)))
        board.oval(
            x,
            depth * high,
            stage.short * (0.012 + 0.05 * depth),
            max(0.5, stage.short * 0.004 * (0.3 + depth)),
            mix(far, shine, stage.chance(0.2, 0.9)),
        )
    stage.hang(board.done(), upper=upper, depth=0.22, sway=stage.short * 0.012, period=3.2)


def _pebbles(stage: Stage, colour: Colour, *, upper: float) -> None:
    board = stage.board(upper, 1.0)
    for _ in range(46):
        y = stage.chance(0.1, 1.0) * (1 - upper) * stage.height
        size = stage.short * stage.chance(0.003, 0.008)
        board.oval(stage.chance(0, stage.wide), y, size * 1.6, size * 0.8, mix(colour, BLACK, stage.chance(0, 0.3)))
    stage.hang(board.done(), upper=upper, depth=0.88)


def _peaks(stage: Stage, *, base: float, height: float, depth: float, haze: float, code: str) -> None:
    palette = stage.palette
    top = base - height
    board = stage.board(top, 1.0)
    foot, rock = height * stage.height, palette.lit(code, haze)
    snow, shadow = palette.lit("ffffff", haze * 0.7), mix(rock, palette.lit("3a4468", haze), 0.4)
    high = [(place + stage.chance(-0.25, 0.25), stage.chance(0.45, 0.98)) for place in range(7)]
    for middle, share in sorted(high, key=lambda one: -one[1]):
        x, peak, half = middle / 6 * stage.wide, foot * (1 - share), stage.wide / 6 * (0.5 + share * 0.6)
        board.ramp(
            [(x - half, foot), (x, peak), (x + half, foot)], mix(rock, palette.sun, 0.12), mix(rock, palette.haze, 0.5)
        )
        board.polygon(
            [(x, peak), (x + half, foot), (x + half * 0.25, foot), (x + half * 0.04, peak + (foot - peak) * 0.5)],
            mix(shadow, palette.haze, 0.25),
        )
        cap = (foot - peak) * 0.34
        lean = half / (foot - peak)
        rim = ((1, 1), (0.45, 0.72), (0.1, 1.06), (-0.35, 0.7), (-0.95, 1))
        board.polygon([(x, peak), *((x + lean * cap * right, peak + cap * down) for right, down in rim)], snow)
        board.polygon(
            [
                (x, peak),
                (x + lean * cap, peak + cap),
                (x + lean * cap * 0.45, peak + cap * 0.72),
                (x + lean * cap * 0.12, peak + cap * 0.9),
            ],
            mix(snow, shadow, 0.35),
        )
    board.polygon(
        [(0, foot - 1), (stage.wide, foot - 1), (stage.wide, stage.height), (0, stage.height)],
        mix(rock, palette.haze, 0.5),
    )
    stage.hang(board.done(), upper=top, depth=depth)


def shafts(stage: Stage, *, count: int) -> None:
    light = mix(stage.palette.sun, WHITE, 0.3)
    for place in range(count):
        wide, high = stage.short * stage.chance(0.2, 0.34), stage.height * 0.85
        board = Board(wide * 2.2, high, scale=1)
        board.polygon([(wide * 1.3, 0), (wide * 1.9, 0), (wide * 0.9, high), (0, high)], light)
        beam = board.done()
        fade = glow(10, light, 1.0, sharpness=1.2).getchannel("A").resize(beam.size)
        strength = 0.10 if stage.palette.is_dark else 0.24
        alpha = beam.getchannel("A").point(lambda level, share=strength: round(level * share))
        beam.putalpha(ImageChops.multiply(alpha, fade))
        stage.layers.append(
            Layer(
                stage.sprite(beam, rough=False),
                (place + stage.chance(0, 0.7)) / count * stage.width - wide,
                0,
                0.5,
                sway=stage.short * 0.02,
                period=7,
                turn=place * 0.21,
            )
        )
