"""The examination of an enrolment: every check that a machine can make, in the order of their cost.

A broken, black, still or silent file fails here. Whether it is the person who asked is never settled by a machine:
what cannot be told is undecided, and undecided goes to a person.
"""

import struct
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from cameos.checks.faces import View, best_of, views_of
from cameos.checks.findings import Examination, Finding, KnownFace, Verdict, engine
from cameos.checks.footage import LOOKS, MAX_SECONDS, listen, look
from cameos.checks.likeness import likeness, likeness_of_whole
from cameos.checks.speech import spoken_numbers
from sora_social.media.intake import (
    MAX_IMAGE_BYTES,
    MAX_IMAGE_PIXELS,
    PICTURE_LONG_EDGE,
    Caps,
    UploadRejected,
    VideoFacts,
    probe_video,
    upload_caps,
)

_MIN_SECONDS = 3.0
_TOLERANCE = 0.1  # seconds: a recorder stops a frame or two early or late
_WORK_SECONDS = 4.0  # to read all of it; looking, listening and judging take as long again at most
_STILL, _LIVELY = 0.25, 0.6
"""Of 255, median change between neighbouring looks at 16x16. Measured: a photo held still 0.0, with camera noise of 4
to 12 levels 0.2, of 20 levels 0.4; recordings of eight drawn faces 1.1 to 2.8. A photo that is shaken in the hand
moves as much as a person: that is what the turn of the head is asked for."""
_SMALLEST_EDGE = 64
_BROKEN_IMAGE = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, struct.error, MemoryError)
_TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
_FACES = f"faces {engine('opencv-python-headless')}/1"
_NO_DETECTOR = "No face detector is installed here."


def examine_recording(
    video: Path, *, numbers: Sequence[int], head_turn: str, known: Iterable[KnownFace]
) -> Examination:
    """Check a person's recording against the challenge: the numbers to speak and the side to turn to.

    `known` are the faces that others have enrolled. Never raises for what is in the file. At best it is undecided:
    the turn of the head is always left to a person, so that a person sees every human enrolment.
    """
    try:
        facts = probe_video(video, caps=_caps())
    except UploadRejected as refusal:
        return Examination((_refused(refusal),))
    findings = [_container(facts), _duration(facts), _sound(facts)]
    if _has_failed(findings):
        return Examination(tuple(findings))
    pictures = look(video, facts)
    findings.insert(2, _picture(facts, pictures))
    if _has_failed(findings):
        return Examination(tuple(findings))
    views, has_detector = _views(pictures)
    alike = likeness(views, known)
    findings += [
        spoken_numbers(listen(video, facts), numbers),
        _one_face(views, has_detector=has_detector),
        _head_turn(head_turn),
        alike.finding,
    ]
    portrait = best_of(views).portrait() if views else None
    return Examination(tuple(findings), alike.template, portrait, alike.similar_to)


def examine_picture(picture: Path, *, known: Iterable[KnownFace]) -> Examination:
    """Check the picture of a character: a pet, a toy, a drawing.

    A photo is never a way in for a human face: a person looks at every one, so at best it is undecided. `known` are
    the pictures and faces that others have enrolled. Never raises for what is in the file.
    """
    readable, still = _opened(picture)
    if still is None:
        return Examination((readable,))
    views, has_detector = _views([still, *(still.transpose(turn) for turn in _TURNS)])
    alike = likeness_of_whole(still, known)
    findings = (readable, _human_face(views, has_detector=has_detector), alike.finding)
    return Examination(findings, alike.template, View(still).portrait(), alike.similar_to)


def _caps() -> Caps:
    """An upload's caps, and no more work than an enrolment is worth."""
    return replace(upload_caps(), seconds=MAX_SECONDS + _TOLERANCE, work_seconds=_WORK_SECONDS)


def _has_failed(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict is Verdict.FAIL for finding in findings)


def _checked(name: str, *, is_good: bool, good: str, bad: str) -> Finding:
    return Finding(name, f"{name} 1", Verdict.PASS if is_good else Verdict.FAIL, good if is_good else bad)


# recordings


def _refused(refusal: UploadRejected) -> Finding:
    if refusal.reason == "too_long":
        return _checked("duration", is_good=False, good="", bad=f"It is longer than {MAX_SECONDS:.0f} seconds.")
    return _checked("container", is_good=False, good="", bad=str(refusal))


def _container(facts: VideoFacts) -> Finding:
    return _checked("container", is_good=True, good=f"A video that can be read: {facts.video_codec}.", bad="")


