"""5 000 broken files: each is read or refused with a sentence, and none writes a row. Reading a workbook costs a process, so that there
are 40 of those, mutated inside their archive too; the seeds are fixed, so that a failure names the file that makes it again."""

import io
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from plan_numerique.accounts.models import Authority
from plan_numerique.imports import mapping, services
from plan_numerique.imports.checking import Walk
from plan_numerique.imports.errors import BadRows, write_errors
from plan_numerique.imports.models import ImportSession
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import open_table
from schools.models import Commune, School
from tests.imports.sample import SampleImporter
from tests.imports.test_sessions import file, line

pytestmark = pytest.mark.django_db

CSV_FILES = 4_900
SENT_FILES = 60
WORKBOOKS = 40
NASTY = [
    b"", b"\x00", b'"', b'""', b";", b"\t", b"\n", b"\r", b"=1+1", b"-1e999", b"NaN", b"inf", b"9" * 400, b"\xff\xfe", b"\xef\xbb\xbf",
    "’é€\u202e\ufffd".encode(), b"'=cmd|' /C calc'!A0", b"2,17003E+13", b"1/0/0000", b"A" * 5_000, b"\x81\x8d", b"{{7*7}}", b"sep=,\n",
]  # fmt: skip


def flip(content: bytes, chance: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        if out:
            out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def cut(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content)) if chance.random() < 0.3 else 0
    return content[start : chance.randrange(len(content) + 1)]


def swap(content: bytes, chance: random.Random) -> bytes:
    lines = [line.split(b";") for line in content.split(b"\r\n")]
    for _ in range(chance.randint(1, 8)):
        one, two = chance.choice(lines), chance.choice(lines)
        a, b = chance.randrange(len(one)), chance.randrange(len(two))
        one[a], two[b] = two[b], one[a]
    return b"\r\n".join(b";".join(cells) for cells in lines)


def stuff(content: bytes, chance: random.Random) -> bytes:
    lines = [line.split(b";") for line in content.split(b"\r\n")]
    for _ in range(chance.randint(1, 8)):
        cells = chance.choice(lines)
        cells[chance.randrange(len(cells))] = chance.choice(NASTY)
    return b"\r\n".join(b";".join(cells) for cells in lines)


def repeat(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(chance.choices(lines, k=chance.randint(1, 40)))


def recode(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("utf-8-sig", "replace")
    return text.encode(chance.choice(["cp1252", "utf-16", "utf-8", "utf-16-le", "latin-1", "utf-32"]), "replace")


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [flip, cut, swap, stuff, repeat, recode, stuff, swap]
GOOD = file(*(line(number, people=number) for number in range(12)))


def mutated(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 3)):
        if content:
            content = chance.choice(MUTATIONS)(content, chance)
    return content


def mutated_archive(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return flip(content, chance)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if chance.random() < 0.4:
                data = chance.choice([flip, cut])(data, chance) if data else data
            if chance.random() < 0.95:
                target.writestr(item.filename, data)
    return out.getvalue()


def checked(content: bytes, authority: Authority) -> int:
    """Lines read; the file of errors is written too."""
    importer = SampleImporter()
    with open_table(content, "essai") as table, BadRows() as bad:
        columns = mapping.propose(importer, table.header)
        mapping.refuse_missing(importer, columns)
        walk = Walk(importer, importer.start(authority=authority, options={}, by=None), table, columns)
        for lines in walk.lines():
            for each in lines:
                bad.add(each, walk)
        if bad.count:
            assert write_errors(bad, table)
        tally = walk.tally
        assert tally.rows == tally.created + tally.updated + tally.unchanged + tally.left_out + tally.bad == table.count
        return tally.rows


def all_refused_or_read(files: Any, authority: Authority) -> int:
    read = 0
    for seed, content in files:
        try:
            read += checked(content, authority) > 0
        except DomainError:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {content[:200]!r}") from error
    return read


def test_5_000_broken_files_never_crash_nor_write(authority: Authority, user_as: Any) -> None:
    read = all_refused_or_read(((seed, mutated(GOOD, random.Random(seed))) for seed in range(CSV_FILES)), authority)
    assert read > CSV_FILES / 4
    books = [file(*(line(number, people=number) for number in range(12)), kind=kind) for kind in ("xlsx", "ods")]
    all_refused_or_read(
        ((seed, mutated_archive(books[seed % 2], random.Random(seed))) for seed in range(WORKBOOKS)), authority
    )
    user = user_as("education")
    for seed in range(CSV_FILES, CSV_FILES + SENT_FILES):
        told = {"authority": authority, "importer": SampleImporter(), "options": {}, "by": user}
        with suppress(DomainError):
            session = services.open_session(filename="f.csv", content=mutated(GOOD, random.Random(seed)), **told)
            services.check_session(session=session, importer=SampleImporter(), by=user)
    assert ImportSession.objects.exists()
    assert not School.objects.exists()
    assert not Commune.objects.exists()
