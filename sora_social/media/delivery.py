"""The one way out for files: bytes of a storage object, with ranges, of a type that we fix.

The file system is streamed from here; an object store gets a redirect to an address of its own that lives as long as
our links do. Nothing is kept by anybody on the way: the next request is asked again whether it may.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sora_social.core.errors import NotFound
from sora_social.core.problems import problem
from sora_social.media.models import Clip, Picture

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")
_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Part:
    """A file of the storage, and the type it is always sent as."""

    key: str
    mime: str

    @property
    def etag(self) -> str:
        """Keys are random and objects never change, so a hash of the key names the content without telling the key."""
        return f'"{hashlib.blake2b(self.key.encode(), digest_size=12, person=b"etag").hexdigest()}"'


def part_of(clip: Clip, name: str) -> Part | None:
    """One file of a clip, by the name that clients know it by."""
    parts = {
        "video.mp4": Part(clip.video_key, "video/mp4"),
        "poster.jpg": Part(clip.poster_key, "image/jpeg"),
        "captions.vtt": Part(clip.captions_key, "text/vtt; charset=utf-8"),
    }
    part = parts.get(name)
    return part if part is not None and part.key else None


def picture_part(picture: Picture) -> Part:
    return Part(picture.key, picture.mime)


def deliver(request: HttpRequest, clip: Clip, name: str) -> HttpResponseBase:
    """Answer with a file of a clip, by the name that clients know it by. Raises NotFound."""
    part = part_of(clip, name)
    if part is None:
        raise NotFound
    return send(request, part)


def send(request: HttpRequest, part: Part) -> HttpResponseBase:
    """Answer with a file, or the bytes of it that are asked for. Raises NotFound when the storage has it no more."""
    try:
        path = Path(default_storage.path(part.key))
    except NotImplementedError:  # an object store
        return _redirect(request, part)
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise NotFound from error
    answer = _answer(request, part, file)
    for name, value in _HEADERS.items():
        answer[name] = value
    answer["ETag"] = part.etag
    return answer


def _redirect(request: HttpRequest, part: Part) -> HttpResponseBase:
    asked = {"ResponseContentType": part.mime, "ResponseCacheControl": _HEADERS["Cache-Control"]}
    seconds = min(60, settings.MEDIA_LINK_SECONDS)
    presign: Any = default_storage.url  # the object store takes arguments of its own
    address = presign(
        part.key, parameters={} if request.method == "HEAD" else asked, expire=seconds, http_method=request.method
    )
    answer = HttpResponseRedirect(address)
    answer["Cache-Control"] = _HEADERS["Cache-Control"]
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _answer(request: HttpRequest, part: Part, file: IO[bytes]) -> HttpResponseBase:
    size = file.seek(0, 2)
    if request.headers.get("If-None-Match") == part.etag:
        file.close()
        return HttpResponse(status=304)
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", part.etag) != part.etag:
        wanted = ""
    form = _RANGE.fullmatch(wanted.strip())
    if form is None or _is_backwards(form):  # none, several, or not understood: all of it
        return _stream(request, part, _Slice(file, 0, size), status=200)
    first, last = _bounds(form, size)
    if first > last:
        file.close()
        refused = problem(416, "range_not_satisfiable", title="The file has no such bytes")
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    answer = _stream(request, part, _Slice(file, first, last - first + 1), status=206)
    answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _bounds(form: "re.Match[str]", size: int) -> tuple[int, int]:
    """First and last byte, both included; the first beyond the last when nothing of the file is asked for."""
    if form[3] is not None:
        length = min(int(form[3]), size)
        return (size - length, size - 1) if length else (size, size - 1)
    first = int(form[1])
    last = min(int(form[2]), size - 1) if form[2] is not None else size - 1
    return first, last


def _is_backwards(form: "re.Match[str]") -> bool:
    return form[2] is not None and int(form[2]) < int(form[1])


def _stream(request: HttpRequest, part: Part, piece: "_Slice", *, status: int) -> HttpResponseBase:
    length = piece.left
    answer: HttpResponseBase
    if request.method == "HEAD":
        piece.close()
        answer = HttpResponse(status=status, content_type=part.mime)
    else:
        answer = StreamingHttpResponse(piece, status=status, content_type=part.mime)
    answer["Content-Length"] = str(length)
    return answer


class _Slice:
    """Some bytes of an open file, a chunk at a time. The response closes it, also when nobody reads it.

    Nobody reads longer than a link lives: what is taken back is gone by then, also for who reads slowly on purpose.
    """

    def __init__(self, file: IO[bytes], first: int, length: int) -> None:
        self.file, self.left = file, length
        self.until = time.monotonic() + settings.MEDIA_LINK_SECONDS
        file.seek(first)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        is_over = not self.left or time.monotonic() > self.until
        chunk = b"" if is_over else self.file.read(min(_CHUNK, self.left))
        if not chunk:
            self.close()
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()
