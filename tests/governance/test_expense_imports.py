"""The accounting file: read, checked, imported, undone. Every file here is made up."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance import services as spending
from governance.imports import ExpenseImporter
from governance.models import Authorisation, AuthorisationYear, Expense, Plan
from governance.queries import import_of
from plan_numerique.documents import services as documents
from plan_numerique.importing import tasks
from plan_numerique.imports import services
from plan_numerique.imports.mapping import propose
from plan_numerique.imports.models import ColumnMapping, ImportSession
from plan_numerique.shared.errors import DomainError
from plan_numerique.tabular.reading import open_table
from plan_numerique.tabular.writing import write_xlsx
from tests.factories import expenses as spend
from tests.factories import governance as make
from tests.factories.schools import SchoolFactory

HEADER = "N° de pièce;Étape;Exercice;Date;Tiers;Libellé;Compte;Montant HT;TVA;Montant TTC"
GOOD = "M1;Mandat;2018;03/05/2018;Société A;Tablettes;21831;1 000,00;200,00;1 200,00"
LINES = [
    HEADER,
    GOOD,
    "M2;Mandat;2018;04/05/2018;Société B;Chariots;21841;500,00;100,00;600,00",
    "M3;Mandat;2018;05/05/2018;Société A;Avoir tablettes;21831;-100,00;-20,00;-120,00",
]


@pytest.fixture
def plan(authority: Any) -> Plan:
    return make.PlanFactory(authority=authority)


@pytest.fixture
def run(plan: Plan, user_as: Any) -> Any:
    return spend.runner(plan, user_as("finance"))


def counts(session: ImportSession) -> tuple[int, int, int, int]:
    return session.rows, session.created, session.updated, session.unchanged


def undo(session: ImportSession, by: Any = None) -> ImportSession:
    return services.undo_session(session=session, importer=ExpenseImporter(), by=by)


def proposed(*header: str) -> Mapping[str, str]:
    return propose(ExpenseImporter(), header)


def test_usual_headers_are_known() -> None:
    found = proposed(
        "N° mandat", "N° engagement", "Exercice", "Date émission", "Nom du tiers", "OBJET", "Nature", "Mt HT", "Mt TVA", "Mt TTC", "Section",
    )  # fmt: skip
    assert found == {
        "piece": "N° mandat", "origin": "N° engagement", "exercise": "Exercice", "dated_on": "Date émission", "supplier": "Nom du tiers",
        "label": "OBJET", "account": "Nature", "ht": "Mt HT", "vat": "Mt TVA", "ttc": "Mt TTC", "section": "Section",
    }  # fmt: skip
    assert set(proposed("BGT_ANNEE", "BGT_NATURE", "BGT_SECTION", "BGT_MTREAL")) == {
        "exercise",
        "account",
        "section",
        "ttc",
    }


def test_checking_writes_nothing_then_importing_writes_once(run: Any) -> None:
    checked = run(LINES)
    assert (counts(checked), checked.problems, Expense.objects.count()) == ((3, 3, 0, 0), [], 0)
    done = run(LINES, apply=True)
    assert (counts(done), done.state) == ((3, 3, 0, 0), "applied")
    note = Expense.objects.get(piece="M3")
    assert (note.ttc, note.section, import_of(note), note.supplier) == (-12_000, "investissement", done, "Société A")
    assert note.history.get().audit_event == done.event
    again = run(LINES, apply=True)
    assert counts(again) == (3, 0, 0, 3)
    assert {import_of(row) for row in Expense.objects.all()} == {done}
    assert Expense.history.count() == 3


def test_a_changed_line_changes_its_piece_only(run: Any) -> None:
    run(LINES, apply=True)
    changed = run([HEADER, GOOD.replace("Tablettes", "Tablettes, lot 2"), *LINES[2:]], apply=True)
    assert counts(changed) == (3, 0, 1, 2)
    row = Expense.objects.get(piece="M1")
    assert (row.label, row.history.count()) == ("Tablettes, lot 2", 2)


BAD = [
    *LINES,
    "M4;Virement interne;2018;06/05/2018;Société A;X;21831;1;0;1",
    "M5;Mandat;2018;06/05/2018;Société A;X;21831;cent;0;1",
    "M1;Mandat;2018;31/02/2018;Société A;X;21831;1;0;1",
    "M1;Mandat;2018;06/05/2018;Société A;X;21831;1;0;1",
    ";Mandat;2018;06/05/2018;Société A;X;21831;1;0;1",
    "M6;Mandat;2018;06/05/2018;Société A;X;21831;10;2;13",
]


def test_each_problem_has_its_line_column_value_and_what_is_accepted(run: Any) -> None:
    session = run(BAD)
    assert Expense.objects.count() == 0
    assert counts(session) == (9, 3, 0, 0)
    told = [(p["line"], p["column"], p["value"]) for p in session.problems]
    assert told == [
        (5, "Étape", "Virement interne"), (6, "Montant HT", "cent"), (7, "Date", "31/02/2018"), (8, "N° de pièce", "M1"),
        (9, "N° de pièce", ""), (10, "Montant TTC", "13"),
    ]  # fmt: skip
    assert session.problems[0]["accepted"] == "Engagement ; Facture ; Paiement"
    assert "déjà à la ligne 2" in session.problems[3]["message"]
    assert "somme du HT et de la TVA" in session.problems[5]["message"]


def test_good_rows_are_imported_and_the_others_given_back(run: Any) -> None:
    session = run(BAD, apply=True)
    assert (session.state, Expense.objects.count()) == ("applied", 3)
    assert session.bad == 6
    with open_table(documents.read(session.errors), session.errors.filename) as table:
        header, rows = table.header, list(table.rows())
    assert header[-2:] == ("Ligne", "À corriger")
    assert [str(cells[-2]) for _, cells in rows] == ["5", "6", "7", "8", "9", "10"]
    assert "admis : Engagement" in rows[0][1][-1]
    corrected = [[*cells[:-2], None, None] for _, cells in rows]
    corrected[0][1] = "Paiement"
    again = run(write_xlsx("À corriger", header, corrected[:1]), filename="a-corriger.xlsx", apply=True)
    assert counts(again) == (1, 1, 0, 0)
    assert ColumnMapping.objects.count() == 1


def test_all_or_nothing_where_asked(run: Any, user_as: Any) -> None:
    session = run(BAD)
    with pytest.raises(DomainError, match="lignes en erreur"):
        services.apply_session(session=session, importer=ExpenseImporter(), only_good=False, by=user_as("finance"))
    assert Expense.objects.count() == 0


def test_columns_stay_as_they_are_while_the_file_is_checked(client_as: Any, user_as: Any, run: Any) -> None:
    session, by = run(LINES, check=False), user_as("finance")
    columns = session.columns
    job = tasks.start_check(session=session, by=by)
    assert job.is_active
    others = {**columns, "label": "Tiers", "supplier": "Libellé"}
    for row in (ImportSession.objects.get(pk=session.pk), session):
        with pytest.raises(DomainError, match="Ce fichier est en cours de vérification ou d'import"):
            tasks.start_check(session=row, columns=others, by=by)
    session.refresh_from_db()
    assert (session.columns, session.job, ColumnMapping.objects.get().columns) == (columns, job, columns)


@pytest.mark.parametrize(
    "lines, message",
    [
        (["Pièce;Date;TTC", "1;03/05/2018;1"], "l'étape manque"),
        (["Pièce;Étape;Date", "1;P;03/05/2018"], "indiquer la colonne du montant TTC"),
        (["Pièce;Étape;Date;HT", "1;P;03/05/2018;1"], "indiquer la colonne de la TVA ou du TTC"),
        (["Pièce;Étape;Date;TVA", "1;P;03/05/2018;1"], "le montant manque"),
        (["Pièce;Étape;Date;TTC", "1;P;03/05/2018;"], "le montant manque"),
    ],
)
def test_a_file_without_its_stage_or_its_amounts_says_what_is_lacking(
    run: Any, lines: Sequence[str], message: str
) -> None:
    session = run(lines)
    assert [problem["line"] for problem in session.problems] == [2]
    assert message in session.problems[0]["message"]


def test_an_empty_vat_beside_its_column_is_none(run: Any) -> None:
    run(["Pièce;Étape;Date;HT;TVA", "1;P;03/05/2018;10;", "2;P;03/05/2018;10;2"], apply=True)
    assert list(Expense.objects.order_by("piece").values_list("ht", "vat", "ttc")) == [
        (1_000, 0, 1_000),
        (1_000, 200, 1_200),
    ]


@pytest.mark.parametrize("name", ["plan", "exercise", "stage"])
def test_what_holds_for_the_file_is_within_its_choices(run: Any, other_authority: Any, user_as: Any, name: str) -> None:
    session = run(LINES, check=False)
    told = {"plan": str(make.PlanFactory(authority=other_authority).pk), "exercise": "12", "stage": "troc"}
    with pytest.raises(DomainError, match="n'est pas un choix possible"):
        services.map_columns(
            session=session,
            importer=ExpenseImporter(),
            columns=session.columns,
            options={**session.options, name: told[name]},
            by=user_as("finance"),
        )
    with pytest.raises(DomainError):
        ExpenseImporter().start(authority=session.authority, options={**session.options, "plan": told["plan"]}, by=None)


def test_a_french_csv_of_windows_is_read(run: Any) -> None:
    content = "\r\n".join(LINES).replace("Société", "Électricité").encode("cp1252")
    run(content, apply=True)
    assert Expense.objects.get(piece="M1").supplier == "Électricité A"


def test_a_comma_separated_file_with_one_amount(run: Any) -> None:
    content = b'piece,date,montant,exercice\n12,2018-05-03,"1234,5",2018\n13,2018-05-03,-10,2018\n'
    run(content, apply=True, stage="payment")
    row = Expense.objects.get(piece="12")
    assert (row.ht, row.vat, row.ttc, row.label) == (123_450, 0, 123_450, "Paiement 12")
    row.ht, row.vat = 100_000, 23_450
    spending.save_expense(instance=row, by=None)
    assert counts(run(content, stage="payment")) == (2, 0, 0, 2)


def test_xlsx_dates_as_numbers_and_pieces_as_numbers(run: Any) -> None:
    header = ("Pièce", "Date", "Montant TTC", "Étape", "Exercice")
    session = run(
        write_xlsx("Mandats", header, [(1201, 43_223, 1234.5, "Paiement", 2018.0)]), filename="m.xlsx", apply=True
    )
    row = Expense.objects.get()
    assert (row.piece, row.dated_on.isoformat(), row.ttc, row.exercise) == ("1201", "2018-05-03", 123_450, 2018)
    assert session.problems == []


def ods(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Mandats">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>',
        )
    return out.getvalue()


def test_ods_is_read(run: Any) -> None:
    run(ods([line.split(";") for line in LINES]), filename="mandats.ods", apply=True)
    assert Expense.objects.count() == 3


def test_schools_authorisations_and_origins_are_found(run: Any, plan: Plan) -> None:
    school = SchoolFactory(commune__authority=plan.authority)
    authorisation = spend.voted(plan, {2018: 200_000}, code="ap-1")
    header = "Pièce;Étape;Exercice;Date;Montant TTC;AP;UAI;N° engagement;Section"
    lines = [
        header,
        f"M1;Paiement;2018;03/05/2018;100,00;AP-1;{school.uai};E1;I",
        f"E1;Engagement;2018;03/02/2018;200,00;ap-1;{school.name};;Investissement",
        "M2;Paiement;2018;03/05/2018;1,00;ap-9;0000000X;E9;fonctionnement",
    ]
    session = run(lines, apply=True)
    assert [(p["line"], p["column"]) for p in session.problems] == [(4, "AP"), (4, "UAI")]
    assert session.problems[0]["accepted"] == "ap-1"
    paid = Expense.objects.get(piece="M1")
    assert (paid.origin.piece, paid.school, paid.authorisation) == ("E1", school, authorisation)
    authorisation.refresh_from_db()
    assert (authorisation.committed, AuthorisationYear.objects.get().paid) == (20_000, 10_000)
    assert counts(run(lines))[1:] == (0, 0, 2)


def test_a_piece_finds_its_origin_when_it_comes_later(run: Any) -> None:
    header = "Pièce;Étape;Exercice;Date;Montant TTC;N° engagement"
    lines = [header, "M1;Paiement;2018;03/05/2018;100,00;E1"]
    first = run(lines, apply=True)
    assert first.remarks == ["1 pièce d'origine non trouvée : ces lignes s'importent sans leur lien."]
    order = "E1;Engagement;2018;03/02/2018;200,00;"
    assert counts(run([*lines, order], apply=True)) == (2, 1, 1, 0)
    assert Expense.objects.get(piece="M1").origin.piece == "E1"
    assert counts(run([*lines, order], apply=True)) == (2, 0, 0, 2)


def test_lines_beyond_the_authorisation_are_refused_one_by_one(run: Any, plan: Plan) -> None:
    authorisation = spend.voted(plan, {2018: 10_000, 2019: 5_000}, code="ap")
    lines = [
        "Pièce;Étape;Exercice;Date;Montant TTC;AP",
        "M1;Paiement;2018;03/05/2018;60,00;ap",
        "M2;Paiement;2018;03/05/2018;50,00;ap",
        "M3;Paiement;2018;03/05/2018;40,00;ap",
        "E1;Engagement;2018;03/02/2018;150,00;ap",
        "E2;Engagement;2018;03/02/2018;0,01;ap",
    ]
    session = run(lines, apply=True)
    assert [p["line"] for p in session.problems] == [3, 6]
    authorisation.refresh_from_db()
    assert authorisation.committed == 15_000
    assert AuthorisationYear.objects.get(exercise=2018).paid == 10_000
    assert counts(run([line.replace("60,00", "10,00").replace(";50,00", ";90,00") for line in lines]))[1] == 0


def test_undo_brings_back_what_was_there(run: Any, plan: Plan, user_as: Any) -> None:
    spend.voted(plan, {2018: 500_000}, code="ap")
    header = "Pièce;Étape;Exercice;Date;Montant TTC;AP"
    first = run([header, "E1;Engagement;2018;03/05/2018;100,00;ap"], apply=True)
    lines = [
        header,
        "E1;Engagement;2018;03/05/2018;90,00;ap",
        "E2;Engagement;2018;03/05/2018;1,00;ap",
        "M1;Mandat;2018;03/05/2018;5,00;ap",
    ]
    second = run(lines, apply=True)
    assert counts(second) == (3, 2, 1, 0)
    undo(second, user_as("finance"))
    row = Expense.objects.get()
    assert (row.piece, row.ttc, import_of(row)) == ("E1", 10_000, first)
    assert (Authorisation.objects.get().committed, AuthorisationYear.objects.get().paid) == (10_000, 0)
    with pytest.raises(DomainError, match="déjà annulé"):
        undo(second)
    undo(first)
    assert not Expense.objects.exists()


def test_imports_of_the_same_pieces_are_undone_newest_first(run: Any) -> None:
    first = run(LINES, apply=True)
    second = run([HEADER, GOOD.replace("Tablettes", "Tablettes, lot 2")], apply=True)
    assert counts(second) == (1, 0, 1, 0)

    def stored() -> list[Any]:
        rows = Expense.objects.order_by("piece").values_list("piece", "label", "ttc")
        return [*rows, *ImportSession.objects.order_by("pk").values_list("state", flat=True)]

    before = stored()
    with pytest.raises(
        DomainError,
        match=r"^Un import plus récent \(« mandats.csv »\) a changé des données de celui-ci \(dépenses\) : M1 Tablettes, lot",
    ):
        undo(first)
    assert stored() == before
    undo(second)
    row = Expense.objects.get(piece="M1")
    assert (row.label, import_of(row)) == ("Tablettes", first)
    undo(first)
    assert not Expense.objects.exists()


def test_undo_says_what_was_built_since(run: Any, plan: Plan) -> None:
    session = run(LINES, apply=True)
    row = Expense.objects.get(piece="M1")
    row.label = "Corrigé"
    spending.save_expense(instance=row, by=None)
    with pytest.raises(DomainError, match=r"ont changé depuis \(dépenses\) : M1 Corrigé"):
        undo(session)
    order = run(["Pièce;Étape;Exercice;Date;TTC", "E1;Engagement;2018;03/05/2018;1"], apply=True)
    spend.ExpenseFactory(plan=plan, stage="invoice", piece="F1", origin=Expense.objects.get(piece="E1"))
    with pytest.raises(DomainError, match="reposent sur ce qui a été créé : F1"):
        undo(order)
    assert Expense.objects.filter(piece="E1").exists()


def test_undo_says_what_was_deleted_since(run: Any, plan: Plan) -> None:
    header = "Pièce;Étape;Exercice;Date;TTC"
    run([header, "E1;Engagement;2018;03/05/2018;5"], apply=True)
    order = spend.ExpenseFactory(plan=plan, stage="commitment", piece="E0")
    former = Expense.objects.get(piece="E1")
    paid = spend.ExpenseFactory(plan=plan, stage="payment", piece="M9", exercise=2018, origin=order)
    session = run([f"{header};Pièce d'origine", "M9;Mandat;2018;03/05/2018;4;E1"], apply=True)
    paid.refresh_from_db()
    assert (paid.origin, import_of(paid)) == (former, session)
    spending.delete_expense(instance=order, by=None)
    with pytest.raises(DomainError, match=r"supprimé depuis \(pièce d'origine\) : M9"):
        undo(session)
    paid.refresh_from_db()
    assert paid.origin == former


def test_a_piece_of_another_plan_is_left_alone(run: Any, plan: Plan) -> None:
    spend.ExpenseFactory(plan=make.PlanFactory(authority=plan.authority), piece="M1")
    session = run(LINES)
    assert [(p["line"], p["value"]) for p in session.problems] == [(2, "M1")]
    assert "autre plan" in session.problems[0]["message"]


def test_headings_and_fctva_follow_the_chart(run: Any) -> None:
    spend.AccountFactory()
    spend.AccountFactory(code="6156", section="fonctionnement", fctva=False)
    lines = [
        "Pièce;Étape;Date;TTC;Compte;Poste",
        "M1;P;03/05/2018;1;21831;materiel",
        "M2;P;03/05/2018;1;6156;",
        "M3;P;03/05/2018;1;611;",
    ]
    run(lines, apply=True)
    found = [(e.section, e.fctva, e.heading, e.exercise) for e in Expense.objects.order_by("piece")]
    assert found == [
        ("investissement", True, "materiel", 2018), ("fonctionnement", False, "", 2018), ("fonctionnement", False, "", 2018),
    ]  # fmt: skip


def test_a_heading_is_known_by_its_label_and_without_its_accents(run: Any, plan: Plan) -> None:
    spend.HeadingFactory(authority=plan.authority, code="cablage", label="Câblage des écoles")
    spend.ExpenseFactory(plan=plan, heading="Matériel", piece="avant")
    lines = ["Pièce;Étape;Date;TTC;Poste"]
    lines += [
        f"M{n};P;03/05/2018;1;{name}" for n, name in enumerate(("CÂBLAGE", "cablage des ecoles", "materiel", "autre"))
    ]
    run(lines, apply=True)
    found = Expense.objects.exclude(piece="avant").order_by("piece").values_list("heading", flat=True)
    assert list(found) == ["cablage", "cablage", "Matériel", "autre"]


HOSTILE = [
    b"", b"   \n", b"\x00\x01\x02", b"PK\x03\x04not a zip", b"\xd0\xcf\x11\xe0old", b'"a;b\n', b"\xff\xfe\x00", b"<html></html>",
    b"a;b", b"=1+1;@x\n",
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_files_are_refused_in_words(client_as: Any, plan: Plan, content: bytes) -> None:
    file = SimpleUploadedFile("mandats\x07.csv", content)
    address = f"{reverse('importing:import_create')}?kind=governance.expenses"
    response = client_as("finance").post(address, {"authority": plan.authority_id, "file": file})
    assert response.status_code in (302, 422)
    if response.status_code == 302:
        assert client_as("finance").get(response.headers["Location"]).status_code == 200


def test_hostile_cells_are_told_and_never_written(run: Any) -> None:
    big = "9" * 4_000
    lines = [
        HEADER,
        f"{big};Mandat;2018;03/05/2018;A;B;21831;1;0;1",
        f"M1;Mandat;{big};03/05/2018;A;B;21831;1;0;1",
        f"M2;Mandat;2018;03/05/2018;A;B;21831;{big};0;{big}",
        "M3;Mandat;2018;03/05/2018;A;B;21831;999999999999,99;999999999999,99;1999999999999,98",
        "M4;Mandat;-5;99/99/9999;A;B;21831;1e400;nan;inf",
        "M5;Mandat;2018;03/05/2018;=cmd|x;@SUM(A1);21831;1;0;1",
    ]
    session = run(lines, apply=True)
    assert {p["line"] for p in session.problems} == {2, 3, 4, 5, 6}
    assert Expense.objects.get().supplier == "=cmd|x"


@pytest.mark.parametrize("size", [3, 300])
def test_any_number_of_lines_is_written_in_a_few_queries(
    run: Any, plan: Plan, size: int, django_assert_max_num_queries: Any
) -> None:
    spend.voted(plan, {2018: 10**9}, code="ap")
    lines = ["Pièce;Étape;Exercice;Date;HT;TVA;TTC;AP;Compte;N° engagement"]
    lines += [f"E{n};Engagement;2018;03/05/2018;10,00;2,00;12,00;ap;21831;" for n in range(size)]
    lines += [f"M{n};Mandat;2018;03/05/2018;10,00;2,00;12,00;ap;21831;E{n}" for n in range(size)]
    session = run(lines)
    with django_assert_max_num_queries(90):
        services.apply_session(session=session, importer=ExpenseImporter(), by=None)
    assert Expense.objects.count() == Expense.history.count() == 2 * size
    assert Expense.objects.filter(stage="payment", origin__stage="commitment").count() == size
    assert Authorisation.objects.get().committed == AuthorisationYear.objects.get().paid == 1_200 * size
    assert counts(run(lines)) == (2 * size, 0, 0, 2 * size)
    with django_assert_max_num_queries(90):
        undo(session)
    assert not Expense.objects.exists()
    assert Authorisation.objects.get().committed == AuthorisationYear.objects.get().paid == 0


def test_the_whole_of_an_undo_is_held_within_the_votes_not_its_steps(run: Any, plan: Plan) -> None:
    """The release goes before the commitment it made room for comes back lower: half way is beyond what was voted."""
    spend.voted(plan, {2018: 100_000}, code="ap")
    header = "Pièce;Étape;Exercice;Date;Montant TTC;AP"
    run([header, "E1;Engagement;2018;03/05/2018;1000,00;ap"], apply=True)
    more = run(
        [header, "E1;Engagement;2018;03/05/2018;1500,00;ap", "E2;Engagement;2018;03/05/2018;-500,00;ap"], apply=True
    )
    assert (more.problems, counts(more)) == ([], (2, 1, 1, 0))
    undo(more)
    assert Expense.objects.get().ttc == Authorisation.objects.get().committed == 100_000
