"""Plants of the scenery: palms, pines, trunks, ferns, reeds and round trees."""

import math

from sora_social.studio.providers.preview.drawing import Board
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, mix
from sora_social.studio.providers.preview.stage import Layer, Stage, contrast_ink


def palm(stage: Stage, *, side: int) -> None:
    high, ink = stage.height * 0.62, contrast_ink(stage.palette)
    board = Board(high * 0.9, high)
    root, crown = (high * (0.45 - side * 0.3), high * 1.02), (high * 0.45, high * 0.24)
    board.stroke([root, (high * (0.45 - side * 0.2), high * 0.6), crown], high * 0.026, ink)
    for leaf in range(9):
        turn = math.pi * (0.08 + leaf / 8 * 0.98) + math.pi
        reach = high * 0.38
        tip = (
            crown[0] + reach * math.cos(turn),
            crown[1] + reach * 0.45 * math.sin(turn) + reach * 0.5 * abs(math.cos(turn)) ** 2,
        )
        arch = ((crown[0] + tip[0]) / 2, min(crown[1], tip[1]) - high * 0.035)
        drop = ((crown[0] + tip[0]) / 2, (crown[1] + tip[1]) / 2 + high * 0.035)
        board.polygon([crown, arch, tip, drop], mix(ink, stage.palette.lit("3f7f4f"), 0.12 * (leaf % 3)))
    x = -high * 0.5 if side < 0 else stage.width - high * 0.42
    stage.layers.append(
        Layer(stage.sprite(board.done()), x, stage.height * 0.42, 1.25, sway=stage.short * 0.006, period=3.4)
    )


def pines(stage: Stage, rim: list[float], *, base: float, size: float, depth: float, colour: Colour, count: int,
           snowy: bool = False, edges: bool = False) -> None:  # fmt: skip
    top = base - size * 1.7
    board = stage.board(top, base + 0.04)
    for _ in range(count):
        place = stage.chance(0, 1)
        if edges:
            place = place * 0.28 if stage.pick(2) else 1 - place * 0.28
        x, high = place * stage.wide, size * stage.height * stage.chance(0.7, 1.25)
        foot = rim[min(int(place * len(rim)), len(rim) - 1)] - top * stage.height + high * 0.06
        tone = mix(colour, WHITE if stage.pick(2) else BLACK, stage.chance(0, 0.1))
        for tier in range(4):
            y, half = foot - high * (0.12 + tier * 0.2), high * (0.27 - tier * 0.055)
            board.polygon([(x - half, y), (x, y - high * 0.34), (x + half, y)], mix(tone, BLACK, 0.05 * (3 - tier)))
            if snowy:
                board.polygon(
                    [(x - half * 0.62, y - high * 0.13), (x, y - high * 0.34), (x + half * 0.62, y - high * 0.13)],
                    mix(tone, stage.palette.lit("ffffff"), 0.8),
                )
    stage.hang(board.done(), upper=top, depth=depth)


def trunks(stage: Stage, *, count: int, wide: float, depth: float, colour: Colour, leaf: Colour, foot: float) -> None:
    board = stage.board(0, foot + 0.03)
    for place in range(count):
        x = (place + stage.chance(0.15, 0.85)) / count * stage.wide
        half, lean = wide * stage.short * stage.chance(0.7, 1.2), stage.chance(-1, 1) * stage.short * 0.03
        ground, root = foot * stage.height, (foot + 0.03) * stage.height
        right = [(x + half * 0.7 + lean, 0), (x + half, ground), (x + half * 1.7, root)]
        left = [(x - half * 1.7, root), (x - half, ground), (x - half * 0.7 + lean, 0)]
        board.polygon([*right, *left], mix(colour, BLACK, stage.chance(0, 0.12)))
        for _ in range(3):
            size = stage.short * stage.chance(0.06, 0.13)
            board.oval(
                x + stage.chance(-1.6, 1.6) * size,
                stage.chance(-0.02, 0.2) * stage.height,
                size,
                size * 0.7,
                mix(leaf, BLACK, stage.chance(0, 0.22)),
            )
    stage.hang(board.done(), upper=0, depth=depth)


def ferns(stage: Stage) -> None:
    ink = contrast_ink(stage.palette)
    board = stage.board(0.82, 1.02)
    for _ in range(26):
        x = stage.chance(0, 1) * stage.wide
        high = stage.height * stage.chance(0.05, 0.12) * (0.5 + abs(x / stage.wide - 0.5) * 1.4)
        for leaf in range(5):
            turn = math.pi * (1.12 + leaf * 0.19)
            tip = (x + high * math.cos(turn), stage.height * 0.2 + high * math.sin(turn) * 1.1)
            foot = stage.height * 0.2
            bend = ((x + tip[0]) / 2 - high * 0.05, (foot + tip[1]) / 2 - high * 0.1)
            tone = mix(ink, stage.palette.lit("3f8f4f"), 0.16 * (leaf % 3))
            board.polygon([(x - high * 0.07, foot), bend, tip, (x + high * 0.07, foot)], tone)
    stage.hang(board.done(), upper=0.82, depth=1.25, sway=stage.short * 0.005, period=3)


def reeds(stage: Stage, *, bloom: bool = False) -> None:
    ink = mix(contrast_ink(stage.palette), stage.palette.lit("3f7f3f"), 0.45 if bloom else 0.2)
    board = stage.board(0.84, 1.02)
    foot = 0.18 * stage.height
    for _ in range(90):
        x = stage.chance(0, stage.wide)
        high = stage.height * stage.chance(0.03, 0.11) * (0.35 + abs(x / stage.wide - 0.5) * 1.7)
        lean = stage.chance(-0.3, 0.3) * high
        board.polygon(
            [(x - stage.short * 0.007, foot), (x + lean, foot - high), (x + stage.short * 0.007, foot)],
            mix(ink, BLACK, stage.chance(0, 0.3)),
        )
    stage.hang(board.done(), upper=0.84, depth=1.25, sway=stage.short * 0.006, period=2.6)


def round_trees(stage: Stage, rim: list[float], *, count: int) -> None:
    top = 0.5
    board = stage.board(top, 0.85)
    for _ in range(count):
        place = stage.chance(0, 1)
        x, size = place * stage.wide, stage.short * stage.chance(0.035, 0.075)
        foot = rim[min(int(place * len(rim)), len(rim) - 1)] - top * stage.height
        board.stroke([(x, foot + size * 0.3), (x, foot - size)], size * 0.24, stage.palette.lit("6a4a36", 0.15))
        leaf = stage.palette.lit("4f9a4f", 0.12)
        for dx, dy, shade in ((-0.6, 1.2, 0.22), (0.6, 1.25, 0.12), (0, 1.9, 0.0), (0, 1.2, 0.1)):
            board.oval(x + dx * size, foot - dy * size, size * 0.95, size * 0.85, mix(leaf, BLACK, shade))
    stage.hang(board.done(), upper=top, depth=0.5)
