"""Recordings and pictures as people bring them, the honest and the others, before the checks of enrolment."""

import random
import subprocess
import sys
import time
from fractions import Fraction
from io import BytesIO
from itertools import permutations
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from cameos import checks
from cameos.checks import KnownFace, Verdict
from cameos.checks.challenge import NUMBERS
from cameos.checks.speech import spoken_numbers
from sora_social.demo import faces
from sora_social.studio.providers.preview import speech
from tests.clips import remux, write_video

ROOT = Path(__file__).resolve().parents[2]
NUMBERS_ASKED = (47, 63, 71)
PASS, FAIL, UNDECIDED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED


def examine(video: Path, *, numbers=NUMBERS_ASKED, known=()) -> checks.Examination:
    return checks.examine_recording(video, numbers=numbers, head_turn="left", known=known)


def verdicts(examination: checks.Examination) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in examination.findings}


def failed(examination: checks.Examination) -> list[str]:
    """The names of what failed; and then nothing else is kept of the file."""
    assert examination.verdict is FAIL
    assert (examination.template, examination.portrait, examination.similar_to) == (None, None, ())
    return [finding.name for finding in examination.findings if finding.verdict is FAIL]


def write_still(path: Path, *, noise: float = 0.0, seconds: float = 4.0) -> Path:
    """A photo of a face held before the camera, with a voice over it."""
    rng = np.random.default_rng(1)
    head = faces._head(faces._Features.of("teen"), turn=0, mouth=0, is_blinking=False)
    photo = Image.new("RGB", head.size, "lightblue")
    photo.paste(head, (0, 0), head)
    pixels = np.asarray(photo, np.float32)
    pictures = [np.clip(pixels + rng.normal(0, noise, pixels.shape), 0, 255).astype(np.uint8) for _ in range(5)]
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=12, options={"preset": "ultrafast", "g": "24"})
        video.width, video.height, video.pix_fmt = *photo.size, "yuv420p"
        voice = out.add_stream("aac", rate=44_100, layout="mono")
        for number in range(round(seconds * 12)):
            frame = av.VideoFrame.from_ndarray(pictures[number % 5], format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 12)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        hum = np.sin(np.arange(round(seconds * 44_100)) * 0.03).astype(np.float32)[None] * 0.3
        heard = av.AudioFrame.from_ndarray(hum, format="fltp", layout="mono")
        heard.sample_rate, heard.pts = 44_100, 0
        out.mux(voice.encode(heard))
        out.mux(voice.encode(None))
    return path


def without_sound(source: Path, target: Path) -> Path:
    with av.open(str(source)) as old, av.open(str(target), "w", format="mp4") as new:
        track = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = track
                new.mux(packet)
    return target


def said(numbers, *, pitch: int = 0) -> np.ndarray:
    """A voice that says the numbers, mono at 16 kHz."""
    track = faces._spoken(numbers, pitch, 4.6)
    frame = av.AudioFrame.from_ndarray(track[None], format="fltp", layout="mono")
    frame.sample_rate = speech.RATE
    resampler = av.AudioResampler("s16", "mono", 16_000)
    return np.concatenate([part.to_ndarray()[0] for part in (*resampler.resample(frame), *resampler.resample(None))])


@pytest.fixture(scope="module")
def teen(tmp_path_factory) -> Path:
    return faces.record("teen", numbers=NUMBERS_ASKED, head_turn="left", directory=tmp_path_factory.mktemp("teen"))


@pytest.fixture(scope="module")
def examined(teen) -> checks.Examination:
    return examine(teen)


# a recording as it should be


