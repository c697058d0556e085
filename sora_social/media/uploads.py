"""Where the bytes of an upload wait: in a file without a name, so that nothing is left of it whatever dies."""

import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from sora_social.core.errors import TooLarge

_ENVELOPE = 64 * 1024  # what a form needs beside the file in it


class UnnamedUpload(FileUploadHandler):
    """Takes the files of one form, at most `UPLOAD_MAX_BYTES` of them together. Raises TooLarge.

    A body that says it is larger is refused before any of it is read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left = settings.UPLOAD_MAX_BYTES
        self.file: IO[bytes] | None = None

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django calls it by name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.UPLOAD_MAX_BYTES + _ENVELOPE:
            raise TooLarge(f"At most {settings.UPLOAD_MAX_BYTES // 2**20} MB.")

    def new_file(self, *words: Any, **more: Any) -> None:
        super().new_file(*words, **more)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.left -= len(raw_data)
        if self.left < 0:
            raise TooLarge(f"At most {settings.UPLOAD_MAX_BYTES // 2**20} MB.")
        assert self.file is not None  # noqa: S101 - `new_file` comes first
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        assert self.file is not None  # noqa: S101 - `new_file` comes first
        self.file.seek(0)
        return UploadedFile(self.file, self.file_name, self.content_type, file_size, self.charset)

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()
