"""Uploads stay in memory and are bounded: nothing that a browser sends ever lies on a disk in the clear."""

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from mediconnect.operations.exchange.files.limits import MOST_BYTES


class BoundedMemoryHandler(FileUploadHandler):
    """Keeps at most so much of a request's files as a table may have, all of them together.

    A file that is larger arrives empty and with its true size, so that whoever asked for it can say so in words.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = 0
        self._pieces: list[bytes] = []
        self._fits = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)  # type: ignore[no-untyped-call, unused-ignore]
        self._pieces, self._fits = [], True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece while all that was kept is within the bound; of what goes beyond nothing is."""
        self._fits = self._fits and self._kept + len(raw_data) <= MOST_BYTES
        if self._fits:
            self._pieces.append(raw_data)
            self._kept += len(raw_data)
        else:
            self._pieces = []

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file."""
        content = b"".join(self._pieces) if self._fits else b""
        return InMemoryUploadedFile(
            file=io.BytesIO(content),
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
