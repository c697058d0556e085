"""The one way in for files: look inside under caps, believe nothing that a name, a type or a header says.

A video is opened through our own file object with a demuxer that its first bytes choose: a playlist that calls itself
`.mp4` is not understood, and nothing inside a file can make us read another file or fetch an address. An upload is
measured before it is decoded, and decoded under limits of pixels, frames, pixel rate and time. A picture is always
re-encoded, so that nothing but its pixels is kept.
"""

import hashlib
import io
import secrets
import struct
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from PIL import Image, ImageOps

from sora_social.core.errors import DomainError
from sora_social.media import manifests
from sora_social.media.manifests import Statement
from sora_social.media.models import Clip, Picture

MAX_IMAGE_PIXELS = 25_000_000
MAX_IMAGE_BYTES = 12 * 1024 * 1024
MAX_CAPTIONS_BYTES = 100_000
PICTURE_LONG_EDGE = 2048
_LOOKS = 24  # frames looked at closely in a video
_BLACK_LUMA = 32.0  # of 255: a hundredth of one picture must be brighter
_FROZEN_CHANGE = 0.02  # of 255, mean change between frames that were looked at
_SILENT_PEAK = 0.001  # of full scale: -60 dB
_MPEG4, _MATROSKA = "mov", "matroska"

Fault = Literal["black", "frozen", "silent", "length"]


class UploadRejected(DomainError):
    """The file is not what may be stored here; `detail` says what is wrong with it."""

    status = 422
    code = "upload_rejected"
    title = "This file cannot be used"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, errors={"file": [{"code": reason, "message": detail}]})
        self.reason = reason


@dataclass(frozen=True)
class Caps:
    """How large a video may be before anything of it is decoded, and while it is."""

    size_bytes: int
    seconds: float = 65.0
    pixels: int = 1920 * 1088
    frames: int = 4_000
    pixels_per_second: int = 1920 * 1088 * 61
    work_seconds: float = 8.0


@dataclass(frozen=True)
class VideoFacts:
    """What was found in a video by reading all of it. Durations come from its packets, not from its header."""

    container: str
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    duration_ms: int
    frame_count: int
    size_bytes: int
    stream_sha256: str
    is_black: bool
    is_frozen: bool
    is_silent: bool

    def faults(self, *, seconds: float, tolerance: float = 0.5) -> tuple[Fault, ...]:
        """Why a clip of `seconds` is not fit to be shown; empty when it is."""
        found: dict[Fault, bool] = {
            "black": self.is_black,
            "frozen": self.is_frozen,
            "silent": self.is_silent,
            "length": abs(self.duration_ms / 1000 - seconds) > tolerance,
        }
        return tuple(name for name, is_so in found.items() if is_so)


def upload_caps() -> Caps:
    return Caps(size_bytes=settings.UPLOAD_MAX_BYTES)


# videos


def probe_video(source: Path | IO[bytes], *, caps: Caps | None = None) -> VideoFacts:
    """Read a whole video under caps. Raises UploadRejected.

    `stream_sha256` is the hash of the coded pictures: it survives a change of container, of metadata and of sound.
    """
    limits = caps or upload_caps()
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _probe(file, limits)
    return _probe(source, limits)


def _probe(file: IO[bytes], caps: Caps) -> VideoFacts:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise UploadRejected("empty", "The file is empty.")
    if size > caps.size_bytes:
        raise UploadRejected("too_large", f"At most {caps.size_bytes // 2**20} MB.")
    demuxer = _demuxer_of(file.read(16))
    file.seek(0)
    options = {"protocol_whitelist": "", "format_whitelist": "mov,mp4,matroska,webm", "max_pixels": str(caps.pixels)}
    try:
        with av.open(
            file, "r", format=demuxer, options=options, metadata_errors="replace", timeout=caps.work_seconds
        ) as container:
            return _Reading(container, caps, demuxer, size).facts()
    except UploadRejected:
        raise
    except (av.error.FFmpegError, ValueError, IndexError, OverflowError, MemoryError, EOFError) as error:
        raise UploadRejected("unreadable", "This is not a video that can be read to its end.") from error


def _demuxer_of(head: bytes) -> str:
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return _MPEG4
    if head[:4] == b"\x1aE\xdf\xa3":
        return _MATROSKA
    raise UploadRejected("unknown_format", "Only MP4, MOV, MKV and WebM videos are read here.")


