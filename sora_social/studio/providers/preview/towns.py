"""Towns: the skyline, the shop street, the road before them."""

from sora_social.studio.providers.preview.drawing import Board, glow
from sora_social.studio.providers.preview.palette import BLACK, NEON, WHITE, hexed, mix
from sora_social.studio.providers.preview.stage import Layer, Stage, contrast_ink, raise_sky


def city(stage: Stage) -> None:
    palette = stage.palette
    raise_sky(stage, horizon=0.72, clouds=4)
    for place in range(3):
        _skyline(
            stage,
            foot=0.77 + place * 0.02,
            high=0.36 + place * 0.05,
            wide=0.085 + place * 0.045,
            depth=0.14 + place * 0.2,
            haze=0.62 - place * 0.24,
        )
    _road(stage, upper=0.79)
    if palette.is_dark:
        _neon(stage)
    _lamps(stage)


def street(stage: Stage) -> None:
    palette, short = stage.palette, stage.short
    raise_sky(stage, horizon=0.66, clouds=5)
    _skyline(stage, foot=0.76, high=0.26, wide=0.11, depth=0.18, haze=0.55)
    board = stage.board(0.36, 0.83)
    foot, x = 0.43 * stage.height, 0.0
    while x < stage.wide:
        wide, high = short * stage.chance(0.28, 0.4), stage.height * stage.chance(0.2, 0.34)
        wall = palette.lit(("e8b89a", "d9c7a3", "b7c9c2", "c99a8a", "a9b5cf", "e3cf9a")[stage.pick(6)], 0.06)
        board.ramp(
            [(x, foot - high), (x + wide, foot - high), (x + wide, foot), (x, foot)], wall, mix(wall, BLACK, 0.14)
        )
        board.box(
            x - short * 0.006, foot - high - short * 0.012, wide + short * 0.012, short * 0.02, mix(wall, BLACK, 0.28)
        )
        step = wide / 3
        for floor in range(1, int(high / (short * 0.12))):
            for column in range(3):
                _pane(
                    stage,
                    board,
                    x + step * (column + 0.27),
                    foot - short * (0.11 + floor * 0.115),
                    step * 0.46,
                    short * 0.075,
                )
        lamp = mix(hexed("ffdf9a"), wall, 0.1) if palette.is_dark else palette.lit("9fc4cf")
        board.box(x + wide * 0.08, foot - short * 0.1, wide * 0.52, short * 0.085, lamp, round_by=2)
        board.box(x + wide * 0.68, foot - short * 0.115, wide * 0.2, short * 0.115, mix(wall, BLACK, 0.5), round_by=2)
        cloth = palette.lit(("d8453a", "3f8f7a", "e0a23a", "4f6fb0")[stage.pick(4)])
        for stripe in range(6):
            left = x + wide * (0.04 + stripe * 0.1)
            right, upper, lower = left + wide * 0.1, foot - short * 0.135, foot - short * 0.09
            awning = [(left, upper), (right, upper), (right + 1, lower), (left - 1, lower)]
            board.polygon(awning, cloth if stripe % 2 else mix(cloth, WHITE, 0.7))
        x += wide + short * 0.004
    stage.hang(board.done(), upper=0.36, depth=0.5)
    _road(stage, upper=0.785)
    _lamps(stage)


def _skyline(stage: Stage, *, foot: float, high: float, wide: float, depth: float, haze: float) -> None:
    palette = stage.palette
    top = foot - high
    board = stage.board(top, 1.0)
    base, x = high * stage.height, -stage.short * 0.05
    while x < stage.wide:
        across, tall = stage.short * wide * stage.chance(0.75, 1.4), base * stage.chance(0.4, 0.97)
        wall = palette.lit(("55678f", "6b7a99", "4a5c7c", "7b6f8f")[stage.pick(4)], haze)
        board.ramp(
            [(x, base - tall), (x + across, base - tall), (x + across, stage.height), (x, stage.height)],
            mix(wall, palette.sun, 0.07),
            mix(wall, palette.haze, 0.3),
        )
        if stage.pick(3) == 0:
            board.box(x + across * 0.3, base - tall * 1.06, across * 0.35, tall * 0.07, wall)
            board.box(x + across * 0.46, base - tall * 1.2, max(1.0, across * 0.025), tall * 0.16, wall)
        board.box(x + across * 0.82, base - tall, across * 0.18, tall + stage.height, mix(wall, BLACK, 0.14))
        if haze < 0.55:
            pane = max(2.0, stage.short * 0.017)
            for row in range(int(tall / (pane * 2.3))):
                for column in range(int(across * 0.78 / (pane * 1.9))):
                    if stage.pick(10) < 6:
                        _pane(
                            stage,
                            board,
                            x + pane * (0.7 + column * 1.9),
                            base - tall + pane * (1 + row * 2.3),
                            pane,
                            pane * 1.25,
                            haze=haze,
                        )
        x += across + stage.short * 0.006
    stage.hang(board.done(), upper=top, depth=depth)


