"""Far and deep places: space, the face of the moon, the sea floor."""

import math

from PIL import ImageFilter

from sora_social.studio.providers.preview import landscapes
from sora_social.studio.providers.preview.drawing import Board, glow, vertical
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, hexed, mix
from sora_social.studio.providers.preview.stage import Layer, Stage


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