class _Reading:
    """One pass over a video: count and hash every packet, look at some pictures, hear all of the sound."""

    def __init__(self, container: InputContainer, caps: Caps, demuxer: str, size: int) -> None:
        self.caps, self.demuxer, self.size = caps, demuxer, size
        self.container = container
        self.deadline = time.monotonic() + caps.work_seconds
        if len(container.streams) > 8 or not container.streams.video:
            raise UploadRejected("no_picture", "The file needs one picture track.")
        self.video: VideoStream = container.streams.video[0]
        self.audio: AudioStream | None = container.streams.audio[0] if container.streams.audio else None
        self._require_small(self.video.codec_context.width, self.video.codec_context.height)
        self.hash = hashlib.sha256()
        self.frames = 0
        self.span: list[float] = []
        self.looks: list[np.ndarray] = []
        self.peak = 0.0
        declared = self.video.frames or self._declared_seconds() * float(self.video.average_rate or 30)
        self.stride = max(1, int(declared) // _LOOKS)

    def _declared_seconds(self) -> float:
        return (self.container.duration or 0) / av.time_base

    def _require_small(self, width: int, height: int) -> None:
        if width < 16 or height < 16:
            raise UploadRejected("too_small", "The picture is smaller than 16 pixels.")
        if width * height > self.caps.pixels:
            raise UploadRejected("too_many_pixels", f"{width}x{height} is more than this service takes.")

    def _require_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise UploadRejected("too_slow", "Reading this file takes too long.")

    def facts(self) -> VideoFacts:
        tracks = [self.video, self.audio] if self.audio is not None else [self.video]
        for packet in self.container.demux(*tracks):
            self._require_time()
            if packet.stream is self.video:
                if packet.size:
                    self._count(packet)
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        self._look(frame)
            else:
                self._hear(packet)
        if not self.looks:
            raise UploadRejected("no_picture", "No picture in this file can be decoded.")
        duration = self._duration()
        changes = [float(np.abs(one - other).mean()) for one, other in zip(self.looks, self.looks[1:], strict=False)]
        return VideoFacts(
            container=self.demuxer,
            video_codec=self.video.codec_context.name,
            audio_codec=self.audio.codec_context.name if self.audio is not None else None,
            width=self.video.codec_context.width,
            height=self.video.codec_context.height,
            duration_ms=round(duration * 1000),
            frame_count=self.frames,
            size_bytes=self.size,
            stream_sha256=self.hash.hexdigest(),
            is_black=max(float(np.percentile(look, 99)) for look in self.looks) < _BLACK_LUMA,
            is_frozen=not changes or max(changes) < _FROZEN_CHANGE,
            is_silent=self.peak < _SILENT_PEAK,
        )

    def _count(self, packet: "av.Packet[Any]") -> None:
        self.frames += 1
        if self.frames > self.caps.frames:
            raise UploadRejected("too_many_frames", f"More than {self.caps.frames} pictures.")
        self.hash.update(memoryview(packet))
        if packet.pts is not None and packet.time_base is not None:
            start = float(packet.pts * packet.time_base)
            self.span += [start, start + float((packet.duration or 0) * packet.time_base)]
            self.span = [min(self.span), max(self.span)]
            if self.span[1] - self.span[0] > self.caps.seconds:
                raise UploadRejected("too_long", f"Longer than {self.caps.seconds:.0f} s.")
        if self.frames % 64 == 0 or self.frames == 1:
            rate = self.frames / max(self.span[1] - self.span[0], 1.0) if self.span else 0.0
            if rate * self.video.codec_context.width * self.video.codec_context.height > self.caps.pixels_per_second:
                raise UploadRejected("too_many_pixels", "More pixels per second than this service takes.")

    def _duration(self) -> float:
        """Seconds from the first picture to the end of the last; without times, counted by the frame rate."""
        seconds = self.span[1] - self.span[0] if self.span else 0.0
        rate = float(self.video.average_rate or 0)
        if seconds <= 0.0 and rate > 0:
            seconds = self.frames / rate
        if seconds <= 0.0:
            raise UploadRejected("no_length", "The file has no length.")
        return seconds

    def _look(self, frame: av.VideoFrame) -> None:
        self._require_small(frame.width, frame.height)
        if len(self.looks) < 4 * _LOOKS and self.frames % self.stride == 0:
            small = frame.reformat(width=48, height=48, format="gray")
            self.looks.append(small.to_ndarray().astype(np.float32))

    def _hear(self, packet: "av.Packet[Any]") -> None:
        for frame in cast("list[av.AudioFrame]", packet.decode()):
            self._require_time()
            samples = frame.to_ndarray()
            if samples.size:
                scale = 1.0 if samples.dtype.kind == "f" else float(np.iinfo(samples.dtype.str).max)
                self.peak = max(self.peak, float(np.abs(samples.astype(np.float32)).max()) / scale)


class BadClip(Exception):
    """A clip that was made is not fit to be kept: not what was ordered, or black, frozen, silent, of wrong length."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def store_clip(*, video: Path, poster: Path, captions: Path | None, seconds: float, statement: Statement) -> Clip:
    """Look at what was made, sign into it what it says of itself, and store it. Returns a Clip that is not saved yet:
    its row belongs to the transaction that uses it. Who does not save it calls `discard`.

    There is no other way into the storage for a clip, and none without a signature: signing is the last that happens
    to its bytes. What is signed is a file of our own around the coded pictures and sound: nothing else that a maker put
    into theirs is kept, neither words nor a manifest nor boxes that cost whoever reads them.

    Raises BadClip, also for a file that cannot be read: the makers are not trusted more than a stranger.
    """
    try:
        facts = probe_video(video)
        still = _clean_picture(poster.read_bytes())
        words = _clean_captions(captions.read_bytes()) if captions else None
    except UploadRejected as error:
        raise BadClip((error.reason,)) from error
    if facts.container != _MPEG4 or facts.video_codec != "h264" or facts.audio_codec != "aac":
        raise BadClip(("codec",))
    if faults := facts.faults(seconds=seconds):
        raise BadClip(faults)
    with tempfile.TemporaryDirectory(prefix="sora-sign-") as folder:
        packed, signed = Path(folder) / "packed.mp4", Path(folder) / "signed.mp4"
        _pack(video, packed)
        manifest_id = manifests.sign(packed, signed, statement)
        if _pictures_sha256(signed) != facts.stream_sha256:
            raise BadClip(("signing",))
        return _stored_clip(signed, still, words, facts, manifest_id)


def _pack(video: Path, target: Path) -> None:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with _opened(video) as old, av.open(str(target), "w", format="mp4", options=options) as new:
        tracks = {stream.index: new.add_stream_from_template(stream) for stream in _tracks(old)}
        for packet in old.demux(*_tracks(old)):
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                new.mux(packet)


def _pictures_sha256(video: Path) -> str:
    """`VideoFacts.stream_sha256`, without decoding anything."""
    found = hashlib.sha256()
    with _opened(video) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                found.update(memoryview(packet))
    return found.hexdigest()


@contextmanager
def _opened(video: Path) -> Iterator[InputContainer]:
    """An MP4 that was probed, through our own file object: nothing in it opens another file or an address."""
    with video.open("rb") as file, av.open(file, "r", format=_MPEG4, options={"protocol_whitelist": ""}) as container:
        yield container


def _tracks(container: InputContainer) -> list[VideoStream | AudioStream]:
    return [container.streams.video[0], *container.streams.audio[:1]]


def _stored_clip(video: Path, still: "_Still", words: bytes | None, facts: VideoFacts, manifest_id: str) -> Clip:
    clip = Clip(
        video_key=_key("clips", "mp4"),
        poster_key=_key("posters", "jpg"),
        captions_key=_key("captions", "vtt") if words is not None else "",
        width=facts.width,
        height=facts.height,
        duration_ms=facts.duration_ms,
        size_bytes=video.stat().st_size,
        stream_sha256=facts.stream_sha256,
        manifest_id=manifest_id,
    )
    try:
        with video.open("rb") as file:
            default_storage.save(clip.video_key, File(file))
        default_storage.save(clip.poster_key, ContentFile(still.as_jpeg()))
        if words is not None:
            default_storage.save(clip.captions_key, ContentFile(words))
    except BaseException:
        discard(clip)
        raise
    return clip


def discard(clip: Clip) -> None:
    """Remove a clip's files. May be repeated."""
    discard_files((clip.video_key, clip.poster_key, clip.captions_key))


def fetch_video(clip: Clip, target: Path) -> Path:
    """Copy a stored video to a local file, for a maker that needs it."""
    return fetch_file(clip.video_key, target)


def _key(kind: str, ending: str) -> str:
    """A random name: what a file holds, or whose it is, cannot be told from it."""
    name = secrets.token_hex(16)
    return f"{kind}/{name[:2]}/{name}.{ending}"


def _clean_captions(raw: bytes) -> bytes:
    if len(raw) > MAX_CAPTIONS_BYTES:
        raise UploadRejected("captions", "The captions are too long.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadRejected("captions", "The captions are not UTF-8.") from error
    if not text.startswith("WEBVTT") or "\0" in text:
        raise UploadRejected("captions", "The captions are not WebVTT.")
    return text.encode()


# likenesses: what a cameo is enrolled with, and the portrait made of it


def store_recording(source: IO[bytes]) -> str:
    """Keep the recording of an enrolment as it came. Only its size and its first bytes are looked at: the checks that
    follow read all of it, elsewhere. Returns its key; who does not keep the key calls `discard_files`.

    Raises UploadRejected.
    """
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if size == 0:
        raise UploadRejected("empty", "The file is empty.")
    if size > settings.UPLOAD_MAX_BYTES:
        raise UploadRejected("too_large", f"At most {settings.UPLOAD_MAX_BYTES // 2**20} MB.")
    demuxer = _demuxer_of(source.read(16))
    source.seek(0)
    return _stored(_key("enrolments", "mp4" if demuxer == _MPEG4 else "webm"), File(source))


def store_likeness(source: IO[bytes]) -> str:
    """Keep the picture that a character is enrolled with, re-encoded. Returns its key. Raises UploadRejected."""
    source.seek(0)
    still = _clean_picture(_read_at_most(source, MAX_IMAGE_BYTES))
    return _stored(_key("enrolments", "jpg"), ContentFile(still.as_jpeg()))


def store_portrait(jpeg: bytes) -> str:
    """Keep the portrait of a cameo, re-encoded. Returns its key. Raises UploadRejected."""
    return _stored(_key("portraits", "jpg"), ContentFile(_clean_picture(jpeg).as_jpeg()))


def _stored(key: str, file: "File[bytes]") -> str:
    try:
        default_storage.save(key, file)
    except BaseException:  # half a file is no file
        default_storage.delete(key)
        raise
    return key


def fetch_file(key: str, target: Path) -> Path:
    """Copy a stored file to a local one, for a check that needs it. Raises FileNotFoundError."""
    with default_storage.open(key, "rb") as source, target.open("wb") as local:
        for chunk in source.chunks(1024 * 1024):
            local.write(chunk)
    return target


def discard_files(keys: Iterable[str]) -> None:
    """Remove stored files for good. May be repeated."""
    for key in keys:
        if key:
            default_storage.delete(key)


# pictures


class _Still:
    """A decoded picture, upright, without anything but its pixels."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    def as_jpeg(self) -> bytes:
        return self._encoded(self.image.convert("RGB"), "JPEG", quality=88)

    def as_png(self) -> bytes:
        return self._encoded(self.image, "PNG")

    @staticmethod
    def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
        target = io.BytesIO()
        image.save(target, kind, **options)
        return target.getvalue()


def store_picture(source: IO[bytes], *, owner_id: int) -> Picture:
    """Keep a still: re-encoded, upright, at most 2048 pixels long. Raises UploadRejected."""
    still = _clean_picture(_read_at_most(source, MAX_IMAGE_BYTES))
    is_clear = still.image.mode == "RGBA"
    body = still.as_png() if is_clear else still.as_jpeg()
    key = _key("pictures", "png" if is_clear else "jpg")
    default_storage.save(key, ContentFile(body))
    return Picture.objects.create(
        owner_id=owner_id,
        key=key,
        mime="image/png" if is_clear else "image/jpeg",
        width=still.image.width,
        height=still.image.height,
        size_bytes=len(body),
    )


def _read_at_most(source: IO[bytes], limit: int) -> bytes:
    raw = source.read(limit + 1)
    if len(raw) > limit:
        raise UploadRejected("too_large", f"At most {limit // 2**20} MB.")
    return raw


def _clean_picture(raw: bytes) -> _Still:
    if not raw:
        raise UploadRejected("empty", "The file is empty.")
    if len(raw) > MAX_IMAGE_BYTES:
        raise UploadRejected("too_large", f"At most {MAX_IMAGE_BYTES // 2**20} MB.")
    try:
        # the size is in the header: refused before a pixel is decoded; Pillow's own limit comes far too late
        with Image.open(io.BytesIO(raw), formats=_IMAGES) as image:
            _require_decodable(image)
            if image.format == "JPEG":
                image.draft("RGB", (PICTURE_LONG_EDGE, PICTURE_LONG_EDGE))
            upright = ImageOps.exif_transpose(image)
            return _Still(_small(upright))
    except UploadRejected:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UploadRejected("too_many_pixels", "At most 25 megapixels.") from error
    except _BROKEN_IMAGE as error:
        raise UploadRejected("unreadable", "This is not a JPEG, PNG or WebP picture that can be read.") from error


def _require_decodable(image: Image.Image) -> None:
    if image.width * image.height > MAX_IMAGE_PIXELS:
        raise UploadRejected("too_many_pixels", "At most 25 megapixels.")
    if min(image.size) < 16:
        raise UploadRejected("too_small", "The picture is smaller than 16 pixels.")


_IMAGES = ("JPEG", "PNG", "WEBP")
_BROKEN_IMAGE = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, struct.error, MemoryError)


def _small(image: Image.Image) -> Image.Image:
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    plain = image.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((PICTURE_LONG_EDGE, PICTURE_LONG_EDGE))
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean
