"""« Vérifier un acte », its API and its command: who may, what is said of bad input, what is recorded and what is not."""

import html
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from deliberations import queries, services
from deliberations.domain.reading.document import to_input
from deliberations.domain.reading.read import read_text
from deliberations.domain.verify import check, read_input
from deliberations.forms.reading import LONGEST_TEXT
from deliberations.models import Act, Assembly, Mandate, Sitting
from deliberations.services.past_acts import record_past_act
from plan_numerique.accounts.models import User
from plan_numerique.audit.models import AuditEvent
from plan_numerique.shared.errors import DomainError
from tests.deliberations.domain.test_reading import SLUGS, text_of
from tests.factories import deliberations as make
from tests.factories.accounts import AuthorityFactory, MembershipFactory

URL = "/verifier-un-acte/"
API = "/api/v1/acts/read/"
TEXT = """Séance du 4 mai 2015 à 18h30
Membres en exercice : 5
Présents : 3
Mme Ada TEST, M. Bob ESSAI, Mme Ève MODÈLE
Excusé : 1
M. Dan LOIN
Pouvoirs : 1
Mme Cléo FEINTE donne pouvoir à Mme Ada TEST
Objet : Un essai de lecture
POUR : 3
CONTRE : 0
ABSTENTIONS : 1 (M. Bob ESSAI)
Décision : adoptée à la majorité
"""


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


def fields_of(response: Any) -> dict[str, str]:
    """What a browser would send back of the page's form."""
    form = response.context["form"]
    data = {field.html_name: field.value() for field in form}
    where = response.context["where"]
    data |= {field.html_name: field.value() for field in where}
    said = {name: value for name, value in data.items() if value is not None and value is not False and value != ""}
    return {name: "on" if value is True else str(getattr(value, "pk", value)) for name, value in said.items()}


def read(client: Client, text: str = TEXT) -> Any:
    return client.post(URL, {"step": "read", "text": text})


def sent(client: Client, step: str = "check", text: str = TEXT, **changes: Any) -> Any:
    fields = {**fields_of(read(client, text)), **changes}
    return client.post(URL, {**fields, "step": step})


@pytest.fixture
def client(client_as: Any) -> Client:
    result: Client = client_as("assembly")
    return result


@pytest.fixture
def assembly(authority: Any) -> Assembly:
    row: Assembly = make.AssemblyFactory(authority=authority, name="Conseil synthétique")
    return row


@pytest.mark.parametrize(("role", "status"), [("assembly", 200), ("finance", 200), ("elected", 403), ("partner", 403), ("academy", 403)])  # fmt: skip
def test_who_may_check_an_act(client_as: Any, role: str, status: int) -> None:
    assert Client().get(URL).headers["Location"].startswith("/compte/login/")
    assert client_as(role).get(URL).status_code == status
    assert read(client_as(role)).status_code == status


def test_the_api_is_open_to_who_is_signed_in(client_as: Any) -> None:
    body = json.dumps({"text": TEXT})
    assert Client().post(API, body, content_type="application/json").status_code == 403
    assert client_as("partner").post(API, body, content_type="application/json").status_code == 200


def test_each_value_is_shown_with_its_phrase(client: Client) -> None:
    page = read(client)
    text = shown(page)
    assert page.status_code == 200
    assert "<q>Membres en exercice : 5</q>" in text
    assert re.search(r'<mark id="p\d+">Membres en exercice : 5</mark>', text)
    assert "Mme Cléo FEINTE donne pouvoir à Mme Ada TEST" in fields_of(page)["members_proxies"]
    assert (Act.objects.count(), Sitting.objects.count(), Mandate.objects.count()) == (0, 0, 0)


def test_two_figures_are_left_to_choose(client: Client) -> None:
    text = TEXT + "\nMembres en exercice : 6\n"
    page = read(client, text)
    assert "members_in_office" not in fields_of(page)
    assert "à choisir" in shown(page)
    checked = sent(client, text=text, **{"pick-members_in_office": "1"})
    assert fields_of(checked)["members_in_office"] == "6"
    assert "COUNT_MEMBERS" in codes(checked)


def codes(response: Any) -> list[str]:
    return [row["finding"].code for row in response.context["findings"]]


def test_findings_show_what_is_expected_and_stated(client: Client) -> None:
    page = sent(client, members_present="4")
    assert codes(page) == ["COUNT_MEMBERS", "COUNT_LIST", "VOTES_VS_VOICES"]
    assert "CGCT, article L2121-20" in shown(page)
    assert Act.objects.count() == 0