def test_a_good_recording_passes_everything_but_what_a_person_must_see(examined):
    assert verdicts(examined) == {
        "container": PASS,
        "duration": PASS,
        "picture": PASS,
        "sound": PASS,
        "spoken_numbers": PASS,
        "one_face": PASS,
        "head_turn": UNDECIDED,
        "likeness": PASS,
    }
    assert examined.verdict is UNDECIDED
    assert examined.similar_to == ()
    assert len(examined.template) == 32
    turn = next(finding for finding in examined.findings if finding.name == "head_turn")
    assert turn.detail == "Left to a person: turn to the left."
    assert all(finding.version.endswith("1") and finding.detail.endswith(".") for finding in examined.findings)


def test_the_portrait_is_a_square_jpeg_of_the_face(examined):
    portrait = Image.open(BytesIO(examined.portrait))
    assert (portrait.format, portrait.size, portrait.mode) == ("JPEG", (512, 512), "RGB")
    assert not portrait.getexif()
    (view,) = checks.examining.views_of([portrait])
    assert len(view.faces) == 1
    assert view.faces[0].edge > 512 / 3


def test_a_recording_in_another_container_is_the_same(teen, examined, tmp_path):
    remuxed = examine(remux(teen, tmp_path / "teen.mkv", container="matroska"))
    assert verdicts(remuxed) == verdicts(examined)
    assert remuxed.template == examined.template


def test_a_phone_that_lies_on_its_side_sees_upright(teen, tmp_path):
    lying = tmp_path / "lying.mp4"
    with av.open(str(teen)) as old, av.open(str(lying), "w") as new:
        video = new.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
        for frame in old.decode(video=0):
            turned = av.VideoFrame.from_ndarray(np.rot90(frame.to_ndarray(format="rgb24")).copy(), format="rgb24")
            turned.pts, turned.time_base = frame.pts, frame.time_base
            new.mux(video.encode(turned))
        new.mux(video.encode(None))
    raw = lying.read_bytes()
    head = raw.index(b"tkhd") + 4
    matrix = head + 40  # version 0: after times, id, duration, layer, group and volume
    turn = b"".join(part.to_bytes(4, "big", signed=True) for part in (0, 65536, 0, -65536, 0, 0, 480 << 16, 0, 1 << 30))
    lying.write_bytes(raw[:matrix] + turn + raw[matrix + 36 :])
    facts = checks.examining.probe_video(lying)
    seen, upright = checks.footage.look(lying, facts), checks.footage.look(teen, checks.examining.probe_video(teen))
    assert seen[0].size == (480, 640)
    assert np.abs(np.asarray(seen[3], np.float32) - np.asarray(upright[3], np.float32)).mean() < 6


# recordings that fail


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("duration", {"seconds": 2}),
        ("duration", {"seconds": 16}),
        ("picture", {"bright": 0, "moving": False}),
        ("picture", {"moving": False}),
        ("sound", {"loud": 0.0}),
    ],
    ids=["too short", "too long", "black", "frozen", "silent"],
)
def test_what_no_person_needs_to_see_fails(name, options, tmp_path):
    assert failed(examine(write_video(tmp_path / "clip.mp4", **{"seconds": 4, **options}))) == [name]


@pytest.mark.parametrize("noise", [0.0, 12.0], ids=["plain", "with camera noise"])
def test_a_photo_held_still_fails(noise, tmp_path):
    assert failed(examine(write_still(tmp_path / "photo.mp4", noise=noise))) == ["picture"]


def test_a_photo_in_the_dark_is_for_a_person(tmp_path):
    examined = examine(write_still(tmp_path / "photo.mp4", noise=20.0))
    assert verdicts(examined)["picture"] is UNDECIDED
    assert examined.portrait is not None


