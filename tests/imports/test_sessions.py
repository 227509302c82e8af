from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plan_numerique.accounts.models import Authority, User
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.imports import mapping, services
from plan_numerique.imports.enums import ImportState
from plan_numerique.imports.models import ColumnMapping, ImportSession
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.formats import Format, write
from plan_numerique.tabular.reading import read_table
from plan_numerique.tabular.writing import Sheet
from schools.models import Commune, School
from tests.factories.schools import CommuneFactory, SchoolFactory, synthetic_uai
from tests.imports.sample import SampleImporter

pytestmark = pytest.mark.django_db

HEADER = ["UAI", "Nom", "Code commune", "Commune", "Type", "Habitants", "Remarque"]


def line(number: int, name: str = "", **cells: Any) -> list[Any]:
    told = {
        "uai": synthetic_uai(number),
        "name": name or f"École synthétique {number}",
        "insee": "86001",
        "city": "Commune A",
    }
    told |= cells
    return [
        told["uai"],
        told["name"],
        told["insee"],
        told["city"],
        told.get("kind"),
        told.get("people"),
        told.get("note"),
    ]


def file(*rows: list[Any], kind: str = "csv", header: list[str] | None = None) -> bytes:
    return write(Format(kind), [Sheet("Écoles", header or HEADER, rows)])


@pytest.fixture
def user(user_as: Callable[..., User]) -> User:
    return user_as("education")


@pytest.fixture
def send(authority: Authority, user: User) -> Callable[..., ImportSession]:
    def make(content: bytes, name: str = "ecoles.csv", **more: Any) -> ImportSession:
        given = {"authority": authority, "importer": SampleImporter(), "options": {}, "by": user, **more}
        return services.open_session(filename=name, content=content, **given)

    return make


def check(session: ImportSession, importer: SampleImporter | None = None) -> ImportSession:
    return services.check_session(session=session, importer=importer or SampleImporter(), by=session.by)


def apply(session: ImportSession, importer: SampleImporter | None = None, **more: Any) -> ImportSession:
    return services.apply_session(session=session, importer=importer or SampleImporter(), by=session.by, **more)


def undo(session: ImportSession, importer: SampleImporter | None = None, **more: Any) -> ImportSession:
    return services.undo_session(session=session, importer=importer or SampleImporter(), by=session.by, **more)


def refused(act: Callable[..., Any], *args: Any, **more: Any) -> str:
    with pytest.raises(DomainError) as caught:
        act(*args, **more)
    return caught.value.message


def counts(session: ImportSession) -> tuple[int, ...]:
    return (session.rows, session.created, session.updated, session.unchanged, session.left_out, session.bad)


