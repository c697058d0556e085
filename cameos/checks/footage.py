"""Pictures and sound of a video that `probe_video` has read to its end and accepted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image

from sora_social.media.intake import VideoFacts

HEARING_RATE = 16_000
MAX_SECONDS = 15.0
LOOKS = 12
_LONG_EDGE = 960
_LOOK_SECONDS, _LISTEN_SECONDS = 2.0, 1.5  # of work
_BROKEN = (av.error.FFmpegError, ValueError, IndexError, OverflowError, MemoryError, EOFError)


def look(video: Path, facts: VideoFacts) -> list[Image.Image]:
    """Up to 12 upright RGB pictures spread over a video, at most 960 pixels long.

    Fewer where the video breaks or decodes slowly; then they are from its beginning.
    """
    pictures: list[Image.Image] = []
    stride = max(1, facts.frame_count // LOOKS)
    deadline = time.monotonic() + _LOOK_SECONDS
    try:
        with _opened(video, facts) as container:
            for number, frame in enumerate(container.decode(container.streams.video[0])):
                if len(pictures) == LOOKS or time.monotonic() > deadline:
                    break
                if number % stride == stride // 2:
                    pictures.append(_upright(frame))
    except _BROKEN:
        pass  # what was seen before counts; the checks say how little it was
    return pictures


def _upright(frame: av.VideoFrame) -> Image.Image:
    """Phones store a portrait lying on its side, with the angle beside it."""
    scale = min(1.0, _LONG_EDGE / max(frame.width, frame.height))
    small = frame.reformat(max(2, round(frame.width * scale)), max(2, round(frame.height * scale)), "rgb24")
    picture = Image.fromarray(small.to_ndarray())
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


def listen(video: Path, facts: VideoFacts) -> NDArray[np.int16]:
    """The first 15 s of sound, mono at 16 kHz; less where the sound breaks or decodes slowly."""
    resampler = av.AudioResampler("s16", "mono", HEARING_RATE)
    heard: list[NDArray[np.int16]] = []
    wanted, deadline = round(MAX_SECONDS * HEARING_RATE), time.monotonic() + _LISTEN_SECONDS
    try:
        with _opened(video, facts) as container:
            for frame in container.decode(container.streams.audio[0]):
                heard += [part.to_ndarray()[0] for part in resampler.resample(frame)]
                if sum(part.size for part in heard) >= wanted or time.monotonic() > deadline:
                    break
    except _BROKEN:
        pass  # as above
    return np.concatenate(heard)[:wanted] if heard else np.zeros(0, np.int16)


@contextmanager
def _opened(video: Path, facts: VideoFacts) -> Iterator[InputContainer]:
    """The file through our own object and with the demuxer its first bytes chose, as in `media.intake`."""
    options = {"protocol_whitelist": "", "format_whitelist": "mov,mp4,matroska,webm"}
    with (
        video.open("rb") as file,
        av.open(
            file, "r", format=facts.container, options=options, metadata_errors="replace", timeout=_LOOK_SECONDS
        ) as container,
    ):
        yield container
