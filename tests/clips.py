"""Real video files for tests, made in a moment."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image


def write_video(
    path: Path,
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 96),
    fps: int = 8,
    container: str = "mp4",
    moving: bool = True,
    bright: int = 120,
    loud: float = 0.2,
    seed: int = 0,
    codec: str = "libx264",
) -> Path:
    """H.264 and AAC in MP4: a bar that travels over a plain ground, and a tone."""
    width, height = size
    rate = 44_100
    with av.open(str(path), "w", format=container) as out:
        video = out.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        sound = out.add_stream("aac", rate=rate, layout="mono")
        for index in range(round(seconds * fps)):
            picture = np.full((height, width, 3), bright, np.uint8)
            if moving:
                place = (index * 7 + seed * 3) % max(1, height - 8)
                picture[place : place + 8] = min(255, bright + 110)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        t = np.arange(round(seconds * rate)) / rate
        wave = (loud * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
        for start in range(0, len(wave), 1024):
            chunk = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
            chunk.sample_rate, chunk.pts = rate, start
            out.mux(sound.encode(chunk))
        out.mux(sound.encode(None))
    return path


def write_poster(path: Path) -> Path:
    Image.new("RGB", (64, 96), "teal").save(path, "JPEG")
    return path


def remux(source: Path, target: Path, *, container: str) -> Path:
    """The same coded pictures and sound in another container, without metadata."""
    with av.open(str(source)) as old, av.open(str(target), "w", format=container) as new:
        tracks = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                new.mux(packet)
    return target