def test_the_law_and_the_authority_of_the_assembly_enter_the_checks(client: Client, assembly: Assembly) -> None:
    assembly.authority.population, assembly.authority.siren = 2_000, "244200770"
    assembly.authority.save()
    text = TEXT + "\nDate de convocation : 2 mai 2015\n086-218601946-20150504-1-DE\n"
    page = sent(client, text=text, assembly=assembly.pk)
    found = {row["finding"].code: row["finding"] for row in page.context["findings"]}
    assert found["CONVOCATION_DELAY"].article == "L2121-11"
    assert found["ACTES_SIREN"].expected == "244200770"


def test_figures_typed_without_a_text(client: Client) -> None:
    page = client.post(URL, {"step": "blank"})
    assert (page.status_code, page.context["segments"]) == (200, [])
    checked = client.post(
        URL, {"step": "check", "session_date": "2020-03-02", "members_in_office": "9", "members_present": "4"}
    )
    assert codes(checked) == ["QUORUM_NOT_REACHED"]


def test_recording_makes_the_members_the_sitting_and_the_act(client: Client, assembly: Assembly) -> None:
    make.MandateFactory(assembly=assembly, display_name="Madame Ada Test")
    answer = sent(client, "record", assembly=assembly.pk, source="Registre d'essai")
    act = Act.objects.get()
    assert answer.headers["Location"] == f"/deliberations/{act.pk}/"
    assert act.sitting.past
    assert (act.title, act.state, act.sitting.held_on, str(act.sitting.held_at)) == (
        "Un essai de lecture",
        "adopted",
        date(2015, 5, 4),
        "18:30:00",
    )
    names = set(assembly.mandates.values_list("display_name", flat=True))
    assert names == {"Madame Ada Test", "M. Bob ESSAI", "M. Dan LOIN", "Mme Cléo FEINTE", "Mme Ève MODÈLE"}
    assert {str(row.mandate): row.state for row in act.sitting.presences.select_related("mandate")} == {
        "Madame Ada Test": "present", "M. Bob ESSAI": "present", "Mme Ève MODÈLE": "present", "M. Dan LOIN": "excused", "Mme Cléo FEINTE": "represented",
    }  # fmt: skip
    assert [str(proxy) for proxy in act.sitting.proxies.all()] == ["Mme Cléo FEINTE donne pouvoir à Madame Ada Test"]
    assert [(str(vote.mandate), vote.choice) for vote in act.ballot.votes.all()] == [("M. Bob ESSAI", "abstain")]
    assert AuditEvent.objects.filter(verb="deliberations.past_act_recorded").count() == 1
    assert client.get(answer.headers["Location"]).status_code == 200


def test_another_act_of_the_same_sitting_joins_it(client: Client, assembly: Assembly) -> None:
    sent(client, "record", assembly=assembly.pk)
    other = TEXT.replace("Un essai", "Un autre essai")
    assert sent(client, "record", text=other, assembly=assembly.pk).status_code == 302
    assert (Sitting.objects.count(), Act.objects.count(), Mandate.objects.count()) == (1, 2, 5)
    page = sent(client, "record", text=other, assembly=assembly.pk, members_present="1")
    assert page.status_code == 422
    assert "déjà consignée avec 3 présents, et non 1" in shown(page)
    assert Act.objects.count() == 2


def test_an_act_does_not_join_a_sitting_held_here(client: Client, assembly: Assembly) -> None:
    make.SittingFactory(assembly=assembly, held_on=date(2015, 5, 4), chair=None)
    page = sent(client, "record", assembly=assembly.pk)
    assert (page.status_code, Act.objects.count(), Mandate.objects.count()) == (422, 0, 0)
    assert "tenue dans l'application" in shown(page)


def test_a_new_assembly_is_made_with_its_act(client: Client, authority: Any) -> None:
    assert sent(client, "record").status_code == 422
    page = sent(client, "record", authority=authority.pk)
    assert "Nommer la nouvelle assemblée" in shown(page)
    answer = sent(client, "record", authority=authority.pk, assembly_name="Conseil d'essai")
    assert answer.status_code == 302
    assert Assembly.objects.get().name == "Conseil d'essai"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"act_title": ""}, "Donner l'objet de l'acte"),
        ({"members_present_names": "Mme Ada TEST\nM. Bob ESSAI\nM. Dan LOIN"}, "« M. Dan LOIN » figure deux fois"),
        ({"members_proxies": "Mme Cléo FEINTE donne pouvoir à Mme Cléo FEINTE"}, "se donne pouvoir à soi-même (CGCT, article L2121-20)"),
        ({"vote_for_names": "M. Bob ESSAI"}, "« M. Bob ESSAI » est nommé deux fois dans le vote"),
        ({"session_secret": "on"}, "Un scrutin secret ne nomme personne (CGCT, article L2121-21)."),
        ({"session_date": ""}, "Donner la date de la séance"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded_leaves_nothing(
    client: Client, assembly: Assembly, changes: dict[str, str], sentence: str
) -> None:
    page = sent(client, "record", assembly=assembly.pk, **changes)
    assert page.status_code == 422
    assert sentence in shown(page)
    assert (Act.objects.count(), Sitting.objects.count(), Mandate.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"members_present": "1001"}, "Présents"),
        ({"members_present": "9" * 400}, "Présents"),
        ({"members_present": "douze"}, "Présents"),
        ({"session_date": "31/02/2015"}, "Date de la séance"),
        ({"session_time": "25:61"}, "Heure de la séance"),
        ({"members_present_names": "A\0B"}, "Noms des présents"),
        ({"members_present_names": "x" * 130}, "Ligne 1"),
        ({"members_proxies": "A donne pouvoir à B donne pouvoir à C"}, "écrire par exemple"),
        ({"budget_total_ht": "mille"}, "« mille » n'est pas un nombre en €"),
        ({"budget_lines": "Câblage ; beaucoup"}, "Ligne 1, « Câblage ; beaucoup »"),
        ({"grants": "Région ; 120 % ; 3"}, "écrire par exemple « Région ; 20 % ; 2 400,00 ; 12 000,00 »"),
        ({"amounts": "Coût ; 3 ; net"}, "Ligne 1"),
        ({"amounts": "Coût"}, "écrire par exemple « Coût global ; 12 000,00 ; HT »"),
        ({"vote_stated_result": "parfait"}, "Résultat écrit"),
        ({"assembly": "9" * 30}, "Assemblée"),
    ],
)  # fmt: skip
def test_bad_figures_are_told_by_their_field(client: Client, changes: dict[str, str], sentence: str) -> None:
    page = sent(client, **changes)
    assert page.status_code == 422
    assert sentence in shown(page)