def test_without_a_sound_track_it_fails(teen, tmp_path):
    examined = examine(without_sound(teen, tmp_path / "mute.mp4"))
    assert failed(examined) == ["sound"]
    assert [finding.detail for finding in examined.findings if finding.verdict is FAIL] == ["It has no sound."]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_truncated_file_fails_or_is_seen_by_a_person_but_never_raises(share, teen, tmp_path):
    raw = teen.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(raw[: round(len(raw) * share)])
    examined = examine(cut)
    assert examined.verdict is not PASS
    assert examined.verdict is FAIL or share > 0.5


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a video",
        bytes(5000),
        b"\0\0\0\x18ftypisom" + bytes(range(256)) * 40,
        b"\x1aE\xdf\xa3" + b"\xff" * 999,
    ],
    ids=["empty", "text", "zeros", "mp4 by name", "mkv by name"],
)
def test_garbage_fails_with_words(raw, tmp_path):
    path = tmp_path / "garbage.mp4"
    path.write_bytes(raw)
    examined = examine(path)
    assert failed(examined) == ["container"]
    assert examined.findings[0].detail


def test_a_file_with_flipped_bytes_never_raises(teen, tmp_path):
    raw, rng = np.frombuffer(teen.read_bytes(), np.uint8), np.random.default_rng(4)
    for number in range(4):
        broken = raw.copy()
        broken[rng.integers(200, raw.size, 60)] = rng.integers(0, 256, 60)
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(broken.tobytes())
        assert examine(path).verdict is not PASS


def test_a_large_clip_of_nothing_but_detail_is_examined_in_ten_seconds(tmp_path):
    rng = np.random.default_rng(2)
    tile = rng.integers(0, 256, (1080, 1920, 3), np.uint8)
    path = tmp_path / "dense.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=30)
        video.width, video.height, video.pix_fmt, video.bit_rate = 1920, 1080, "yuv420p", 6_000_000
        for number in range(90):
            frame = av.VideoFrame.from_ndarray(np.roll(tile, 16 * number, axis=1), format="rgb24")
            frame.pts, frame.time_base = number * 5, Fraction(1, 30)  # 90 pictures in 15 s
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    began = time.monotonic()
    assert examine(path).verdict is not PASS
    assert time.monotonic() - began < 10


# the challenge, and the numbers spoken


def test_a_challenge_is_easy_to_say_and_hard_to_guess():
    drawn = [checks.new_challenge(random.Random(seed)) for seed in range(200)]
    assert all(10 <= number <= 99 and number in NUMBERS for one in drawn for number in one.numbers)
    assert all(len(set(one.numbers)) == 3 for one in drawn)
    assert {one.head_turn for one in drawn} == {"left", "right"}
    assert len(set(drawn)) > 195
    assert checks.new_challenge(random.Random(1)) == checks.new_challenge(random.Random(1))
    assert checks.new_challenge() != checks.new_challenge()


def test_spoken_numbers_are_heard_right_or_not_at_all_taken_for_others():
    rng = random.Random(5)
    triples = [checks.new_challenge(rng).numbers for _ in range(20)]
    heard = [checks.speech._heard(said(numbers, pitch=place % 6)) for place, numbers in enumerate(triples)]
    right = sum(words in checks.speech._ways_to_say(numbers) for words, numbers in zip(heard, triples, strict=True))
    assert right >= 16
    for words, numbers in zip(heard, triples, strict=True):
        others = {order for triple in triples for order in permutations(triple)} - {numbers}
        others |= {(*numbers[:2], number) for number in NUMBERS if number != numbers[2]}
        assert not [other for other in others if words in checks.speech._ways_to_say(other)]


@pytest.mark.parametrize(
    ("asked", "verdict"), [((47, 63, 71), PASS), ((63, 47, 71), UNDECIDED), ((47, 63, 72), UNDECIDED)]
)
def test_other_numbers_than_those_asked_never_pass(asked, verdict):
    assert spoken_numbers(said(NUMBERS_ASKED), asked).verdict is verdict


@pytest.mark.parametrize("sound", ["nothing", "zeros", "noise"])
def test_where_nothing_is_said_nothing_is_heard_right(sound):
    rng = np.random.default_rng(0)
    samples = {"nothing": np.zeros(0), "zeros": np.zeros(60_000), "noise": rng.normal(0, 4000, 60_000)}[sound]
    assert spoken_numbers(samples.astype(np.int16), NUMBERS_ASKED).verdict is UNDECIDED


