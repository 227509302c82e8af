"""Files are known by what they hold."""

from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.domain.attachments import (
    DOCX,
    JPEG,
    LARGEST_FILE,
    LONGEST_NAME,
    ODS,
    ODT,
    PDF,
    PNG,
    XLSX,
    FileError,
    FileType,
    recognised,
    shown_name,
    stored_name,
)


def archive(parts: dict[str, str]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return out.getvalue()


def office(kind: FileType, **parts: str) -> bytes:
    types = f'<Types><Override PartName="/x" ContentType="{kind.media_type}.main+xml"/></Types>'
    return archive({"[Content_Types].xml": types, **parts})


GOOD = [
    (b"%PDF-1.7\n...", PDF),
    (b"\x89PNG\r\n\x1a\n...", PNG),
    (b"\xff\xd8\xff\xe0...", JPEG),
    (office(DOCX), DOCX),
    (office(XLSX), XLSX),
    (archive({"mimetype": ODT.media_type, "content.xml": ""}), ODT),
    (archive({"mimetype": ODS.media_type, "content.xml": ""}), ODS),
]
BAD = {
    "html named pdf": b"<html><script>alert(1)</script>",
    "program": b"MZ\x90\x00",
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "plain archive": archive({"a.txt": "a"}),
    "presentation": archive({"mimetype": "application/vnd.oasis.opendocument.presentation"}),
    "macros": office(DOCX, **{"word/vbaProject.bin": "x"}),
    "macro document": archive(
        {"[Content_Types].xml": 'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"'}
    ),
    "scripts": archive({"mimetype": ODT.media_type, "Basic/Standard/script.xml": "x"}),
    "cut archive": office(DOCX)[:40],
    "empty": b"",
    "too heavy": b"%PDF-" + b"0" * LARGEST_FILE,
}


@pytest.mark.parametrize(("content", "kind"), GOOD, ids=lambda value: getattr(value, "extension", ""))
def test_accepted_by_content_whatever_the_name(content: bytes, kind: FileType) -> None:
    assert recognised("programme.exe", content) is kind


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_refused_whatever_the_name(content: bytes) -> None:
    with pytest.raises(FileError) as refused:
        recognised("projet.pdf", content)
    assert "« projet.pdf »" in refused.value.message


@given(st.binary(max_size=200), st.sampled_from([content for content, _ in GOOD]), st.integers(0, 60))
def test_no_bytes_break_the_reading(noise: bytes, start: bytes, cut: int) -> None:
    for content in (noise, b"PK\x03\x04" + noise, start[:cut] + noise):
        try:
            told = recognised("a", content).extension
        except FileError as error:
            told = error.message
        assert told.startswith("« a »") or told in {"pdf", "png", "jpg", "docx", "xlsx", "odt", "ods"}


@given(st.text(max_size=300), st.sampled_from([kind for _, kind in GOOD]))
def test_a_stored_name_is_a_name_of_its_type(filename: str, kind: FileType) -> None:
    name = stored_name(filename, kind)
    assert name.isprintable()
    assert not set("/\\\x00") & set(name)
    assert name.casefold().endswith((f".{kind.extension}", ".jpeg"))
    assert 0 < len(name) <= LONGEST_NAME


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("projet.pdf", "projet.pdf"),
        ("C:\\Mes documents\\projet.PDF", "projet.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("projet.exe", "projet.pdf"),
        ("", "fichier.pdf"),
    ],
)
def test_names(given_name: str, stored: str) -> None:
    assert stored_name(given_name, PDF) == stored
    assert shown_name(given_name)


@given(at=st.integers(0, 400), octet=st.integers(0, 255))
def test_a_damaged_archive_raises_nothing_else(at: int, octet: int) -> None:
    whole = bytearray(office(DOCX, **{"word/document.xml": "<w/>" * 50}))
    whole[min(at, len(whole) - 1)] = octet
    with suppress(FileError):
        recognised("a.docx", bytes(whole))
