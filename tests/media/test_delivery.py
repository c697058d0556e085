"""The one way out: bytes and ranges of them, of a fixed type, from a folder or from an object store."""

import http.client
import time
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import RequestFactory

from sora_social.core.errors import NotFound
from sora_social.media import delivery
from sora_social.media.models import Clip

BODY = bytes(range(256)) * 1000


@pytest.fixture
def clip(db, media_folder) -> Clip:
    return stored_clip()


def stored_clip() -> Clip:
    default_storage.save("clips/ab/abc.mp4", ContentFile(BODY))
    return Clip.objects.create(
        video_key="clips/ab/abc.mp4",
        poster_key="posters/none.jpg",
        width=1,
        height=1,
        duration_ms=1,
        size_bytes=len(BODY),
        stream_sha256="0",
    )


def get(clip, name="video.mp4", verb="get", **headers):
    request = getattr(RequestFactory(), verb)(
        "/media", headers={key.replace("_", "-"): v for key, v in headers.items()}
    )
    return delivery.deliver(request, clip, name)


def body(answer) -> bytes:
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return data


def test_a_file_is_streamed_in_pieces_with_its_fixed_type(clip):
    answer = get(clip)
    assert answer.status_code == 200
    assert answer.streaming
    first = next(iter(answer.streaming_content))
    assert len(first) <= 64 * 1024
    assert first + b"".join(answer.streaming_content) == BODY
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Length"] == str(len(BODY))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.close()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=255990-", 255_990, 255_999),
        ("bytes=255990-999999999", 255_990, 255_999),
        ("bytes=-10", 255_990, 255_999),
        ("bytes=-999999999", 0, 255_999),
        ("bytes=0-", 0, 255_999),
    ],
)
def test_a_range_is_answered_with_just_that(asked, first, last, clip):
    answer = get(clip, Range=asked)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/256000"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == BODY[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=999999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(asked, clip):
    answer = get(clip, Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */256000")


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=0-1,4-5", "bytes=-", "lines=1-2", "bytes=a-b", "x", f"bytes={'9' * 40}-"]
)
def test_a_range_that_is_none_is_ignored(asked, clip):
    answer = get(clip, Range=asked)
    assert (answer.status_code, body(answer)) == (200, BODY)


def test_head_tells_all_but_the_bytes(clip):
    answer = get(clip, verb="head")
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, "256000", b"")
    answer = get(clip, verb="head", Range="bytes=0-9")
    assert (answer.status_code, answer["Content-Length"]) == (206, "10")


def test_who_reads_slowly_reads_no_longer_than_a_link_lives(clip, monkeypatch, settings):
    monkeypatch.setattr(delivery, "_CHUNK", 10)
    answer = get(clip)
    pieces = iter(answer.streaming_content)
    assert next(pieces)
    later = time.monotonic() + settings.MEDIA_LINK_SECONDS + 1
    monkeypatch.setattr(delivery.time, "monotonic", lambda: later)
    assert list(pieces) == []


def test_what_is_there_already_is_not_sent_again(clip):
    etag = get(clip)["ETag"]
    assert clip.video_key not in etag
    assert get(clip, If_None_Match=etag).status_code == 304
    assert get(clip, If_Range=etag, Range="bytes=0-9").status_code == 206
    assert get(clip, If_Range='"other"', Range="bytes=0-9").status_code == 200


@pytest.mark.parametrize("name", ["captions.vtt", "poster.jpg", "abc.mp4", "../../secret", ""])
def test_a_file_that_is_not_there_is_not_found(name, clip):
    with pytest.raises(NotFound):
        get(clip, name)


# an object store


@pytest.fixture(scope="module")
def object_store():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_store, settings, monkeypatch):
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    boto3.client("s3", endpoint_url=object_store, region_name="us-east-1").create_bucket(Bucket="media")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": "media",
                "endpoint_url": object_store,
                "region_name": "us-east-1",
                "querystring_expire": 60,
                "file_overwrite": False,
                "default_acl": None,
                "signature_version": "s3v4",
                "addressing_style": "path",
            },
        },
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_object_store_is_redirected_to_for_a_minute_at_most(db, bucket):
    clip = stored_clip()
    answer = get(clip)
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "private, no-store"
    assert "X-Amz-Expires=60" in answer["Location"]
    address = urlsplit(answer["Location"])
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("GET", f"{address.path}?{address.query}", headers={"Range": "bytes=10-19"})
    got = connection.getresponse()
    assert (got.status, got.read(), got.headers["Content-Type"]) == (206, BODY[10:20], "video/mp4")
    connection.close()
    address = urlsplit(get(clip, verb="head")["Location"])
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("HEAD", f"{address.path}?{address.query}")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_clip_goes_into_an_object_store_and_comes_back(db, bucket, tmp_path):
    from sora_social.media import intake, manifests
    from tests import cast
    from tests.clips import write_poster, write_video

    video = write_video(tmp_path / "v.mp4", seconds=1)
    clip = intake.store_clip(
        video=video, poster=write_poster(tmp_path / "p.jpg"), captions=None, seconds=1, statement=cast.statement()
    )
    assert intake.fetch_video(clip, tmp_path / "back.mp4").stat().st_size == clip.size_bytes
    with default_storage.open(clip.video_key) as file:
        assert manifests.read(file, expected=clip.manifest_id).state == "valid"
    intake.discard(clip)
    assert not default_storage.exists(clip.video_key)
    with pytest.raises(FileNotFoundError):
        intake.fetch_video(clip, tmp_path / "gone.mp4")