def stored(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


FORTY_FIVE = [line(number) for number in range(45)]
THREE_BAD = [
    *FORTY_FIVE[:42],
    line(42, kind="collégiale"),
    line(3, "Une autre"),
    line(44, people="beaucoup"),
]


def test_45_rows_of_which_3_are_bad(send: Callable[..., ImportSession]) -> None:
    """AC1: exactly three problems, nothing written; the good ones, or all of them once corrected; again, nothing."""
    session = check(send(file(*THREE_BAD)))
    assert counts(session) == (45, 42, 0, 0, 0, 3)
    assert session.problem_count == 3
    assert [(p["line"], p["column"]) for p in session.problems] == [(44, "Type"), (45, "UAI"), (46, "Habitants")]
    assert "la ligne 5 porte déjà" in session.problems[1]["message"]
    assert session.problems[0]["value"] == "collégiale"
    assert session.problems[0]["accepted"]
    assert not School.objects.exists()
    assert "ligne 44" in refused(apply, session)
    assert not School.objects.exists()
    session = apply(session, only_good=True)
    assert (session.state, counts(session)) == ("applied", (45, 42, 0, 0, 0, 3))
    assert School.objects.count() == 42
    assert session.errors is not None
    assert len(read_table(documents.read(session.errors), "erreurs.csv").rows) == 3
    again = check(send(file(*FORTY_FIVE)))
    assert counts(again) == (45, 3, 0, 42, 0, 0)
    apply(again)
    assert counts(check(send(file(*FORTY_FIVE)))) == (45, 0, 0, 45, 0, 0)
    undo(again)
    undo(session)
    assert not School.objects.exists()
    assert not Commune.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_the_errors_file_is_the_users_own_and_reads_like_it_once_corrected(
    send: Callable[..., ImportSession], kind: str
) -> None:
    session = check(send(file(*THREE_BAD, kind=kind), f"ecoles.{kind}"))
    assert session.errors is not None
    assert session.errors.filename == f"ecoles-a-corriger.{kind}"
    table = read_table(documents.read(session.errors), session.errors.filename)
    assert table.header == (*HEADER, "Ligne", "À corriger")
    assert [str(cells[7]).removesuffix(".0") for _, cells in table.rows] == ["44", "45", "46"]
    assert table.rows[0][1][8].startswith("Type : « collégiale » n'est pas un type d'école.")
    assert "admis : " in table.rows[0][1][8]
    rows = [list(cells) for _, cells in table.rows]
    rows[0][4], rows[1][0], rows[2][5] = None, synthetic_uai(43), None
    back = send(file(*rows, kind=kind, header=list(table.header)), f"corrigé.{kind}")
    assert back.columns == session.columns
    assert mapping.header_digest(table.header) == mapping.header_digest(HEADER)
    assert counts(check(back)) == (3, 3, 0, 0, 0, 0)
    again = check(send(file([*rows[0][:4], "???", *rows[0][5:]], kind=kind, header=list(table.header))))
    assert again.errors is not None
    assert read_table(documents.read(again.errors), again.errors.filename).header == table.header


def test_a_csv_of_errors_keeps_the_users_separator_encoding_and_dangerous_texts(
    send: Callable[..., ImportSession],
) -> None:
    content = 'UAI,Nom,Code commune,Habitants\n00,"École ""=1+1""",-12,"-1 200"\n01,"=HYPERLINK(1)",86001,x\n'.encode(
        "cp1252"
    )
    session = check(send(content))
    assert session.errors is not None
    text = documents.read(session.errors).decode("cp1252")
    assert text.startswith("UAI,Nom,Code commune,Habitants,Ligne,À corriger\n")
    assert '\n00,"École ""=1+1""",-12,-1 200,2,' in text
    assert ",'=HYPERLINK(1)," in text
    table = read_table(documents.read(session.errors), "a.csv")
    importer = SampleImporter()
    assert importer.columns[1].read(table.rows[1][1][1]) == "=HYPERLINK(1)"


def test_updates_and_rows_out_of_scope_are_told_apart(send: Callable[..., ImportSession], authority: Authority) -> None:
    commune = CommuneFactory(authority=authority, insee="86001", name="Commune A")
    SchoolFactory(commune=commune, uai=synthetic_uai(0), name="École synthétique 0", kind="", source="main")
    old = SchoolFactory(commune=commune, uai=synthetic_uai(1), name="Ancien nom", kind="")
    rows = [line(0), line(1), line(2), line(3, insee="99001"), line(4, insee="99002"), line(5, "Interdite")]
    session = check(send(file(*rows)))
    assert counts(session) == (6, 1, 1, 1, 2, 1)
    assert "2 lignes hors périmètre : commune hors du périmètre." in session.remarks
    assert "Fichier d'essai." in session.remarks
    before = stored(School)
    session = apply(session, only_good=True)
    assert School.objects.get(pk=old.pk).name == "École synthétique 1"
    assert session.event is not None
    assert old.history.filter(audit_event=session.event).count() == 1
    undo(session)
    assert stored(School) == before


def test_a_deleted_row_comes_back_with_its_key(send: Callable[..., ImportSession], authority: Authority) -> None:
    school = SchoolFactory(commune__authority=authority, uai=synthetic_uai(1))
    before = stored(School)
    session = apply(check(send(file(line(1, "À supprimer"), line(2)))))
    assert counts(session) == (2, 1, 1, 0, 0, 0)
    assert not School.objects.filter(pk=school.pk).exists()
    undo(session)
    assert stored(School) == before
    assert [v.history_type for v in School.history.filter(id=school.pk).order_by("history_id")] == ["+", "-", "+"]


def test_columns_are_proposed_told_and_remembered(send: Callable[..., ImportSession], user: User) -> None:
    header = ["identifiant", "ECOLE", "insee", "Le nom de la ville"]
    content = file([synthetic_uai(1), "A", "86001", "Poitiers"], header=header)
    session = send(content)
    assert session.columns == {"uai": "identifiant", "name": "ECOLE", "insee": "insee"}
    told = {**session.columns, "city": "Le nom de la ville"}
    importer = SampleImporter()
    services.map_columns(session=session, importer=importer, columns=told, by=user)
    assert send(content).columns == told
    assert ColumnMapping.objects.count() == 1
    assert check(session).state == ImportState.CHECKED
    services.map_columns(
        session=session, importer=importer, columns=session.columns, options={"source": "state"}, by=user
    )
    assert (session.state, session.created, session.options) == (ImportState.SENT, 0, {"source": "state"})
    assert "Vérifier d'abord" in refused(apply, session)


@pytest.mark.parametrize(
    "columns, words",
    [
        ({"uai": "UAI", "name": "Nom"}, "« Code commune » : cette donnée est obligatoire"),
        ({}, "« UAI », « Nom », « Code commune » : ces données"),
        ({"uai": "UAI", "name": "UAI", "insee": "Code commune"}, "indiquée deux fois"),
        ({"uai": "Absente"}, "pas de colonne « Absente », indiquée pour « UAI »"),
        ({"autre": "UAI"}, "« autre » n'est pas une donnée"),
    ],
)
def test_columns_that_do_not_hold_are_refused(
    send: Callable[..., ImportSession], columns: dict[str, str], words: str
) -> None:
    session = send(file(line(1)))
    assert words in refused(
        services.map_columns, session=session, importer=SampleImporter(), columns=columns, by=session.by
    )


def test_a_file_without_a_required_column_is_told_at_the_check(send: Callable[..., ImportSession]) -> None:
    session = send(file(["1"], header=["autre"]))
    assert session.columns == {}
    assert "« UAI », « Nom », « Code commune »" in refused(check, session)


def test_options_are_within_their_choices(send: Callable[..., ImportSession], other_authority: Authority) -> None:
    assert send(file(line(1))).options == {"source": "main"}
    assert "n'est pas un choix possible" in refused(send, file(line(1)), options={"source": "x"})
    assert "n'est pas un choix de" in refused(send, file(line(1)), options={"x": "1"})
    session = send(file(line(1)), options={"source": "state"}, authority=other_authority, by=None)
    assert refused(check, session) == "L'État ne donne rien ici."


def test_what_depends_on_a_line_in_error_is_in_error(send: Callable[..., ImportSession]) -> None:
    """The commune of line 2 has no name; the school of line 3 is in it."""
    session = check(send(file(line(1, city=None), line(2), line(3, insee="86002"))))
    assert counts(session) == (3, 1, 0, 0, 0, 2)
    assert session.problems[1]["message"] == "la ligne 2, dont celle-ci dépend, est en erreur."
    assert session.problems[0]["message"].startswith("nom : ")
    apply(session, only_good=True)
    assert list(School.objects.values_list("commune__insee", flat=True)) == ["86002"]


def test_what_the_database_refuses_is_told_with_its_line(send: Callable[..., ImportSession]) -> None:
    header = [*HEADER, "Latitude"]
    rows = [[*line(1), "46,5"], [*line(2, "Sans longitude"), "46,5"]]
    session = check(send(file(*rows, header=header)))
    assert session.bad == 0
    assert refused(apply, session) == "Ligne 3 : Latitude et longitude se donnent ensemble. Rien n'est écrit."
    assert not Commune.objects.exists()
    session.refresh_from_db()
    assert session.state == ImportState.CHECKED


def test_a_file_is_imported_once(send: Callable[..., ImportSession]) -> None:
    session = check(send(file(line(1))))
    stale = ImportSession.objects.get(pk=session.pk)
    apply(session)
    assert refused(apply, stale) == "Ce fichier est déjà importé."
    assert "déjà importé" in refused(check, stale)
    columns = session.columns
    assert "déjà importé" in refused(
        services.map_columns, session=stale, importer=SampleImporter(), columns=columns, by=session.by
    )
    undo(session)
    assert "déjà annulé" in refused(undo, stale)
    assert School.history.filter(history_type="+").count() == 1


def test_a_row_changed_while_it_is_imported_refuses_the_whole(
    send: Callable[..., ImportSession], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = SchoolFactory(commune__authority=authority, uai=synthetic_uai(1))
    session = check(send(file(line(1), line(2))))
    start = SampleImporter.start

    def slow(self: SampleImporter, **told: Any) -> Any:
        run = start(self, **told)
        School.objects.filter(pk=school.pk).update(name="Entre-temps")
        return run

    monkeypatch.setattr(SampleImporter, "start", slow)
    assert "ont changé pendant l'import" in refused(apply, session)
    assert list(School.objects.values_list("name", flat=True)) == ["Entre-temps"]


def test_counts_hold_beyond_the_problems_that_are_kept(send: Callable[..., ImportSession]) -> None:
    session = check(send(file(*(line(number, people="x", kind="y") for number in range(300)))))
    assert (session.bad, session.problem_count, len(session.problems)) == (300, 600, 500)
    assert session.errors is not None
    assert len(read_table(documents.read(session.errors), "e.csv").rows) == 300


def test_a_new_check_leaves_no_former_errors_file(send: Callable[..., ImportSession]) -> None:
    session = check(send(file(line(1, kind="x"))))
    first = session.errors_id
    session = check(session)
    assert not StoredDocument.objects.filter(pk=first).exists()
    assert StoredDocument.objects.filter(kind="import_errors").count() == 1


def test_nulls_and_long_texts_are_told_without_harm(send: Callable[..., ImportSession]) -> None:
    table = file(["0\x01" * 90, "A" * 200, "86001"], kind="xlsx")
    session = check(send(table, "a.xlsx"))
    assert session.bad == 1
    assert all(len(problem["value"]) <= 80 for problem in session.problems)


def test_what_follows_is_done_with_each_write_and_turned_round_when_undone(send: Callable[..., ImportSession]) -> None:
    importer = SampleImporter()
    session = apply(check(send(file(line(1), line(2)))), importer)
    assert [type(change.instance) for change in importer.followed] == [Commune, School, School]
    importer.followed = []
    undo(session, importer)
    assert [(type(change.instance), change.gone) for change in importer.followed] == [
        (School, True), (School, True), (Commune, True),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    yield
    assert not hasattr(School, "_import_refused")