@pytest.mark.parametrize("step", ["read", "check", "record"])
def test_a_text_too_long_is_told(client: Client, step: str) -> None:
    page = client.post(URL, {"step": step, "text": "x" * (LONGEST_TEXT + 1), "session_date": "2020-01-01"})
    assert page.status_code == 422
    assert f"{LONGEST_TEXT + 1} caractères" in shown(page)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"%PDF-1.7 ...", "acte.pdf", "Un PDF ne se lit pas ici"),
        (b"PK\x03\x04\0\0", "acte.docx", "n'est pas un fichier de texte"),
        (b"x" * (LONGEST_TEXT + 1), "acte.txt", "300000 au plus"),
        (b"x" * 1_000_001, "acte.txt", "plus de 1 Mo"),
        (b"  \n ", "acte.txt", "Coller le texte d'un acte"),
    ],
)
def test_files_that_are_no_text(client: Client, content: bytes, name: str, sentence: str) -> None:
    page = client.post(URL, {"step": "read", "file": SimpleUploadedFile(name, content)})
    assert page.status_code == 422
    assert sentence in shown(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_file_of_text_is_read(client: Client, encoding: str) -> None:
    file = SimpleUploadedFile("acte.md", TEXT.replace("\n", "\r\n").encode(encoding))
    page = client.post(URL, {"step": "read", "file": file})
    assert "Mme Cléo FEINTE" in fields_of(page)["members_proxies"]


def test_a_person_with_roles_in_two_towns_records_in_one_only(
    client_as: Any, authority: Any, other_authority: Any
) -> None:
    """Clerk of one town, finance officer of another: the acts of the other are checked, never recorded there."""
    client = client_as("assembly")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    MembershipFactory(user=user, role="finance", authority=other_authority)
    theirs = make.AssemblyFactory(authority=other_authority)
    unseen = make.AssemblyFactory(authority=AuthorityFactory(department="035"))
    assert sent(client, assembly=theirs.pk).status_code == 200
    assert sent(client, "record", assembly=theirs.pk).status_code == 403
    assert sent(client, "record", authority=other_authority.pk, assembly_name="X").status_code == 422
    assert sent(client, assembly=unseen.pk).status_code == 422
    assert unseen.name not in shown(read(client))
    assert (Act.objects.count(), Mandate.objects.count()) == (0, 0)


def test_who_may_only_read_does_not_record(client_as: Any, assembly: Assembly) -> None:
    client = client_as("finance")
    assert "Consigner comme acte repris" not in shown(sent(client, assembly=assembly.pk))
    assert sent(client, "record", assembly=assembly.pk).status_code == 403
    assert Act.objects.count() == 0


def test_the_page_asks_a_constant_number_of_queries(
    client: Client, assembly: Assembly, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(25):
        read(client)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_four_acts_recorded_have_the_findings_of_their_text(authority: Any, slug: str) -> None:
    values = {"act.title": "Titre donné", **read_text(text_of(slug)).values()}
    assembly = services.save_assembly(instance=Assembly(authority=authority, name=slug), by=None)
    act = record_past_act(assembly=assembly, values=values, by=None)
    stated, _ = read_input(to_input(values))
    assert stated is not None
    ours = {"ACTES_SIREN", "ACTES_DEPARTMENT"}  # those read the authority, which is synthetic here
    found = [row.code for row in queries.check_act(act).findings if row.code not in ours]
    assert found == [row.code for row in check(stated).findings]
    listed = queries.members_of(act.sitting, act)
    for name, expected in (("present_names", 46), ("excused_names", 0)) if slug == "poitiers" else ():
        assert len(getattr(listed, name)) == expected


def test_one_name_written_twice_in_the_lists_is_refused(authority: Any) -> None:
    assembly = services.save_assembly(instance=Assembly(authority=authority, name="X"), by=None)
    values = {"act.title": "T", "session.date": "2015-05-04", "members.present_names": ["Mme A TEST", "Madame A Test"]}
    with pytest.raises(DomainError, match="figure deux fois"):
        record_past_act(assembly=assembly, values=values, by=None)


# --- API and command ------------------------------------------------------------------------------------------------------------------


def ask(client: Client, body: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(API, raw, content_type="application/json")


def test_the_api_gives_proposals_and_the_document_to_check(client: Client) -> None:
    body = ask(client, {"text": TEXT}).json()
    present = next(row for row in body["proposals"] if row["key"] == "members.present")
    (candidate,) = present["candidates"]
    assert (candidate["value"], candidate["confidence"], candidate["taken"]) == (3, "sure", True)
    (phrase,) = candidate["phrases"]
    assert TEXT[phrase["start"] : phrase["end"]] == phrase["text"] == "Présents : 3"
    assert body["problems"] == []
    checked = client.post("/api/v1/acts/verify/", json.dumps(body["input"]), content_type="application/json")
    assert (checked.status_code, checked.json()["findings"]) == (200, [])


def test_the_api_says_what_is_missing(client: Client) -> None:
    body = ask(client, {"text": "Présents : 3"}).json()
    assert len(body["problems"]) == 1
    assert body["problems"][0].startswith("session.date")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"{", 400), ({}, 400), ({"text": None}, 400), ({"text": 3}, 400), ({"text": "x", "y": 1}, 400),
        (b'{"text": "\\ud800"}', 400), ({"text": "\0"}, 200), ({"text": "x" * (LONGEST_TEXT + 1)}, 413), ({"text": "x" * 10_000_000}, 413),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_in_words(client: Client, body: Any, status: int) -> None:
    answer = ask(client, body)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["errors"]


def test_the_command_reads_a_file(tmp_path: Path, capfdbinary: Any) -> None:
    path = tmp_path / "acte.txt"
    path.write_text(TEXT, encoding="utf-8")
    call_command("read_act", str(path))
    document = json.loads(capfdbinary.readouterr().out)
    assert document["input"]["members"]["present_names"] == ["Mme Ada TEST", "M. Bob ESSAI", "Mme Ève MODÈLE"]


@pytest.mark.parametrize("content", [None, "é".encode("latin-1")])
def test_the_command_says_what_it_cannot_read(tmp_path: Path, capfdbinary: Any, content: bytes | None) -> None:
    path = tmp_path / "acte.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as left:
        call_command("read_act", str(path))
    assert left.value.code == 2
    assert b"fichier illisible" in capfdbinary.readouterr().err
