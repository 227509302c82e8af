"""The archive of a transmission: same bytes for the same content and day."""

import gzip
import io
import tarfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

OWNER = "actes"


def pack(files: Sequence[tuple[str, bytes]], day: date) -> bytes:
    """A .tar.gz of (name, content), in that order."""
    stamp = int(datetime.combine(day, time(), UTC).timestamp())
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=stamp, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in files:
            archive.addfile(_described(name, len(content), stamp), io.BytesIO(content))
    return out.getvalue()


def _described(name: str, size: int, stamp: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, stamp, 0o644
    entry.uname = entry.gname = OWNER
    return entry
