"""Files that a school joins: known by what they hold, never by their name; nothing that can be executed."""

import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from lzma import LZMAError
from zipfile import BadZipFile, LargeZipFile, ZipFile

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024
ACCEPTED = "PDF, images PNG ou JPEG, documents Word (.docx) ou ODT, classeurs Excel (.xlsx) ou ODS"
LONGEST_NAME = 120
MOST_READ = 200_000
"""Of a part of an archive: what names its type is short, and nothing else is unpacked."""


@dataclass(frozen=True, slots=True)
class FileType:
    extension: str
    media_type: str


PDF = FileType("pdf", "application/pdf")
PNG = FileType("png", "image/png")
JPEG = FileType("jpg", "image/jpeg")
OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = FileType("docx", f"{OFFICE}.wordprocessingml.document")
XLSX = FileType("xlsx", f"{OFFICE}.spreadsheetml.sheet")
ODT = FileType("odt", "application/vnd.oasis.opendocument.text")
ODS = FileType("ods", "application/vnd.oasis.opendocument.spreadsheet")
SIGNATURES = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
MACROS = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|Basic/|Scripts/)|\.(exe|dll|js|vbs|ps1|bat|cmd|jar)$", re.IGNORECASE
)


DAMAGED = (
    BadZipFile,
    LargeZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    KeyError,
    struct.error,
    zlib.error,
    LZMAError,
)
"""What reading an archive raises where its bytes are wrong, or locked by a password."""


class FileError(Exception):
    """A French sentence that says why a file is refused, and what is accepted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def recognised(filename: str, content: bytes) -> FileType:
    """The type of the bytes; FileError for any other."""
    name = shown_name(filename)
    if not content:
        raise FileError(f"« {name} » est vide : joindre un fichier qui a un contenu.")
    if len(content) > LARGEST_FILE:
        raise FileError(f"« {name} » pèse {_megabytes(len(content))} : 10 Mo au plus par fichier.")
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    found = _of_archive(name, content) if content.startswith(b"PK\x03\x04") else None
    if found is None:
        raise FileError(f"« {name} » n'est pas d'un type accepté (son contenu fait foi, pas son nom) : {ACCEPTED}.")
    return found


def _of_archive(name: str, content: bytes) -> FileType | None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any(MACROS.search(each) for each in names):
                raise FileError(
                    f"« {name} » contient des macros ou un programme : l'enregistrer sans, puis le joindre."
                )
            declared = _part(archive, "mimetype") if "mimetype" in names else ""
            types = _part(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else ""
    except DAMAGED:
        raise FileError(f"« {name} » est abîmé ou protégé par un mot de passe : l'enregistrer à nouveau.") from None
    for kind in (ODT, ODS):
        if declared.strip() == kind.media_type:
            return kind
    for kind in (DOCX, XLSX):
        if f'ContentType="{kind.media_type}.main+xml"' in types:
            return kind
    return None


def _part(archive: ZipFile, name: str) -> str:
    with archive.open(name) as part:
        return part.read(MOST_READ).decode("utf-8", "replace")


def _megabytes(octets: int) -> str:
    return f"{octets / 1024 / 1024:.1f} Mo".replace(".", ",")


def shown_name(filename: str) -> str:
    """The last part of the name, without what a name never holds."""
    last = re.split(r"[/\\]", filename)[-1]
    last = " ".join("".join(each for each in last if each.isprintable()).split())
    return last[-LONGEST_NAME:] or "fichier"


def stored_name(filename: str, kind: FileType) -> str:
    """The name given, with the ending of what the file is."""
    name = shown_name(filename)
    stem, dot, ending = name.rpartition(".")
    endings = {"jpg", "jpeg"} if kind is JPEG else {kind.extension}
    if dot and stem and ending.casefold() in endings:
        return name
    return f"{(stem if dot and stem and len(ending) <= 5 else name)[: LONGEST_NAME - 5]}.{kind.extension}"
