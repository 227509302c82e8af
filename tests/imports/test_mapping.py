from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from plan_numerique.imports.importer import Column, Importer
from plan_numerique.imports.mapping import header_digest, missing, own_columns, propose, recognised
from plan_numerique.imports.queries import visible_sessions
from tests.imports.sample import SampleImporter
from tests.imports.test_sessions import HEADER, apply, check, file, line, send, user

__all__ = ["send", "user"]

ADDED = ["Ligne", "À corriger"]
names = st.lists(
    st.sampled_from([*HEADER, "identifiant", "ECOLE", "uai", "INSEE", "Ligne", "autre", "n° uai"])
    | st.text(min_size=1, max_size=8),
    unique=True,
    max_size=12,
)


@given(names)
def test_a_column_is_proposed_once_and_from_the_file(header: list[str]) -> None:
    found = propose(SampleImporter(), header)
    assert set(found.values()) <= set(header)
    assert len(set(found.values())) == len(found)
    assert {column.name for column in missing(SampleImporter(), found)} == {"uai", "name", "insee"} - set(found)


@given(names.filter(lambda header: "À corriger" not in header))
def test_a_file_of_errors_is_the_file_it_comes_from(header: list[str]) -> None:
    line_name = "Ligne (9)" if "Ligne" in header else "Ligne"
    back = [*header, line_name, "À corriger"]
    assert own_columns(back) == tuple(header)
    assert header_digest(back) == header_digest(header) == header_digest([name.upper() for name in header]) or any(
        name.upper().casefold() != name.casefold() for name in header
    )
    assert propose(SampleImporter(), back) == propose(SampleImporter(), header)


def test_the_best_known_name_goes_first() -> None:
    class Two(Importer):
        columns = (Column("name", "Nom", str, ("école", "libellé")), Column("school", "École", str))

    assert propose(Two(), ["Ecole", "Libellé"]) == {"name": "Libellé", "school": "Ecole"}
    assert propose(Two(), ["LIBELLE", "nom"]) == {"name": "nom"}


def test_a_file_is_recognised_by_its_most_telling_headers() -> None:
    class Few(Importer):
        kind, signature = "few", ("UAI",)

    class Many(Importer):
        kind, signature = "many", ("uai", "Code_commune")

    few, many = Few(), Many()
    assert recognised([few, many], ["code commune", "UAI", "x"]) is many
    assert recognised([few, many], ["UAI"]) is few
    assert recognised([few, many, SampleImporter()], ["x"]) is None


@pytest.mark.django_db
def test_a_check_asks_no_more_for_many_rows(send: Any) -> None:
    found = []
    for rows in (3, 9, 200):
        session = send(file(*(line(number) for number in range(rows))))
        with CaptureQueriesContext(connection) as queries:
            check(session)
        found.append(len(queries))
    assert found[0] == found[1] == found[2]


@pytest.mark.django_db
def test_an_import_asks_by_group_of_rows(send: Any) -> None:
    found = []
    for start, rows in ((0, 2), (100, 9)):
        session = check(send(file(*(line(start + number) for number in range(rows)))))
        with CaptureQueriesContext(connection) as queries:
            apply(session)
        found.append(len(queries))
    assert found[1] <= found[0]


@pytest.mark.django_db
def test_a_kind_that_is_no_longer_imported_is_seen_by_nobody(send: Any, user: Any) -> None:
    send(file(line(1)))
    assert visible_sessions(user, [SampleImporter()]).count() == 1
    assert visible_sessions(user, []).count() == 0
