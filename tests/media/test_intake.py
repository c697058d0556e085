"""The one way in: what a file says of itself counts for nothing."""

import contextlib
import hashlib
import io
import resource
import socket
import struct
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sora_social.media import intake
from sora_social.media.intake import BadClip, Caps, UploadRejected
from sora_social.media.models import Picture
from tests import cast
from tests.clips import remux, write_poster, write_video

CAPS = Caps(size_bytes=8 * 2**20)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("clips") / "good.mp4", seconds=2)


def reason_of(data: bytes) -> str:
    with pytest.raises(UploadRejected) as refused:
        intake.probe_video(io.BytesIO(data), caps=CAPS)
    assert (refused.value.status, refused.value.code) == (422, "upload_rejected")
    assert refused.value.detail
    return refused.value.reason


def test_a_video_is_measured_by_its_packets(good):
    facts = intake.probe_video(good)
    assert (facts.container, facts.video_codec, facts.audio_codec) == ("mov", "h264", "aac")
    assert (facts.width, facts.height, facts.duration_ms, facts.frame_count) == (64, 96, 2000, 16)
    assert facts.size_bytes == good.stat().st_size
    assert facts.faults(seconds=2) == ()
    assert facts.faults(seconds=5) == ("length",)


def test_the_hash_of_the_coded_pictures_survives_another_container(good, tmp_path):
    facts = intake.probe_video(good)
    other = remux(good, tmp_path / "clip.mkv", container="matroska")
    assert intake.probe_video(other).container == "matroska"
    assert intake.probe_video(other).stream_sha256 == facts.stream_sha256
    twin = remux(good, tmp_path / "clip.mov", container="mov")
    assert hashlib.sha256(twin.read_bytes()).digest() != hashlib.sha256(good.read_bytes()).digest()
    assert intake.probe_video(twin).stream_sha256 == facts.stream_sha256
    assert intake.probe_video(write_video(tmp_path / "b.mp4", seconds=2, seed=5)).stream_sha256 != facts.stream_sha256


