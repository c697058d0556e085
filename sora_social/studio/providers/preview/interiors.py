"""Indoor places: a room, a kitchen, a stage."""

from PIL import ImageFilter

from sora_social.studio.providers.preview.drawing import Board, glow, vertical
from sora_social.studio.providers.preview.palette import BLACK, NEON, WHITE, Colour, hexed, mix
from sora_social.studio.providers.preview.stage import Layer, Stage, raise_sky


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


def _open_window(stage: Stage, board: Board, x: float, y: float, wide: float, high: float) -> None:  # noqa: PLR0917 - geometry reads by position
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
        left = middle + side * short
        upper, lower = [(left, high * 0.2), (left + 0.1 * short, high * 0.2)], left - 0.02 * lean * short
        curtain = [*upper, (lower + (0.1 - 0.01 * lean) * short, high * 0.6), (lower, high * 0.6)]
        board.ramp(curtain, palette.lit("e0907a"), palette.lit("b5604f"))
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
