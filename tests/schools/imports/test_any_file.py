"""Whatever the cells, a file is checked line by line, then written or refused whole: never an error of ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan_numerique.imports import services
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.writing import write_csv
from schools.imports import IMPORTERS
from schools.models import FrozenYear, SchoolClass
from tests.factories.accounts import AuthorityFactory
from tests.factories.schools import CommuneFactory, HeadcountFactory, SchoolClassFactory, SchoolFactory, synthetic_uai

pytestmark = pytest.mark.django_db
WORDS = (
    *(synthetic_uai(number) for number in range(6)), synthetic_uai(3)[1:], "", "", "0", "1", "2", "12", "250", "-1", "3,5", "CP", "CE1", "GS",
    "Classe 1", "classe 1", "Classe 2", "ULIS", "ordinaire", "oui", "non", "Exemple", "86194", "86195", "1004", "2021", "2022", "2022-2023",
    "46.5", "200", "REP", "REP+", "Primaire", "Public", "Privé", "151", "101", "340", "OUVERT", "FERME", "HORS CONTRAT", "Bruz", "=1+1", "NS",
    "x" * 300, "Dans QP",
)  # fmt: skip
LIKELY = {
    "uai": [synthetic_uai(number) for number in range(6)], "school_year": ["2021", "2022", "2023"], "classes": ["0", "1", "2", "3"], "name": WORDS[17:20],
    "level": ["CP", "CE1", "GS", ""], "insee": ["86194", "86195"], "nature": ["151", "101"], "pupils": ["0", "4", "25", "30"],
}  # fmt: skip


@pytest.fixture
def authority() -> Any:
    made = AuthorityFactory(kind="epci", department="086")
    commune = CommuneFactory(authority=made, insee="86194", name="Exemple")
    for number in range(3):
        school = SchoolFactory(commune=commune, uai=synthetic_uai(number))
        for year, estimated in ((2021, False), (2022, number > 0)):
            for rank in (1, 2):
                row = SchoolClassFactory(school=school, school_year=year, name=f"Classe {rank}", estimated=estimated)
                HeadcountFactory(school_class=row, level="CP" if rank == 1 else "")
    FrozenYear.objects.create(authority=made, school_year=2021, frozen_at="2022-09-01T00:00Z")
    return made


def cells(column: Any) -> st.SearchStrategy[str]:
    likely = LIKELY.get(column.name)
    return st.one_of(st.sampled_from(likely), st.sampled_from(WORDS)) if likely else st.sampled_from(WORDS)


@pytest.mark.parametrize("importer", IMPORTERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), size=st.sampled_from([1, 2, 1_000]))
def test_any_file_is_checked_and_its_good_lines_written(authority: Any, importer: Any, data: Any, size: int) -> None:
    table = data.draw(st.lists(st.tuples(*map(cells, importer.columns)), min_size=1, max_size=8))
    content = write_csv([column.label for column in importer.columns], table)
    used = type(importer.__name__, (importer,), {"rows_at_once": size})()
    frozen = SchoolClass.objects.filter(school_year=2021)
    before = sorted(frozen.values_list("pk", "name", "estimated", "headcounts__level", "headcounts__pupils"))
    options = {"school_year": "2022"} if importer.options else {}
    session = services.open_session(
        authority=authority, importer=used, filename="f.csv", content=content, options=options, by=None
    )
    session = services.check_session(session=session, importer=used, by=None)
    assert session.rows == session.created + session.updated + session.unchanged + session.left_out + session.bad
    try:
        services.apply_session(session=session, importer=used, by=None, only_good=True)
    except DomainError as error:
        assert "Ligne" in error.message or "lignes" in error.message  # noqa: PT017
    assert sorted(frozen.values_list("pk", "name", "estimated", "headcounts__level", "headcounts__pupils")) == before