def test_digits_one_by_one_are_a_way_to_say_a_number():
    ways = checks.speech._ways_to_say((42, 70, 13))
    assert {"forty two seventy thirteen", "four two seven oh one three", "forty two seven zero thirteen"} <= ways


# faces


def test_no_face_is_for_a_person(tmp_path):
    examined = examine(write_video(tmp_path / "bar.mp4", seconds=4, size=(240, 320)))
    assert verdicts(examined)["one_face"] is UNDECIDED
    assert len(examined.portrait) > 500


def test_two_faces_are_for_a_person():
    head = faces._head(faces._Features.of("teen"), turn=0, mouth=0, is_blinking=False)
    both = Image.new("RGB", (960, 640), "lightblue")
    for left in (0, 480):
        both.paste(head, (left, 0), head)
    views = checks.examining.views_of([both] * 3)
    assert [len(view.faces) for view in views] == [2, 2, 2]
    assert checks.examining._one_face(views, has_detector=True).verdict is UNDECIDED


# likeness


def test_a_face_that_somebody_else_enrolled_is_for_a_person(examined, tmp_path):
    again = faces.record("teen", numbers=(38, 52, 75), head_turn="right", directory=tmp_path)
    known = [KnownFace(7, examined.template), KnownFace(8, bytes(32)), KnownFace(9, b"of another kind")]
    later = examine(again, numbers=(38, 52, 75), known=iter(known))
    assert verdicts(later)["likeness"] is UNDECIDED
    assert later.similar_to == (7,)


def test_faces_of_different_people_are_not_alike():
    """The heads alone, before one wall: closer to each other than recordings are."""
    shown = []
    for handle in ["ada", "bo", "cy", "dee", "teen", "kai", "lin", "noor", "ravi", "yuki", "uma", "sol"]:
        head = faces._head(faces._Features.of(handle), turn=0, mouth=0, is_blinking=False)
        wall = Image.new("RGB", head.size, faces.as_bytes(faces._Features.of(handle).wall))
        wall.paste(head, (0, 0), head)
        shown.append(wall)
    views = checks.examining.views_of(shown)
    templates = [checks.likeness.likeness([view], []).template for view in views]
    for place, view in enumerate(views):
        others = [KnownFace(number, known) for number, known in enumerate(templates) if number != place]
        assert checks.likeness.likeness([view], others).similar_to == ()
        assert checks.likeness.likeness([view], [KnownFace(place, templates[place])]).similar_to == (place,)


# without the engines


