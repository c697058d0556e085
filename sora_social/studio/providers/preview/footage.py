"""Footage: the pictures and sound of the clips a new one is made from. Read with limits, one frame at a time."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from sora_social.studio.providers.preview.planes import Canvas
from sora_social.studio.providers.preview.speech import RATE, Samples

MAX_BYTES = 200_000_000
MAX_EDGE = 2_048
MAX_SECONDS = 30.0


class UnreadableSource(ValueError):
    """The source is missing, broken, without a picture, or larger than any clip of ours."""


class Footage:
    """A source's moving picture, played over `seconds` from its beginning and fitted to `size`.

    Paint it with times that only grow. Past its end it stands still on its last frame.
    Raises UnreadableSource.
    """

    def __init__(self, path: Path, size: tuple[int, int], *, seconds: float) -> None:
        self._frames = _frames(path, seconds)
        self._size = size
        first = next(self._frames, None)
        if first is None:
            raise UnreadableSource(f"{path.name} has no picture")
        self._shown, self._next = _fitted(first[1], size), next(self._frames, None)

    def paint(self, canvas: Canvas, t: float) -> None:
        latest: VideoFrame | None = None
        while self._next is not None and self._next[0] <= t + 1e-6:
            latest, self._next = self._next[1], next(self._frames, None)
        if latest is not None:
            self._shown = _fitted(latest, self._size)
        canvas.take(self._shown)


def last_frame(path: Path, size: tuple[int, int]) -> Canvas:
    """The picture a source ends with. Raises UnreadableSource."""
    last: VideoFrame | None = None
    for _, frame in _frames(path, MAX_SECONDS):
        last = frame
    if last is None:
        raise UnreadableSource(f"{path.name} has no picture")
    return _fitted(last, size)


def soundtrack(path: Path, *, seconds: float) -> Samples:
    """The first `seconds` of a source's sound, mono at RATE; silence where it has none. Raises UnreadableSource."""
    track, filled = np.zeros(round(seconds * RATE), np.float32), 0
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    _require_small(path)
    try:
        with av.open(str(path)) as file:
            if not file.streams.audio:
                return track
            for frame in file.decode(file.streams.audio[0]):
                for part in resampler.resample(frame):
                    samples = part.to_ndarray().reshape(-1)[: track.size - filled]
                    track[filled : filled + samples.size] = samples
                    filled += samples.size
                if filled >= track.size:
                    break
    except (av.FFmpegError, OSError) as error:
        raise UnreadableSource(f"{path.name} cannot be read") from error
    fade = min(track.size, RATE // 10)
    track[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.nan_to_num(track)


def _frames(path: Path, seconds: float) -> Iterator[tuple[float, VideoFrame]]:
    _require_small(path)
    try:
        with av.open(str(path)) as file:
            if not file.streams.video:
                raise UnreadableSource(f"{path.name} has no picture")
            stream = file.streams.video[0]
            stream.thread_count = 1
            if max(stream.width, stream.height) > MAX_EDGE:
                raise UnreadableSource(f"{path.name} is too large")
            for frame in file.decode(stream):
                at = frame.time or 0.0
                if at > min(seconds, MAX_SECONDS):
                    return
                if max(frame.width, frame.height) > MAX_EDGE:
                    raise UnreadableSource(f"{path.name} is too large")
                yield at, frame
    except (av.FFmpegError, OSError) as error:
        raise UnreadableSource(f"{path.name} cannot be read") from error


def _require_small(path: Path) -> None:
    try:
        too_large = path.stat().st_size > MAX_BYTES
    except OSError as error:
        raise UnreadableSource(f"{path.name} is not there") from error
    if too_large:
        raise UnreadableSource(f"{path.name} is too large")


def _fitted(frame: VideoFrame, size: tuple[int, int]) -> Canvas:
    """The frame scaled to cover `size`, its middle kept."""
    scale = max(size[0] / frame.width, size[1] / frame.height)
    width, height = (
        max(own, 2 * round(edge * scale / 2)) for own, edge in zip(size, (frame.width, frame.height), strict=True)
    )
    pixels = frame.reformat(width=width, height=height, format="yuv420p").to_ndarray()
    left, upper = (width - size[0]) // 4 * 2, (height - size[1]) // 4 * 2
    chroma = pixels[height:].reshape(2, height // 2, width // 2)
    planes = [pixels[upper : upper + size[1], left : left + size[0]]]
    planes += [plane[upper // 2 : (upper + size[1]) // 2, left // 2 : (left + size[0]) // 2] for plane in chroma]
    return Canvas(*(Image.fromarray(np.ascontiguousarray(plane)) for plane in planes))
