"""What an annex may be: told by its content, never by its name alone."""

import io
import zipfile
from collections.abc import Mapping

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
TYPES: Mapping[str, str] = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPEG,
    "jpeg": JPEG,
    "docx": f"{OOXML}.wordprocessingml.document",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
    "pptx": f"{OOXML}.presentationml.presentation",
    "odt": f"{ODF}.text",
    "ods": f"{ODF}.spreadsheet",
    "odp": f"{ODF}.presentation",
}
_OFFICE_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_MACROS = "vbaproject.bin"
LONGEST_TYPE = 80
ACCEPTED = "PDF, PNG, JPEG, Word (docx), Excel (xlsx), PowerPoint (pptx) ou OpenDocument (odt, ods, odp)"


def type_of(filename: str, content: bytes) -> str | None:
    """Media type of a file whose content is what its extension says; none for anything else, a document with macros included."""
    stem, _, end = filename.rpartition(".")
    wanted = TYPES.get(end.lower()) if stem else None
    return wanted if wanted is not None and wanted == _told(content) else None


def _told(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _office(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if any(name.lower().endswith(_MACROS) for name in names):
                return None
            if names and names[0] == "mimetype":
                with archive.open("mimetype") as held:
                    told = held.read(LONGEST_TYPE).decode("ascii", "replace")
                return told if told in TYPES.values() else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return None
    return next((TYPES[kind] for part, kind in _OFFICE_PARTS.items() if part in names), None)