@pytest.mark.parametrize(
    ("module", "name"), [("cv2", "one_face"), ("pocketsphinx", "spoken_numbers"), ("imagehash", "likeness")]
)
def test_where_an_engine_is_missing_its_check_is_undecided_and_says_so(module, name, teen, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    examined = examine(teen)
    finding = next(finding for finding in examined.findings if finding.name == name)
    assert finding.verdict is UNDECIDED
    assert "installed" in finding.detail
    assert len(examined.portrait) > 500
    assert (examined.template is None) is (module == "imagehash")


def test_importing_the_checks_does_not_import_their_engines():
    code = (
        "import django, sys; django.setup(); import cameos.checks;"
        "print([name for name in ('cv2', 'pocketsphinx', 'imagehash', 'scipy', 'pywt') if name in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


# pictures of characters


@pytest.mark.parametrize(("handle", "figure"), [(handle, figure) for handle, _, figure, _ in faces.CATALOGUE])
def test_a_ready_made_character_passes_everything_but_what_a_person_must_see(handle, figure, tmp_path):
    examined = checks.examine_picture(faces.picture(handle, figure, directory=tmp_path), known=[])
    assert verdicts(examined) == {"picture": PASS, "human_face": UNDECIDED, "likeness": PASS}
    assert "No upright human face" in examined.findings[1].detail
    assert examined.verdict is UNDECIDED
    assert Image.open(BytesIO(examined.portrait)).size == (512, 512)
    again = checks.examine_picture(tmp_path / f"{handle}.png", known=[KnownFace(3, examined.template)])
    assert (again.verdict, again.similar_to) == (UNDECIDED, (3,))


def test_ready_made_characters_are_not_alike(tmp_path):
    drawn = [faces.picture(handle, figure, directory=tmp_path) for handle, _, figure, _ in faces.CATALOGUE]
    templates = [checks.examine_picture(path, known=[]).template for path in drawn]
    for place, path in enumerate(drawn):
        others = [KnownFace(number, known) for number, known in enumerate(templates) if number != place]
        assert checks.examine_picture(path, known=others).similar_to == ()


def test_a_photo_with_a_human_face_is_for_a_person(examined, tmp_path):
    path = tmp_path / "face.jpg"
    path.write_bytes(examined.portrait)
    assert verdicts(checks.examine_picture(path, known=[])) == {
        "picture": PASS,
        "human_face": UNDECIDED,
        "likeness": PASS,
    }


@pytest.mark.parametrize("turn", [25, 90, 180, 270])
def test_a_face_that_is_turned_is_for_a_person(turn, examined, tmp_path):
    path = tmp_path / "turned.png"
    Image.open(BytesIO(examined.portrait)).rotate(turn, expand=True).save(path)
    turned = checks.examine_picture(path, known=[])
    assert turned.verdict is UNDECIDED
    assert turn % 90 or "There may be a human face" in turned.findings[1].detail


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "CMYK"])
def test_a_picture_of_any_kind_of_colour_is_read(mode, tmp_path):
    path = tmp_path / ("picture.jpg" if mode == "CMYK" else "picture.png")
    Image.new("RGB", (300, 90), "teal").convert(mode).save(path)
    assert checks.examine_picture(path, known=[]).verdict is UNDECIDED


@pytest.mark.parametrize(
    "raw", [b"", b"GIF89a" + bytes(50), b"\x89PNG\r\n\x1a\n" + bytes(90), b"\xff\xd8\xff\xe0" + bytes(90)]
)
def test_a_broken_picture_fails_with_words(raw, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(raw)
    examined = checks.examine_picture(path, known=[])
    assert failed(examined) == ["picture"]
    assert examined.findings[0].detail.startswith("This is not a JPEG")


@pytest.mark.parametrize("size", [(20, 400), (5001, 5001)])
def test_a_picture_of_an_unfit_size_fails(size, tmp_path):
    path = tmp_path / "size.png"
    Image.new("L", size).save(path)
    assert failed(checks.examine_picture(path, known=[])) == ["picture"]


def test_a_picture_cut_short_fails(tmp_path):
    raw = faces.picture("cat", "pet", directory=tmp_path).read_bytes()
    (tmp_path / "cut.png").write_bytes(raw[: len(raw) // 2])
    assert failed(checks.examine_picture(tmp_path / "cut.png", known=[])) == ["picture"]


# the faces of the demo world


@pytest.mark.parametrize(("handle", "head_turn"), [("kai", "right"), ("vic", "left")])
def test_a_demo_enrolment_goes_to_a_person(handle, head_turn, tmp_path):
    began = time.process_time()
    video = faces.record(handle, numbers=(35, 46, 57), head_turn=head_turn, directory=tmp_path)
    assert time.process_time() - began < 10
    examined = checks.examine_recording(video, numbers=(35, 46, 57), head_turn=head_turn, known=[])
    assert examined.verdict is UNDECIDED
    assert FAIL not in verdicts(examined).values()


def test_without_a_voice_a_demo_enrolment_hums(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    examined = examine(faces.record("bo", numbers=NUMBERS_ASKED, head_turn="left", directory=tmp_path))
    assert verdicts(examined)["sound"] is PASS
    assert verdicts(examined)["spoken_numbers"] is UNDECIDED
    assert FAIL not in verdicts(examined).values()