def _duration(facts: VideoFacts) -> Finding:
    seconds = facts.duration_ms / 1000
    fits = _MIN_SECONDS - _TOLERANCE <= seconds <= MAX_SECONDS + _TOLERANCE
    lasts = f"It lasts {seconds:.1f} seconds"
    asked = f"asked are {_MIN_SECONDS:.0f} to {MAX_SECONDS:.0f}"
    return _checked("duration", is_good=fits, good=f"{lasts}.", bad=f"{lasts}; {asked}.")


def _sound(facts: VideoFacts) -> Finding:
    if facts.audio_codec is None:
        return _checked("sound", is_good=False, good="", bad="It has no sound.")
    return _checked("sound", is_good=not facts.is_silent, good="It has sound.", bad="Its sound is silent.")


def _picture(facts: VideoFacts, pictures: Sequence[Image.Image]) -> Finding:
    """Not black, and not a photo held still: judged by the change between neighbouring looks, light set aside."""
    if facts.is_black:
        return _checked("picture", is_good=False, good="", bad="The picture is black.")
    small = [np.asarray(picture.convert("L").resize((16, 16)), np.float32) for picture in pictures]
    level = [one - one.mean() for one in small]
    changes = [float(np.abs(one - other).mean()) for one, other in pairwise(level)]
    change = float(np.median(changes)) if changes else 0.0
    is_seen_to_its_end = len(pictures) >= min(LOOKS, facts.frame_count)
    if facts.is_frozen or (is_seen_to_its_end and change < _STILL):
        return _checked("picture", is_good=False, good="", bad="The picture does not move.")
    if change < _LIVELY:
        return Finding("picture", "picture 1", Verdict.UNDECIDED, "The picture hardly moves; it may be a photo.")
    return _checked("picture", is_good=True, good="The picture is bright and moves.", bad="")


def _one_face(views: Sequence[View], *, has_detector: bool) -> Finding:
    """One face in most pictures. None, or several, is for a person: faces may be drawn, masked or on a wall."""
    if not has_detector:
        return Finding("one_face", _FACES, Verdict.UNDECIDED, _NO_DETECTOR)
    ones, several = sum(len(view.faces) == 1 for view in views), sum(len(view.faces) > 1 for view in views)
    is_one = 2 * ones > len(views) and 6 * several <= len(views)
    seen = f"One face was found in {ones} of {len(views)} pictures, several in {several}."
    return Finding("one_face", _FACES, Verdict.PASS if is_one else Verdict.UNDECIDED, seen)


def _head_turn(side: str) -> Finding:
    """Always left to a person in this version."""
    return Finding("head_turn", "head_turn 1", Verdict.UNDECIDED, f"Left to a person: turn to the {side}.")


# pictures of characters


def _opened(path: Path) -> tuple[Finding, Image.Image | None]:
    """The picture upright, on white where it is clear, at most 2048 pixels long; None when it cannot be used."""
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is far below Pillow's
            if path.stat().st_size > MAX_IMAGE_BYTES or image.width * image.height > MAX_IMAGE_PIXELS:
                return _checked("picture", is_good=False, good="", bad="The picture is too large."), None
            if min(image.size) < _SMALLEST_EDGE:
                return _checked("picture", is_good=False, good="", bad="The picture is too small."), None
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, *_BROKEN_IMAGE):
        bad = "This is not a JPEG, PNG or WebP picture that can be read."
        return _checked("picture", is_good=False, good="", bad=bad), None
    upright.thumbnail((PICTURE_LONG_EDGE, PICTURE_LONG_EDGE))
    still = Image.new("RGB", upright.size, "white")
    still.paste(upright, (0, 0), upright)
    return _checked("picture", is_good=True, good="A picture that can be read.", bad=""), still


def _human_face(views: Sequence[View], *, has_detector: bool) -> Finding:
    """Always left to a person: the detector misses faces that are askew, in profile, or half covered."""
    if not has_detector:
        seen = _NO_DETECTOR
    elif any(view.faces for view in views):
        seen = "There may be a human face in it. A person should look."
    else:
        seen = "No upright human face was found in it. Left to a person: one may be askew."
    return Finding("human_face", _FACES, Verdict.UNDECIDED, seen)


# both


def _views(pictures: Sequence[Image.Image]) -> tuple[list[View], bool]:
    """The pictures with the faces in them, and whether a face detector is installed."""
    try:
        return views_of(pictures), True
    except ImportError:
        return [View(picture) for picture in pictures], False
