"""The preview renderer turns words into clips, and marks every one of them."""

import builtins
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sora_social.studio.providers.preview.footage import UnreadableSource
from sora_social.studio.providers.preview.lettering import Lettering
from sora_social.studio.providers.preview.mark import Mark
from sora_social.studio.providers.preview.planes import Canvas
from sora_social.studio.providers.preview.reading import read_prompt
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

Frames = NDArray[np.uint8]
Render = Callable[..., Rendered]


@pytest.fixture
def make(tmp_path: Path) -> Render:
    """Render a tiny one-second clip in a directory of its own."""
    made: list[Rendered] = []

    def _make(prompt: str, **changes: Any) -> Rendered:
        recipe = replace(Recipe(prompt, seconds=1, seed=3, maker_handle="ada", short_edge=120), **changes)
        made.append(render(recipe, directory=tmp_path / str(len(made)), on_progress=lambda _share: None))
        return made[-1]

    return _make


def frames_of(clip: Rendered) -> Frames:
    """All frames, shape (frames, height, width, 3), RGB uint8."""
    with av.open(str(clip.video)) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])


def sound_of(clip: Rendered) -> NDArray[np.float32]:
    with av.open(str(clip.video)) as file:
        return np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])


def difference(one: Frames, other: Frames) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def scenery(frames: Frames) -> Frames:
    """The lower middle, where neither mark nor title comes in the first second."""
    height = frames.shape[1]
    return frames[:, height // 3 : height * 3 // 4]


@pytest.mark.parametrize(
    ("orientation", "size"), [("portrait", (120, 214)), ("landscape", (214, 120)), ("square", (120, 120))]
)
def test_a_clip_is_h264_and_aac_of_the_asked_size_and_length(make, orientation, size):
    clip = make("a cat on the beach", orientation=orientation, seconds=2)
    with av.open(str(clip.video)) as file:
        video, sound = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.name, video.pix_fmt, sound.codec_context.name) == ("h264", "yuv420p", "aac")
        assert (video.width, video.height) == (clip.width, clip.height) == size
        assert abs(video.frames - 48) <= 1
        assert sound.duration * sound.time_base == pytest.approx(2, abs=0.1)
    assert clip.duration_ms == 2000
    assert Image.open(clip.poster).size == size
    head = clip.video.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_night_is_darker_than_noon(make):
    night, noon = (frames_of(make(f"a city street at {hour}")).mean() for hour in ("night", "noon"))
    assert night < noon * 0.6


def test_a_colour_word_colours_the_picture(make):
    plain, red = (frames_of(make(f"{colour} mountains")) for colour in ("quiet", "red"))
    redness = [frames[..., 0].mean() - frames[..., 2].mean() for frames in (plain, red)]
    assert redness[1] > redness[0] + 30


def test_places_subjects_styles_and_unknown_words_all_change_the_picture(make):
    base = scenery(frames_of(make("a cat on the beach")))
    for prompt in ("a cat in the forest", "a whale on the beach", "a cat on the beach, zorblatt"):
        assert difference(base, scenery(frames_of(make(prompt)))) > 1.5, prompt
    for style in STYLES[1:]:
        assert difference(base, scenery(frames_of(make("a cat on the beach", style=style)))) > 1.5, style


def test_chinese_words_are_understood_like_english_ones():
    english, chinese = (
        read_prompt("three cats dancing by the sea at sunset in the snow"),
        read_prompt("三只猫在海边跳舞，夕阳，下雪"),
    )
    assert (chinese.setting, chinese.time, chinese.weathers) == (english.setting, english.time, english.weathers)
    assert chinese.subjects == english.subjects


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_picture_moves_under_every_camera(make, camera):
    frames = scenery(frames_of(make("a dog running in a field", camera=camera)))
    assert difference(frames[2], frames[-1]) > 1.0


def test_what_is_not_wanted_is_left_out():
    meaning = read_prompt("a cat and a dog on a rainy beach", negative="dog, rain")
    assert [subject.kind for subject in meaning.subjects] == ["cat"]
    assert meaning.weathers == ()