def _pane(stage: Stage, board: Board, x: float, y: float, wide: float, high: float, *, haze: float = 0.0) -> None:  # noqa: PLR0917 - geometry reads by position
    palette = stage.palette
    dim = stage.meaning.time in {"night", "sunset"}
    if dim and stage.pick(5) < 3:
        light = hexed(("ffd98a", "ffc56a", "fff0c0", "ffb070", "bfe4ff")[stage.pick(5)])
        board.box(x, y, wide, high, mix(light, palette.haze, haze * 0.5))
    else:
        board.box(x, y, wide, high, mix(palette.lit("33455f", haze), palette.middle, 0.25))


def _road(stage: Stage, *, upper: float) -> None:
    palette = stage.palette
    walk = palette.lit("a9a6ad")
    board = stage.board(upper, 1.0)
    high = (1 - upper) * stage.height
    wet = bool({"rain", "storm"} & set(stage.meaning.weathers))
    asphalt = mix(palette.lit("4c4f5c"), palette.middle, 0.25 if wet else 0.06)
    board.box(0, 0, stage.wide, high * 0.2, walk)
    board.box(0, high * 0.17, stage.wide, high * 0.05, mix(walk, BLACK, 0.35))
    board.ramp(
        [(0, high * 0.22), (stage.wide, high * 0.22), (stage.wide, high), (0, high)], asphalt, mix(asphalt, BLACK, 0.35)
    )
    dash = stage.short * 0.16
    for place in range(int(stage.wide / dash / 1.6) + 1):
        x = place * dash * 1.6
        board.polygon(
            [(x, high * 0.56), (x + dash, high * 0.56), (x + dash * 0.94, high * 0.6), (x - dash * 0.06, high * 0.6)],
            mix(asphalt, palette.lit("f4ead0"), 0.7),
        )
    sheet = board.done()
    if wet or palette.is_dark:
        for _ in range(14):
            tone = hexed(("ffcf7a", *NEON)[stage.pick(6)]) if palette.is_dark else mix(palette.low, WHITE, 0.3)
            light = glow(stage.short * 0.12, tone, 0.42 if wet else 0.22, sharpness=2.4)
            streak = light.resize((max(2, light.width // 4), light.height))
            spot = (round(stage.chance(0, stage.wide)), round(high * stage.chance(0.05, 0.4)))
            sheet.alpha_composite(streak, (min(spot[0], sheet.width - 1), min(spot[1], sheet.height - 1)))
    stage.hang(sheet, upper=upper, depth=0.8)


def _neon(stage: Stage) -> None:
    for _ in range(6):
        tone, wide = hexed(NEON[stage.pick(5)]), stage.short * stage.chance(0.03, 0.05)
        high = wide * stage.chance(2.4, 4.2)
        board = Board(wide * 3, high + wide * 2, scale=3)
        board.box(wide, wide, wide, high, mix(tone, BLACK, 0.72), round_by=wide * 0.2)
        for mark in range(int(high / wide / 0.8)):
            y = wide * (1.3 + mark * 0.8)
            board.stroke([(wide * 1.28, y), (wide * 1.72, y)], wide * 0.14, mix(tone, WHITE, 0.4))
            if stage.pick(2):
                board.stroke([(wide * 1.5, y), (wide * 1.5, y + wide * 0.4)], wide * 0.14, mix(tone, WHITE, 0.4))
        sign = board.done()
        halo = glow(max(sign.size) / 2, tone, 0.5).resize(sign.size)
        halo.alpha_composite(sign)
        stage.layers.append(
            Layer(
                stage.sprite(halo, rough=False),
                stage.chance(0, 0.95) * stage.width,
                stage.chance(0.5, 0.66) * stage.height,
                0.54,
            )
        )


def _lamps(stage: Stage) -> None:
    ink, high = contrast_ink(stage.palette), stage.height * 0.4
    for x in (0.08, 0.9):
        board = Board(high * 0.5, high)
        board.stroke(
            [(high * 0.25, high), (high * 0.25, high * 0.13), (high * 0.3, high * 0.08), (high * 0.38, high * 0.08)],
            high * 0.016,
            ink,
        )
        board.box(high * 0.33, high * 0.075, high * 0.1, high * 0.03, ink, round_by=2)
        lamp = board.done()
        if stage.palette.is_dark or stage.meaning.time == "sunset":
            light = glow(high * 0.17, hexed("ffdf9a"), 0.8)
            spot = (round(high * 0.38 - light.width / 2), round(high * 0.1 - light.height / 2))
            lamp.alpha_composite(
                light.crop((max(0, -spot[0]), max(0, -spot[1]), *light.size)), (max(0, spot[0]), max(0, spot[1]))
            )
        stage.layers.append(Layer(stage.sprite(lamp), x * stage.width - high * 0.25, stage.height * 0.5, 0.95))
