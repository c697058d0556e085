"""Built, deep and far places: towns, rooms, the sea floor, space. And the list of all places."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import ImageFilter

from sora_social.studio.providers.preview import landscapes
from sora_social.studio.providers.preview.drawing import Board, glow, vertical
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, hexed, mix
from sora_social.studio.providers.preview.stage import Layer, Stage, contrast_ink, raise_sky

NEON = ("ff4fa0", "4fe3ff", "ffd84f", "a06bff", "5fff9f")


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
            board.polygon([(left, foot - short * 0.135), (left + wide * 0.1, foot - short * 0.135), (left + wide * 0.1 + 1, foot - short * 0.09), (left - 1, foot - short * 0.09)],
                          cloth if stripe % 2 else mix(cloth, WHITE, 0.7))  # fmt: skip
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


def _pane(stage: Stage, board: Board, x: float, y: float, wide: float, high: float, *, haze: float = 0.0) -> None:
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


def _space_back(stage: Stage) -> None:
    palette, wide, height = stage.palette, round(stage.wide), stage.height
    deep = palette.washed(hexed("0b0a24"))
    sheet = vertical((wide, height), (mix(deep, BLACK, 0.4), deep, palette.washed(hexed("1d1440")))).convert("RGBA")
    for _ in range(9):
        tone = palette.washed(hexed(("7a3fb0", "2f6fd0", "d0508f", "2fa6a0")[stage.pick(4)]))
        cloud = glow(stage.short * stage.chance(0.25, 0.6), tone, 0.34, sharpness=1.6)
        left, top = round(stage.chance(-0.2, 0.8) * wide), round(stage.chance(-0.1, 0.8) * height)
        sheet.alpha_composite(cloud.crop((max(0, -left), max(0, -top), *cloud.size)), (max(0, left), max(0, top)))
    stage.layers.append(Layer(stage.sprite(sheet.convert("RGB")), -stage.room * 1.3, 0, 0.05))
    for depth, count, size in ((0.08, 170, 0.003), (0.2, 46, 0.006)):
        board = Board(stage.wide, height)
        for _ in range(count):
            radius = stage.short * size * stage.chance(0.3, 1)
            board.oval(
                stage.chance(0, stage.wide),
                stage.chance(0, height),
                radius,
                radius,
                mix(WHITE, hexed(("9fc4ff", "ffe0b0")[stage.pick(2)]), stage.chance(0, 0.6)),
            )
        stage.hang(board.done(), upper=0, depth=depth, rise=stage.short * 0.004, period=9)


def _planet(stage: Stage, *, x: float, y: float, radius: float, code: str, ring: bool, depth: float) -> None:
    tone, edge = stage.palette.washed(hexed(code)), radius * 2.1
    board = Board(edge * 2, edge * 2, scale=2)
    if ring:
        board.arc(edge, edge, radius * 1.75, radius * 0.42, 180, 360, radius * 0.13, mix(tone, WHITE, 0.35))
    board.oval(edge, edge, radius, radius, tone)
    for band in range(5):
        y_at = -0.7 + band * 0.34
        half = math.sqrt(max(0.0, 1 - y_at * y_at)) * 0.97
        board.oval(
            edge, edge + y_at * radius, half * radius, radius * 0.09, mix(tone, WHITE if band % 2 else BLACK, 0.16)
        )
    globe = board.done()
    shade = Board(edge * 2, edge * 2, scale=1)
    shade.oval(edge + radius * 0.5, edge + radius * 0.42, radius * 1.16, radius * 1.16, BLACK)
    mask = (
        shade.done()
        .getchannel("A")
        .filter(ImageFilter.GaussianBlur(radius * 0.22))
        .point(lambda level: round(level * 0.66))
    )
    alpha = globe.getchannel("A")
    globe.paste((6, 4, 22), (0, 0), mask)
    globe.putalpha(alpha)
    if ring:
        front = Board(edge * 2, edge * 2, scale=2)
        front.arc(edge, edge, radius * 1.75, radius * 0.42, 0, 180, radius * 0.13, mix(tone, WHITE, 0.5))
        globe.alpha_composite(front.done())
    stage.layers.append(Layer(stage.sprite(globe), x * stage.width - edge, y * stage.height - edge, depth))


def space(stage: Stage) -> None:
    _space_back(stage)
    code = ("d98a5a", "6fa0d8", "b07fd0", "6fc0a0")[stage.pick(4)]
    _planet(stage, x=0.72, y=0.26, radius=stage.short * 0.2, code=code, ring=True, depth=0.3)
    _planet(stage, x=0.16, y=0.68, radius=stage.short * 0.09, code="a9b0c4", ring=False, depth=0.45)
    _planet(stage, x=0.45, y=1.18, radius=stage.short * 0.6, code="3f78c8", ring=False, depth=0.7)


def moon(stage: Stage) -> None:
    _space_back(stage)
    _planet(stage, x=0.66, y=0.26, radius=stage.short * 0.17, code="4f8fd8", ring=False, depth=0.2)
    dust = stage.palette.washed(hexed("b9bcc8"))
    stage.hills(
        base=0.74, height=0.09, depth=0.4, upper=mix(dust, BLACK, 0.45), lower=mix(dust, BLACK, 0.6), jagged=0.4
    )
    stage.hills(base=0.82, height=0.05, depth=0.8, upper=dust, lower=mix(dust, BLACK, 0.55), waves=3)
    board = stage.board(0.8, 1.0)
    for _ in range(16):
        x, y, size = (
            stage.chance(0, stage.wide),
            stage.chance(0.04, 0.19) * stage.height,
            stage.short * stage.chance(0.015, 0.05),
        )
        board.oval(x, y, size, size * 0.36, mix(dust, BLACK, 0.5))
        board.oval(x + size * 0.06, y + size * 0.07, size * 0.88, size * 0.28, mix(dust, BLACK, 0.3))
    stage.hang(board.done(), upper=0.8, depth=0.82)


def underwater(stage: Stage) -> None:
    palette = stage.palette
    dim = 0.55 if palette.is_dark else 0.0
    surface, deep = mix(palette.washed(hexed("7fe0ea")), BLACK, dim), mix(palette.washed(hexed("0a3a66")), BLACK, dim)
    middle = mix(surface, deep, 0.55)
    stage.layers.append(
        Layer(
            stage.sprite(vertical((round(stage.wide), stage.height), (surface, middle, deep))),
            -stage.room * 1.3,
            0,
            0.05,
        )
    )
    landscapes.shafts(stage, count=6)
    for place in range(3):
        tone = mix(deep, palette.washed(hexed("2f8f9f")), 0.16 + place * 0.2)
        stage.hills(
            base=0.76 + place * 0.06,
            height=0.14 - place * 0.03,
            depth=0.2 + place * 0.25,
            upper=tone,
            lower=mix(tone, BLACK, 0.25),
            jagged=0.2,
        )
    sand = mix(palette.lit("e0cf9a"), deep, 0.35)
    stage.hills(base=0.9, height=0.04, depth=0.85, upper=sand, lower=mix(sand, deep, 0.6), waves=2)
    _corals(stage, deep)
    for place in range(9):
        _kelp(
            stage,
            x=stage.chance(0, 1),
            high=stage.chance(0.18, 0.42),
            tone=mix(palette.washed(hexed("2f9f6a")), deep, stage.chance(0.1, 0.5)),
            turn=place * 0.17,
        )
    bubbles = Board(stage.width, stage.height)
    for _ in range(36):
        radius = stage.short * stage.chance(0.004, 0.014)
        x, y = stage.chance(0, stage.width), stage.chance(0, stage.height)
        bubbles.arc(x, y, radius, radius, 0, 360, max(0.6, radius * 0.2), mix(surface, WHITE, 0.5))
        bubbles.oval(x - radius * 0.3, y - radius * 0.3, radius * 0.25, radius * 0.25, WHITE)
    stage.hang(bubbles.done(), upper=0, depth=1.0, rise=-stage.height * 0.06, period=11, sway=stage.short * 0.02)


def _corals(stage: Stage, deep: Colour) -> None:
    board = stage.board(0.74, 1.0)
    foot = 0.22 * stage.height
    for _ in range(9):
        x, size = stage.chance(0, stage.wide), stage.short * stage.chance(0.05, 0.11)
        tone = mix(stage.palette.washed(hexed(("f2708f", "f6a24a", "b46fe0", "f7d45a")[stage.pick(4)])), deep, 0.25)
        for arm in range(5):
            turn = math.pi * (1.15 + arm * 0.175)
            tip = (x + size * math.cos(turn), foot + size * 1.2 * math.sin(turn))
            board.stroke(
                [(x, foot + size * 0.2), ((x + tip[0]) / 2 - size * 0.08, (foot + tip[1]) / 2), tip],
                size * 0.17,
                mix(tone, BLACK, 0.1 * (arm % 2)),
            )
    stage.hang(board.done(), upper=0.74, depth=0.85)


def _kelp(stage: Stage, *, x: float, high: float, tone: Colour, turn: float) -> None:
    tall = high * stage.height
    board = Board(tall * 0.4, tall)
    spine = [(tall * (0.2 + 0.05 * math.sin(step * 1.1)), tall * (1 - step / 11)) for step in range(11)]
    board.stroke(spine, tall * 0.022, tone)
    for step, (mid, level) in enumerate(spine[1:]):
        board.tilted(
            mid + (1 if step % 2 else -1) * tall * 0.06,
            level,
            tall * 0.07,
            tall * 0.022,
            -28 if step % 2 else 28,
            mix(tone, BLACK, 0.12 * (step % 3)),
        )
    stage.layers.append(
        Layer(
            stage.sprite(board.done()),
            x * stage.width,
            stage.height * 0.94 - tall,
            0.9,
            sway=stage.short * 0.012,
            period=4,
            turn=turn,
        )
    )


def _indoors(stage: Stage, *, wall: Colour, floor: Colour, level: float) -> Board:
    """Wall, floor and a window onto the sky outside; returns the board of the wall for what hangs there."""
    raise_sky(stage, horizon=0.62, clouds=2)
    board = stage.board(0, 1)
    high, wide = stage.height, stage.wide
    foot = level * high
    board.ramp([(0, 0), (wide, 0), (wide, foot), (0, foot)], mix(wall, stage.palette.sun, 0.12), mix(wall, BLACK, 0.12))
    board.ramp(
        [(0, foot), (wide, foot), (wide, high), (0, high)], mix(floor, stage.palette.sun, 0.1), mix(floor, BLACK, 0.4)
    )
    board.box(0, foot - stage.short * 0.02, wide, stage.short * 0.025, mix(wall, WHITE, 0.3))
    return board


def _open_window(stage: Stage, board: Board, x: float, y: float, wide: float, high: float) -> None:
    frame = stage.palette.lit("f6efe2")
    board.box(x - wide * 0.06, y - wide * 0.06, wide * 1.12, high + wide * 0.12, frame, round_by=3)
    hole = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    board.cut(hole)
    board.box(x + wide * 0.48, y, wide * 0.04, high, frame)
    board.box(x, y + high * 0.45, wide, wide * 0.04, frame)
    board.box(x - wide * 0.1, y + high + wide * 0.05, wide * 1.2, wide * 0.07, mix(frame, BLACK, 0.12))


def room(stage: Stage) -> None:
    palette, short, high = stage.palette, stage.short, stage.height
    wall = palette.lit(("cfd8c4", "e6c9b4", "c3cde0", "e8d7b0")[stage.pick(4)])
    board = _indoors(stage, wall=wall, floor=palette.lit("b07f56"), level=0.74)
    middle = stage.wide / 2
    _open_window(stage, board, middle - short * 0.3, high * 0.24, short * 0.42, high * 0.26)
    for side, lean in ((-0.38, 1), (0.2, -1)):
        board.ramp([(middle + side * short, high * 0.2), (middle + (side + 0.1) * short, high * 0.2), (middle + (side + 0.1 - 0.03 * lean) * short, high * 0.6), (middle + (side - 0.02 * lean) * short, high * 0.6)],
                   palette.lit("e0907a"), palette.lit("b5604f"))  # fmt: skip
    shelf_x, shelf_y = middle + short * 0.36, high * 0.42
    board.box(shelf_x, shelf_y, short * 0.3, short * 0.016, palette.lit("7a5238"))
    for book in range(7):
        tall = short * stage.chance(0.06, 0.1)
        board.box(
            shelf_x + short * (0.02 + book * 0.035),
            shelf_y - tall,
            short * 0.03,
            tall,
            palette.lit(("d8453a", "3f7fb0", "e0b23a", "5a9a6a", "8f5fae")[book % 5]),
        )
    board.oval(middle, high * 0.86, short * 0.42, short * 0.09, palette.lit("c8635a"))
    board.oval(middle, high * 0.86, short * 0.35, short * 0.072, palette.lit("f0d9b0"))
    stage.hang(board.done(), upper=0, depth=0.4)
    _sofa(stage)
    _lamp_light(stage, x=0.84, y=0.5)


def _sofa(stage: Stage) -> None:
    cloth, wide = stage.palette.lit("4f7f8f"), stage.short * 0.52
    board = Board(wide, wide * 0.5)
    board.box(wide * 0.06, 0, wide * 0.88, wide * 0.34, mix(cloth, BLACK, 0.1), round_by=wide * 0.07)
    board.box(wide * 0.1, wide * 0.2, wide * 0.8, wide * 0.2, mix(cloth, WHITE, 0.12), round_by=wide * 0.04)
    for x in (0.0, 0.86):
        board.box(wide * x, wide * 0.13, wide * 0.14, wide * 0.31, cloth, round_by=wide * 0.05)
    board.box(wide * 0.18, wide * 0.07, wide * 0.18, wide * 0.16, stage.palette.lit("f0b84f"), round_by=wide * 0.03)
    stage.layers.append(Layer(stage.sprite(board.done()), -stage.short * 0.1, stage.height * 0.77 - wide * 0.44, 0.5))


def _lamp_light(stage: Stage, *, x: float, y: float) -> None:
    short = stage.short
    board = Board(short * 0.24, short * 0.62)
    board.stroke(
        [(short * 0.12, short * 0.14), (short * 0.12, short * 0.6)], short * 0.012, stage.palette.lit("5a463a")
    )
    board.polygon(
        [(short * 0.07, 0), (short * 0.17, 0), (short * 0.22, short * 0.15), (short * 0.02, short * 0.15)],
        mix(hexed("ffe0a0"), stage.palette.lit("f6e0b0"), 0.4),
    )
    left, top = x * stage.width - short * 0.12, y * stage.height
    stage.layers.append(Layer(stage.sprite(board.done()), left, top, 0.5))
    light = glow(short * 0.42, hexed("ffd890"), 0.5 if stage.palette.is_dark else 0.22)
    stage.layers.append(
        Layer(
            stage.sprite(light, rough=False),
            left + short * 0.12 - light.width / 2,
            top + short * 0.1 - light.height / 2,
            0.5,
        )
    )


def kitchen(stage: Stage) -> None:
    palette, short, high = stage.palette, stage.short, stage.height
    tile = palette.lit(("e3ede6", "f2e3d2", "d8e3ee")[stage.pick(3)])
    board = _indoors(stage, wall=tile, floor=palette.lit("c9a06f"), level=0.76)
    step = short * 0.085
    for row in range(int(0.76 * high / step) + 1):
        board.box(0, row * step, stage.wide, max(1.0, short * 0.004), mix(tile, BLACK, 0.1))
        for column in range(int(stage.wide / step) + 1):
            board.box(
                column * step + step / 2 * (row % 2), row * step, max(1.0, short * 0.004), step, mix(tile, BLACK, 0.1)
            )
    middle = stage.wide / 2
    _open_window(stage, board, middle - short * 0.2, high * 0.2, short * 0.4, high * 0.2)
    wood = palette.lit("5f8a7f")
    for x in (-0.72, 0.3):
        board.box(middle + x * short, high * 0.16, short * 0.42, high * 0.17, wood, round_by=4)
        board.box(middle + x * short + short * 0.2, high * 0.17, short * 0.012, high * 0.15, mix(wood, BLACK, 0.3))
    rail = high * 0.5
    board.box(middle - short * 0.5, rail, short, short * 0.012, palette.lit("6a5a4a"))
    for place in range(5):
        x, size = middle + short * (-0.4 + place * 0.2), short * stage.chance(0.03, 0.055)
        board.stroke([(x, rail), (x, rail + short * 0.06)], short * 0.008, palette.lit("8a8f98"))
        board.oval(x, rail + short * 0.06 + size, size, size, palette.lit(("b0653f", "6f7682", "c89a4f")[place % 3]))
    stage.hang(board.done(), upper=0, depth=0.35)
    counter = stage.board(0.72, 1.0)
    deep = 0.28 * high
    counter.box(0, 0, stage.wide, short * 0.05, palette.lit("f3ead8"))
    counter.box(0, short * 0.05, stage.wide, short * 0.014, palette.lit("a98f6f"))
    counter.ramp(
        [(0, short * 0.06), (stage.wide, short * 0.06), (stage.wide, deep), (0, deep)], wood, mix(wood, BLACK, 0.4)
    )
    for place in range(int(stage.wide / short / 0.36) + 1):
        x = place * short * 0.36
        counter.box(x + short * 0.02, short * 0.1, short * 0.32, deep, mix(wood, WHITE, 0.08), round_by=4)
        counter.box(x + short * 0.14, short * 0.125, short * 0.08, short * 0.012, palette.lit("d8b46a"), round_by=2)
    stage.hang(counter.done(), upper=0.72, depth=0.6)


def show(stage: Stage) -> None:
    palette, short, high = stage.palette, stage.short, stage.height
    dark = mix(palette.washed(hexed("2a1240")), BLACK, 0.25)
    stage.layers.append(
        Layer(
            stage.sprite(
                vertical(
                    (round(stage.wide), high),
                    (mix(dark, BLACK, 0.5), dark, mix(dark, palette.washed(hexed("b03f8f")), 0.5)),
                )
            ),
            -stage.room * 1.3,
            0,
            0.1,
        )
    )
    for place in range(6):
        tone = palette.washed(hexed(NEON[place % 5]))
        wide = short * 0.34
        board = Board(wide * 2, high * 0.84, scale=1)
        board.polygon(
            [
                (wide * 0.95, 0),
                (wide * 1.05, 0),
                (wide * (1.5 + 0.1 * place), high * 0.84),
                (wide * (0.5 + 0.1 * place), high * 0.84),
            ],
            tone,
        )
        beam = board.done().filter(ImageFilter.GaussianBlur(short * 0.008))
        beam.putalpha(beam.getchannel("A").point(lambda level: round(level * 0.3)))
        stage.layers.append(
            Layer(
                stage.sprite(beam, rough=False),
                (place / 5) * stage.width - wide,
                0,
                0.3,
                sway=short * 0.16,
                period=2.6 + place * 0.3,
                turn=place * 0.37,
            )
        )
    floor = stage.board(0.76, 1.0)
    deep = 0.24 * high
    floor.ramp(
        [(0, 0), (stage.wide, 0), (stage.wide, deep), (0, deep)],
        mix(dark, palette.washed(hexed("ff6fb0")), 0.55),
        mix(dark, BLACK, 0.3),
    )
    for place in range(12):
        x = (place / 11 - 0.5) * stage.wide
        floor.stroke(
            [(stage.wide / 2 + x * 0.6, 0), (stage.wide / 2 + x * 1.6, deep)], short * 0.003, mix(dark, WHITE, 0.24)
        )
    stage.hang(floor.done(), upper=0.76, depth=0.7)
    crowd = stage.board(0.86, 1.04)
    for place in range(30):
        x, size = place / 29 * stage.wide, short * stage.chance(0.03, 0.045)
        y = 0.1 * high + stage.chance(-1, 1) * short * 0.03
        crowd.oval(x, y, size, size * 1.1, mix(dark, BLACK, 0.75))
        crowd.box(x - size * 1.4, y + size * 0.9, size * 2.8, high * 0.2, mix(dark, BLACK, 0.75), round_by=size)
        if place % 3 == 0:
            crowd.stroke([(x + size, y + size), (x + size * 2, y - size * 2.4)], size * 0.5, mix(dark, BLACK, 0.75))
    stage.hang(crowd.done(), upper=0.86, depth=1.2, rise=short * 0.008, period=0.6)


@dataclass(frozen=True)
class Place:
    """A setting: how to build it, and where in it things stand, float and fly (shares of the height)."""

    build: Callable[[Stage], None]
    ground: tuple[float, float]
    water: float = 0.0
    air: tuple[float, float] = (0.14, 0.5)
    is_weightless: bool = False
    is_indoors: bool = False


PLACES: Mapping[str, Place] = {
    "beach": Place(landscapes.beach, (0.86, 0.95), water=0.64),
    "lake": Place(landscapes.lake, (0.89, 0.96), water=0.68),
    "mountains": Place(landscapes.mountains, (0.82, 0.93)),
    "forest": Place(landscapes.forest, (0.87, 0.95), air=(0.2, 0.55)),
    "field": Place(landscapes.field, (0.84, 0.94)),
    "desert": Place(landscapes.desert, (0.86, 0.95)),
    "sky": Place(landscapes.clouds, (0.72, 0.86), air=(0.16, 0.62), is_weightless=True),
    "city": Place(city, (0.85, 0.94)),
    "street": Place(street, (0.85, 0.94)),
    "space": Place(space, (0.5, 0.7), air=(0.2, 0.7), is_weightless=True),
    "moon": Place(moon, (0.84, 0.93)),
    "underwater": Place(underwater, (0.88, 0.95), air=(0.2, 0.72), is_weightless=True),
    "room": Place(room, (0.84, 0.94), air=(0.25, 0.5), is_indoors=True),
    "kitchen": Place(kitchen, (0.735, 0.75), air=(0.3, 0.5), is_indoors=True),
    "stage": Place(show, (0.84, 0.9), is_indoors=True),
}