def test_the_same_recipe_gives_the_same_frames_and_another_seed_others(make):
    one, same, other = (frames_of(make("a robot in the rain", seed=seed)) for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    assert difference(one, other) > 2


@pytest.mark.parametrize("style", ["none", "film", "pixel"])
def test_every_frame_carries_the_mark_and_it_moves(make, style):
    clip = make("a quiet field at noon", style=style, seconds=3)
    frames, mark = frames_of(clip), Mark("ada", (clip.width, clip.height))
    places = set()
    for index in (0, len(frames) // 2, len(frames) - 1):
        x, y = mark.place(index / 24)
        probe = Canvas.blank((clip.width, clip.height))
        mark.burn(probe, index / 24)
        letters = np.asarray(probe.y) > 120
        pill = np.zeros_like(letters)
        pill[y + 2 : y + mark.size[1] - 2, x + 4 : x + mark.size[0] - 4] = True
        grey = frames[index].mean(axis=2)
        assert grey[letters].mean() > grey[pill & ~letters].mean() + 35
        places.add((x, y))
    assert len(places) == 3


def test_the_mark_wanders_far_in_a_long_clip_and_stays_inside():
    mark = Mark("a_very_long_handle_of_thirty_ch", (480, 854))
    places = np.array([mark.place(t / 4) for t in range(64)])
    assert places.min() >= 0
    assert (places + mark.size <= (480, 854)).all()
    assert np.ptp(places, axis=0)[1] > 400


def test_quoted_lines_are_heard_captioned_and_written_as_vtt(make):
    pytest.importorskip("espeakng_loader")
    clip, silent = make("a robot at night says “Hello, world”", seconds=3), make("a robot at night", seconds=3)
    assert clip.has_speech
    assert clip.captions is not None
    lines = clip.captions.read_text().split("\n")
    assert lines[0] == "WEBVTT"
    assert lines[3] == "Hello, world"
    start, end = (float(stamp[-6:]) for stamp in lines[2].split(" --> "))
    assert 0 <= start < end <= 3
    spoken = slice(int(start * 44_100), int(end * 44_100))
    heard = sound_of(clip)
    assert np.square(heard[spoken]).mean() > 3 * np.square(heard[int((end + 0.2) * 44_100) :]).mean()
    assert np.square(heard[spoken]).mean() > 1.5 * np.square(sound_of(silent)[spoken]).mean()
    assert silent.captions is None
    assert not silent.has_speech
    foot = frames_of(clip)[:, -30:-8]
    assert (foot[int((start + end) / 2 * 24)] > 170).sum() > (foot[70] > 170).sum() + 60


def test_without_the_voice_a_clip_still_renders_with_captions(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    clip = make('a cat says 「你好，世界」 and "I\'m Añá"', seconds=2)
    assert not clip.has_speech
    assert clip.captions is not None
    assert "你好，世界" in clip.captions.read_text(encoding="utf-8")
    assert len(frames_of(clip)) == 48


def test_a_script_without_letters_is_never_drawn_as_boxes():
    lettering = Lettering()
    assert lettering.drawable("你好，世界") == ""
    assert lettering.drawable("مرحبا") == ""
    assert lettering.drawable("Ça va, Zoë? 🙂") == "Ca va, Zoe?"


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("moment", [0.0, 0.4, 1.0])
def test_an_error_from_progress_stops_the_work_and_leaves_no_file(tmp_path, moment):
    def stop(share: float) -> None:
        if share >= moment:
            raise StoppedError

    with pytest.raises(StoppedError):
        render(Recipe("a cat says “hi”", 1, short_edge=120), directory=tmp_path, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_grows_to_one(tmp_path):
    heard: list[float] = []
    render(Recipe("a cat", 2, short_edge=120), directory=tmp_path, on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) >= 6


HOSTILE = [
    "",
    "\x00\x00",
    "\ud800 lone",
    "🦄🔥👩‍👩‍👧‍👦" * 200,
    "\u202e\u0627\u0644\u0642\u0637\u0629 “\u202eشكرا”",
    "“" * 1000,
    '"" “ ” 「」',
    "9" * 2000,
    "a" * 5000,
    "“" + "x" * 399 + "”",
    "<script>alert(1)</script> %s {0} \\ \n\r\t",
    "“<speak><break time='9s'/></speak> --> &”",
    "“" + "e" + "\u0301" * 300 + "”",
    "999999999 cats, -1 dogs, 七百只猫",
]


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_at_all_gives_a_clip(make, prompt):
    clip = make(prompt, fps=8, maker_handle=prompt[:50], negative_prompt=prompt, cast=(Portrait(prompt[:50]),))
    assert len(frames_of(clip)) == 8


def test_a_storyboard_shows_its_shots_in_order(make):
    clip = make("a cat", seconds=2, shots=(Shot("at night in the city", 3), Shot("on the beach at noon", 3)))
    frames = frames_of(clip)
    assert frames[5].mean() < frames[-2].mean() * 0.7


def test_a_stitch_shows_and_sounds_like_both_sources_in_order(make):
    red, blue = make("a red desert at sunset"), make("blue sea, waves")
    clip = make("", seconds=2, sources=tuple(SourceClip(source.video, "stitch") for source in (red, blue)))
    frames = frames_of(clip)
    assert len(frames) == 48
    assert difference(frames[10], frames_of(red)[10]) < 12
    assert difference(frames[-4], frames_of(blue)[-4]) < 12
    assert np.abs(sound_of(clip)[5_000:80_000]).max() > 0.02


def test_an_extension_starts_from_the_last_frame_of_its_source(make):
    source = make("a robot in the city at night")
    frames = frames_of(make("on a beach at noon", sources=(SourceClip(source.video, "extend"),)))
    last = frames_of(source)[-1]
    assert difference(frames[0], last) < 12
    assert difference(frames[-1], last) > 30


def test_a_remix_keeps_the_scene_of_its_source_and_applies_the_new_words(make):
    prompt, changed = "a cat in the mountains", "add a dragon"
    source = make(prompt, seed=3)
    with_words = make(changed, seed=99, sources=(SourceClip(source.video, "remix", prompt=prompt, seed=3),))
    with_frames = make(changed, seed=99, sources=(SourceClip(source.video, "remix"),))
    alone = make(changed, seed=99)
    before = frames_of(source)
    for remix in (with_words, with_frames):
        assert 0.5 < difference(before, frames_of(remix)) < 0.7 * difference(before, frames_of(alone))


def test_a_remix_at_night_is_the_same_place_at_night(make):
    prompt = "a cat in the mountains at noon"
    source = make(prompt)
    remix = make("now at night", sources=(SourceClip(source.video, "remix", prompt=prompt, seed=3),))
    assert frames_of(remix).mean() < frames_of(source).mean() * 0.6


@pytest.mark.parametrize("kind", ["remix", "stitch", "extend"])
@pytest.mark.parametrize("content", [None, b"", b"not a film"])
def test_a_source_that_cannot_be_read_is_refused_and_leaves_nothing(tmp_path, kind, content):
    path = tmp_path / "source.mp4"
    if content is not None:
        path.write_bytes(content)
    out = tmp_path / "out"
    with pytest.raises(UnreadableSource):
        render(
            Recipe("x", 1, short_edge=120, sources=(SourceClip(path, kind),)),
            directory=out,
            on_progress=lambda _share: None,
        )
    assert list(out.iterdir()) == []


def test_the_cast_is_shown_with_portrait_or_initial_and_a_broken_picture_does_no_harm(make, tmp_path):
    face, broken = tmp_path / "face.png", tmp_path / "broken.png"
    Image.new("RGB", (64, 64), (255, 0, 255)).save(face)
    broken.write_bytes(b"no picture")
    cast = (Portrait("Bo", face), Portrait("Cy"), Portrait("Di", broken))
    frame, plain = (frames_of(make("a green field", cast=shown))[12].astype(int) for shown in (cast, ()))

    def magenta(picture: NDArray[np.int_]) -> int:
        return int(((picture[..., 0] > 180) & (picture[..., 1] < 90) & (picture[..., 2] > 180)).sum())

    assert magenta(frame) > 100
    assert magenta(plain) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": 16},
        {"style": "vhs"},
        {"camera": "drone"},
        {"orientation": "round"},
        {"short_edge": 10_000},
    ],
)
def test_what_is_not_published_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        replace(Recipe("x", 5), **wrong)


def test_the_renderer_needs_no_django(make, monkeypatch):
    real = builtins.__import__

    def without_django(name: str, *rest: Any) -> Any:
        assert not name.startswith("django")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_django)
    assert make("a cat").video.exists()


def test_a_remix_without_lines_of_its_own_keeps_those_of_its_source(make):
    prompt = "a cat says “good evening”"
    source = make(prompt, seconds=2)
    remix = make("now in the snow", seconds=2, sources=(SourceClip(source.video, "remix", prompt=prompt, seed=3),))
    assert "good evening" in remix.captions.read_text()