@pytest.mark.parametrize(
    ("fields", "fault"),
    [({"moving": False, "bright": 0}, "black"), ({"moving": False}, "frozen"), ({"loud": 0.0}, "silent")],
)
def test_black_frozen_and_silent_clips_are_told_apart(fields, fault, tmp_path):
    facts = intake.probe_video(write_video(tmp_path / "clip.mp4", seconds=2, **fields))
    assert fault in facts.faults(seconds=2)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:%d/secret.ts\n#EXT-X-ENDLIST\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 4096, "unknown_format"),
        (PLAYLIST % 1, "unknown_format"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "unknown_format"),
        (b"<?xml version='1.0'?><MPD></MPD>", "unknown_format"),
        (SVG, "unknown_format"),
        (b"\x7fELF" + b"\0" * 200, "unknown_format"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "unknown_format"),
        (b"\x1aE\xdf\xa3" + b"\0" * 2000, "unreadable"),
        (b"\0\0\0\x18ftypisom" + b"\xff" * 2000, "unreadable"),
        (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2avc1mp41" + PLAYLIST % 1, "unreadable"),
        (b"\0" * (9 * 2**20), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_s04_what_only_claims_to_be_a_video_is_refused_in_words(data, reason):
    assert reason_of(data) == reason


def test_s04_a_truncated_video_is_refused(good):
    whole = good.read_bytes()
    for share in (0.1, 0.5, 0.9):
        assert reason_of(whole[: int(len(whole) * share)]) in {"unreadable", "no_picture", "no_length"}


def test_s03_nothing_is_fetched_for_a_playlist_that_calls_itself_mp4(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.5)
        caught = []

        def listen():
            with contextlib.suppress(TimeoutError):
                caught.append(trap.accept())

        listener = threading.Thread(target=listen)
        listener.start()
        path = tmp_path / "innocent.mp4"
        path.write_bytes(PLAYLIST % trap.getsockname()[1])
        with pytest.raises(UploadRejected):
            intake.probe_video(path)
        listener.join()
    assert caught == []


def test_s04_a_video_that_declares_huge_pictures_costs_neither_memory_nor_time(good):
    data = bytearray(good.read_bytes())
    at = data.index(b"tkhd") + 4 + 76
    data[at : at + 8] = struct.pack(">II", 30_000 << 16, 30_000 << 16)
    entry = data.index(b"avc1", data.index(b"stsd")) + 4 + 24
    data[entry : entry + 4] = struct.pack(">HH", 30_000, 30_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    # the coded pictures say what they are, whatever the box around them claims
    facts = intake.probe_video(io.BytesIO(bytes(data)), caps=CAPS)
    assert (facts.width, facts.height) == (64, 96)
    assert time.monotonic() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_s04_pictures_beyond_the_cap_are_refused_before_they_are_decoded(tmp_path):
    big = write_video(tmp_path / "big.mp4", seconds=0.25, size=(2560, 1440))
    with pytest.raises(UploadRejected) as refused:
        intake.probe_video(big)
    assert refused.value.reason == "too_many_pixels"


@pytest.mark.parametrize(
    ("caps", "reason"),
    [
        (Caps(size_bytes=2**20, frames=10), "too_many_frames"),
        (Caps(size_bytes=2**20, seconds=1.0), "too_long"),
        (Caps(size_bytes=100), "too_large"),
        (Caps(size_bytes=2**20, pixels_per_second=1000), "too_many_pixels"),
        (Caps(size_bytes=2**20, work_seconds=0.0), "too_slow"),
    ],
)
def test_each_cap_holds(caps, reason, good):
    with pytest.raises(UploadRejected) as refused:
        intake.probe_video(good, caps=caps)
    assert refused.value.reason == reason


def test_a_length_written_into_the_header_is_not_believed(tmp_path):
    path = write_video(tmp_path / "long.mp4", seconds=6)
    data = bytearray(path.read_bytes())
    at = data.index(b"mvhd") + 4 + 16
    data[at : at + 4] = struct.pack(">I", 1)
    assert intake.probe_video(io.BytesIO(bytes(data)), caps=CAPS).duration_ms == 6000


# what makers hand over


def test_a_clip_is_stored_under_random_keys_and_discarded_without_a_trace(good, tmp_path, media_folder):
    captions = tmp_path / "a.vtt"
    captions.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")
    clip = intake.store_clip(
        video=good, poster=write_poster(tmp_path / "p.jpg"), captions=captions, seconds=2, statement=cast.statement()
    )
    assert clip._state.adding
    stored = sorted(path.relative_to(media_folder).as_posix() for path in media_folder.rglob("*") if path.is_file())
    assert stored == sorted([clip.video_key, clip.poster_key, clip.captions_key])
    video = media_folder / clip.video_key
    assert clip.size_bytes == video.stat().st_size > good.stat().st_size
    # signing leaves pictures and sound as they are
    assert clip.stream_sha256 == intake.probe_video(video).stream_sha256 == intake.probe_video(good).stream_sha256
    assert "good" not in clip.video_key
    intake.discard(clip)
    intake.discard(clip)
    assert not [path for path in media_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("fault", ["black", "length", "codec", "unknown_format", "captions", "poster"])
def test_a_clip_that_is_not_fit_is_not_stored(fault, good, tmp_path, media_folder):
    video, poster, captions, seconds = good, write_poster(tmp_path / "p.jpg"), None, 2
    if fault == "black":
        video = write_video(tmp_path / "v.mp4", seconds=2, moving=False, bright=0)
    elif fault == "length":
        seconds = 5
    elif fault == "codec":
        video = write_video(tmp_path / "v.mp4", seconds=2, codec="mpeg4")
    elif fault == "unknown_format":
        video = tmp_path / "v.mp4"
        video.write_bytes(PLAYLIST % 1)
    elif fault == "captions":
        captions = tmp_path / "c.vtt"
        captions.write_text("<script>")
    elif fault == "poster":
        poster.write_bytes(SVG)
    with pytest.raises(BadClip) as bad:
        intake.store_clip(video=video, poster=poster, captions=captions, seconds=seconds, statement=cast.statement())
    assert (fault if fault != "poster" else "unreadable") in bad.value.faults
    assert not media_folder.exists()


# pictures


def picture(kind: str, size=(64, 48), **options) -> bytes:
    out = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), size, "olive").save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_re_encoded(kind, db, media_folder):
    kept = intake.store_picture(io.BytesIO(picture(kind)), owner_id=1)
    assert (kept.mime, kept.width, kept.height) == ("image/jpeg", 64, 48)
    with Image.open(media_folder / kept.key) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


def test_nothing_but_pixels_is_kept_of_a_picture(db, media_folder):
    image = Image.new("RGB", (64, 32), "olive")
    exif = image.getexif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "home address"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"<script>alert(1)</script>")
    kept = intake.store_picture(io.BytesIO(out.getvalue() + b"<?php evil(); ?>PK\x03\x04"), owner_id=1)
    data = (media_folder / kept.key).read_bytes()
    assert (kept.width, kept.height) == (32, 64)
    assert not any(word in data for word in (b"home address", b"script", b"php", b"PK\x03\x04", b"Exif"))


def test_a_large_picture_is_made_smaller_and_a_clear_one_stays_clear(db):
    noise = np.random.default_rng(1).integers(0, 255, (8, 8, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((4000, 3000)).save(out, "JPEG")
    assert intake.store_picture(io.BytesIO(out.getvalue()), owner_id=1).width <= 2048
    assert intake.store_picture(io.BytesIO(picture("PNG", mode="RGBA")), owner_id=1).mime == "image/png"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (SVG, "unreadable"),
        (picture("GIF"), "unreadable"),
        (picture("BMP"), "unreadable"),
        (picture("TIFF"), "unreadable"),
        (picture("JPEG")[:200], "unreadable"),
        (picture("PNG")[:60], "unreadable"),
        (png_header(13_000, 13_000), "too_many_pixels"),
        (png_header(40_000, 40_000), "too_many_pixels"),
        (png_header(5_001, 5_000), "too_many_pixels"),
        (png_header(600, 600), "unreadable"),
        (picture("PNG", size=(4, 4)), "too_small"),
        (b"\xff\xd8\xff\xe0" + b"\0" * (13 * 2**20), "too_large"),
        (b"%PDF-1.7", "unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "unreadable"),
    ],
)
def test_s04_hostile_pictures_are_refused_and_leave_nothing(data, reason, db, media_folder):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UploadRejected) as refused:
        intake.store_picture(io.BytesIO(data), owner_id=1)
    assert refused.value.reason == reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
    assert not Picture.objects.exists()
    assert not media_folder.exists()
