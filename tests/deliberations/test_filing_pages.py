"""The pages, lists and endpoints of the filing: access, what they say, what they refuse."""

import html
import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deliberations.enums import CouncilDocumentKind
from deliberations.models import Act, Classification, Publication, Transmission, TransmissionProfile
from deliberations.services.publications import withdraw_publication
from deliberations.services.transmissions import prepare_transmission, record_sending
from tests.deliberations.domain.test_messages import CLASSIFICATION
from tests.factories import deliberations as make
from tests.factories import filing
from tests.factories.accounts import MembershipFactory

ROWS = (
    "act", "transmission", "classification", "matter", "piece", "profile", "publication", "document", "authority", "slug", "annex"
)  # fmt: skip


@pytest.fixture
def act(authority: Any) -> Act:
    return filing.filed_ready(authority, title="Plan numérique des écoles")


@pytest.fixture
def rows(act: Act, authority: Any) -> dict[str, Any]:
    transmission = prepare_transmission(act=act, by=None)
    other = filing.decided_act(authority)
    publication = filing.published(filing.extract_of(other))
    classification = Classification.objects.get(authority=authority)
    return {
        "act": act.pk, "transmission": transmission.pk, "classification": classification.pk, "profile": authority.transmission_profile.pk,
        "matter": classification.matters.first().pk, "piece": classification.attachment_types.first().pk, "publication": publication.pk,
        "document": filing.extract_of(act).pk, "authority": authority.pk, "slug": authority.slug,
    }  # fmt: skip


STAFF = [
    "/deliberations/{act}/depot/", "/transmissions/", "/transmissions/{transmission}/", "/profils-de-transmission/",
    "/profils-de-transmission/{profile}/", "/donnees-ouvertes/", "/donnees-ouvertes/{authority}/", "/donnees-ouvertes/{authority}/?format=csv",
]  # fmt: skip
VIEW = [
    "/classifications/",
    "/classifications/{classification}/",
    "/matieres/",
    "/types-de-pieces/",
    "/publications/",
    "/publications/{publication}/",
]
WRITE = [
    "/deliberations/{act}/depot/paquet/", "/deliberations/{act}/affichage/", "/transmissions/{transmission}/remise/",
    "/transmissions/{transmission}/accuse/", "/transmissions/{transmission}/anomalie/", "/classifications/charger/",
    "/profils-de-transmission/nouveau/", "/profils-de-transmission/{profile}/modifier/", "/publications/{publication}/retirer/",
    "/documents-du-conseil/{document}/publier/",
]  # fmt: skip
HISTORIES = ["/transmissions/{transmission}/historique/", "/classifications/{classification}/historique/", "/profils-de-transmission/{profile}/historique/", "/publications/{publication}/historique/"]  # fmt: skip


def shown(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("address", [*STAFF, *VIEW, *WRITE, *HISTORIES])
def test_pages(client_as: Any, rows: dict[str, Any], other_authority: Any, address: str) -> None:
    url = address.format(**rows)
    assert Client().get(url).headers["Location"].startswith("/compte/login/")
    assert client_as("school").get(url).status_code == 403
    reader = client_as("elected").get(url).status_code
    assert reader == (200 if address in VIEW else 403)
    assert client_as("assembly").get(url).status_code == 200
    elsewhere = client_as("assembly", other_authority).get(url)
    if "{" in address:
        assert elsewhere.status_code == 404
    else:
        assert elsewhere.status_code == 200
        assert "Plan numérique des écoles" not in shown(elsewhere)


@pytest.mark.parametrize("address", [address for address in WRITE if "{" in address])
def test_what_is_seen_in_one_town_is_not_written_there_by_the_clerk_of_another(
    rows: dict[str, Any], authority: Any, other_authority: Any, user_as: Any, address: str
) -> None:
    """Finance officer here, clerk there: seen, so 403, and nothing is written."""
    user = user_as("finance")
    MembershipFactory(user=user, role="assembly", authority=other_authority)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    url = address.format(**rows)
    before = (Transmission.objects.count(), Publication.objects.filter(withdrawn_at=None).count())
    assert client.get(url).status_code == 403
    data = {
        "sent_on": "2024-06-20",
        "posted_on": "2024-06-20",
        "reason": "x",
        "anomaly": "x",
        "author_name": "x",
        "author_quality": "x",
    }
    assert client.post(url, data).status_code == 403
    assert (Transmission.objects.count(), Publication.objects.filter(withdrawn_at=None).count()) == before
    assert Transmission.objects.get(pk=rows["transmission"]).state == "prepared"


def test_a_file_for_another_town_is_refused(client_as: Any, other_authority: Any, authority: Any) -> None:
    answer = client_as("assembly", other_authority).post(
        "/classifications/charger/",
        {"authority": authority.pk, "file": SimpleUploadedFile("c.xml", CLASSIFICATION.encode("iso-8859-1"))},
    )
    assert answer.status_code == 422
    assert not Classification.objects.exists()


ENDPOINTS = {
    "profils-de-transmission": ("profile", "staff"), "transmissions": ("transmission", "staff"), "classifications": ("classification", "view"),
    "matieres": ("matter", "view"), "types-de-pieces": ("piece", "view"), "publications": ("publication", "view"),
}  # fmt: skip


@pytest.mark.parametrize("prefix", ENDPOINTS)
def test_api(client_as: Any, rows: dict[str, Any], other_authority: Any, prefix: str) -> None:
    name, who = ENDPOINTS[prefix]
    for url in (f"/api/v1/{prefix}/", f"/api/v1/{prefix}/{rows[name]}/"):
        assert Client().get(url).status_code == 403
        assert client_as("school").get(url).status_code == 403
        assert client_as("elected").get(url).status_code == (200 if who == "view" else 403)
        assert client_as("assembly").get(url).status_code == 200
        elsewhere = client_as("assembly", other_authority).get(url)
        assert elsewhere.status_code == 404 or elsewhere.json()["count"] == 0
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client_as("elected"), method)(
            f"/api/v1/{prefix}/{rows[name]}/", {}, content_type="application/json"
        )
        assert answer.status_code in (403, 405)


ACTIONS = ["transmissions/{transmission}/remise/", "transmissions/{transmission}/accuse/", "transmissions/{transmission}/anomalie/", "publications/{publication}/retrait/"]  # fmt: skip


@pytest.mark.parametrize("address", ACTIONS)
def test_api_actions(user_as: Any, client_as: Any, rows: dict[str, Any], other_authority: Any, address: str) -> None:
    url = f"/api/v1/{address.format(**rows)}"
    here_finance = user_as("finance")
    MembershipFactory(user=here_finance, role="assembly", authority=other_authority)
    both = Client()
    both.force_login(here_finance, backend="django.contrib.auth.backends.ModelBackend")
    data = {"sent_on": "2024-06-20", "reason": "x", "anomaly": "x", "identifier": "x", "received_on": "2024-06-21"}
    json_type = {"content_type": "application/json"}
    assert Client().post(url, data, **json_type).status_code == 403
    assert client_as("elected").post(url, data, **json_type).status_code == 403
    assert both.post(url, data, **json_type).status_code == 403
    assert client_as("assembly", other_authority).post(url, data, **json_type).status_code == 404
    assert client_as("assembly").post(url, {}, **json_type).status_code == 400
    assert client_as("assembly").post(url.replace(f"/{rows['transmission']}/", "/99999999999999999999/").replace("/retrait", "/retrait"), data, **json_type).status_code in (404, 200)  # fmt: skip


def test_api_follows_a_transmission(client_as: Any, act: Act) -> None:
    client, kind = client_as("assembly"), {"content_type": "application/json"}
    made = client.post("/api/v1/transmissions/", {"act": act.pk, "types": ["42_DE"]}, **kind)
    assert made.status_code == 201, made.json()
    row = made.json()
    refused = client.post("/api/v1/transmissions/", {"act": act.pk, "types": ["zzz"]}, **kind)
    assert (refused.status_code, list(refused.json())) == (400, ["types"]), refused.json()
    url = f"/api/v1/transmissions/{row['id']}/"
    day = act.sitting.held_on.isoformat()
    assert client.post(f"{url}remise/", {"sent_on": day}, **kind).json()["state"] == "sent"
    wrong = client.post(f"{url}accuse/", {"identifier": "x", "received_on": day}, **kind)
    assert (wrong.status_code, list(wrong.json())) == (400, ["identifier"])
    answer = client.post(f"{url}accuse/", {"identifier": row["identifier"], "received_on": day}, **kind)
    assert answer.json()["received_on"] == day


def test_api_publishes_and_takes_down(client_as: Any, act: Act, other_authority: Any) -> None:
    document = filing.extract_of(act)
    client, kind = client_as("assembly"), {"content_type": "application/json"}
    data = {"document": document.pk, "author_name": "Mme X", "author_quality": "maire"}
    assert client_as("assembly", other_authority).post("/api/v1/publications/", data, **kind).status_code == 400
    made = client.post("/api/v1/publications/", data, **kind)
    assert made.status_code == 201, made.json()
    assert made.json()["sha256"] == document.document.sha256
    again = client.post("/api/v1/publications/", data, **kind)
    assert again.status_code == 400
    assert "déjà mis en ligne" in json.dumps(again.json(), ensure_ascii=False)
    gone = client.post(f"/api/v1/publications/{made.json()['id']}/retrait/", {"reason": "Erreur"}, **kind)
    assert gone.json()["withdrawn_reason"] == "Erreur"


def test_api_profile_is_checked(client_as: Any, authority: Any) -> None:
    client, kind = client_as("assembly"), {"content_type": "application/json"}
    for data, field in (({"trigram": "abc"}, "trigram"), ({"siret": "1"}, "siret"), ({"return_emails": "é"}, "return_emails"), ({"district": "12"}, "district")):  # fmt: skip
        answer = client.post("/api/v1/profils-de-transmission/", {"authority": authority.pk, **data}, **kind)
        assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not TransmissionProfile.objects.exists()
    assert client.post("/api/v1/profils-de-transmission/", {"authority": authority.pk}, **kind).status_code == 201


LISTS = {
    "/transmissions/": lambda a: prepare_transmission(act=_extracted(a), by=None),
    "/publications/": lambda a: filing.published(filing.extract_of(filing.decided_act(a))),
    "/classifications/": lambda a: filing.MatterFactory(classification__authority=a),
    "/matieres/": lambda a: filing.MatterFactory(classification__authority=a),
    "/types-de-pieces/": lambda a: filing.AttachmentTypeFactory(classification__authority=a),
    "/profils-de-transmission/": lambda a: None,
    "/donnees-ouvertes/{pk}/": lambda a: make.BallotFactory(act=filing.decided_act(a)),
    "/api/v1/transmissions/": lambda a: prepare_transmission(act=_extracted(a), by=None),
    "/api/v1/publications/": lambda a: filing.published(filing.extract_of(filing.decided_act(a))),
    "/api/v1/classifications/": lambda a: filing.MatterFactory(classification__authority=a),
    "/api/v1/matieres/": lambda a: filing.MatterFactory(classification__authority=a),
    "/api/v1/types-de-pieces/": lambda a: filing.AttachmentTypeFactory(classification__authority=a),
    "/api/v1/profils-de-transmission/": lambda a: None,
}  # fmt: skip


def _extracted(authority: Any) -> Act:
    row = filing.decided_act(authority)
    filing.extract_of(row)
    return row


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("address", LISTS)
def test_lists_ask_the_same_queries_for_one_and_three_rows(client_as: Any, authority: Any, address: str) -> None:
    filing.complete(authority)
    client, url = client_as("assembly"), address.format(pk=authority.pk)
    LISTS[address](authority)
    queries_of(client, url)
    one = queries_of(client, url)
    LISTS[address](authority)
    LISTS[address](authority)
    assert queries_of(client, url) == one


@pytest.mark.parametrize("url", [url for url in LISTS if "api" not in url and "{" not in url])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_exports(client_as: Any, authority: Any, url: str, kind: str) -> None:
    filing.complete(authority)
    LISTS[url](authority)
    answer = client_as("assembly").get(url, {"format": kind})
    assert answer.content[:2] == (b"PK" if kind == "xlsx" else "\ufeff".encode()[:2])


def test_the_way_of_an_act_from_its_vote_to_the_public(client_as: Any, authority: Any) -> None:
    client = client_as("assembly")
    draft = make.ActFactory(sitting__assembly__authority=authority, matter_code="8.1")
    page = shown(client.get(f"/deliberations/{draft.pk}/depot/"))
    assert "ne s'est pas encore prononcée" in page
    act = filing.decided_act(authority, number="12")
    url = f"/deliberations/{act.pk}/depot/"
    page = shown(client.get(url))
    for words in (
        "Établir l'extrait",
        "Il manque : le SIREN de la collectivité",
        "Compléter le profil",
        "Rien n'est envoyé par cette application",
    ):
        assert words in page
    filing.complete(authority)
    filing.annex_of(act, media_type="image/png", title="Photographie")
    filing.extract_of(act)
    page = shown(client.get(url))
    assert "Préparer le paquet" in page
    assert "Photographie : ce n'est pas un PDF." in page
    form = shown(client.get(f"{url}paquet/"))
    assert '<option value="99_DE" selected>99_DE Pièce synthétique</option>' in form
    assert client.post(f"{url}paquet/", {"type_0": "zz"}).status_code == 422
    assert client.post(f"{url}paquet/", {"type_0": "99_DE"}).headers["Location"] == url
    row = Transmission.objects.get()
    assert client.get(f"/documents/{row.package_id}/").headers["Content-Type"] == "application/gzip"
    assert "Consigner la remise" in shown(client.get(url))
    day = act.sitting.held_on.isoformat()
    for given in ("", "hier", "2999-01-01", "0001-01-01"):
        assert client.post(f"/transmissions/{row.pk}/remise/", {"sent_on": given}).status_code == 422
    client.post(f"/transmissions/{row.pk}/remise/", {"sent_on": day})
    assert "Consigner l'accusé" in shown(client.get(url))
    refused = client.post(f"/transmissions/{row.pk}/accuse/", {"identifier": "\x00", "received_on": ""})
    assert refused.status_code == 422
    refused = client.post(
        f"/transmissions/{row.pk}/accuse/", {"file": SimpleUploadedFile("a.xml", b"\xff" * 3_000_000)}
    )
    assert "pèse 3 Mo : 2 Mo au plus" in shown(refused)
    refused = client.post(f"/transmissions/{row.pk}/accuse/", {"file": SimpleUploadedFile("a.xml", b"<html/>")})
    assert "message ARActe" in shown(refused)
    done = client.post(f"/transmissions/{row.pk}/accuse/", {"identifier": row.identifier, "received_on": day})
    assert done.headers["Location"] == url
    document = filing.extract_of(act)
    page = shown(client.get(url))
    assert "Mettre en ligne" in page
    assert (
        client.post(
            f"/documents-du-conseil/{document.pk}/publier/", {"author_name": "", "author_quality": "maire"}
        ).status_code
        == 422
    )
    client.post(f"/documents-du-conseil/{document.pk}/publier/", {"author_name": "Mme X", "author_quality": "maire"})
    page = shown(client.get(url))
    assert "Voir la page publique" in page
    assert page.count("(fait)") == 6
    assert client.get(f"/actes/{authority.slug}/{act.pk}/").status_code == 200
    assert client.get("/").status_code == 200  # still signed in
    publication = Publication.objects.get()
    client.post(f"/publications/{publication.pk}/retirer/", {"reason": "Erreur"})
    assert "Retirée" in shown(client.get(url))
    assert "Erreur" in shown(client.get(f"/publications/{publication.pk}/"))


def test_posting_is_recorded_from_the_page(client_as: Any, act: Act) -> None:
    client = client_as("assembly")
    act.sitting.assembly.publication = "posting"
    act.sitting.assembly.save()
    assert "par affichage" in shown(client.get(f"/deliberations/{act.pk}/depot/"))
    refused = client.post(f"/deliberations/{act.pk}/affichage/", {"posted_on": "1999-01-01"})
    assert "L2131-1" in shown(refused)
    client.post(f"/deliberations/{act.pk}/affichage/", {"posted_on": act.sitting.held_on.isoformat()})
    act.refresh_from_db()
    assert act.posted_on == act.sitting.held_on


def test_stale_extract_is_told(client_as: Any, act: Act) -> None:
    clause = make.ActClauseFactory(act=act)
    filing.extract_of(act)
    clause.text = "autre"
    clause.save()
    assert "en établir un nouveau" in shown(client_as("assembly").get(f"/deliberations/{act.pk}/depot/"))


def test_past_act_filed_elsewhere_says_so(client_as: Any, act: Act) -> None:
    Act.objects.filter(pk=act.pk).update(received_on=date(2018, 12, 10), posted_on=date(2018, 12, 10))
    page = shown(client_as("assembly").get(f"/deliberations/{act.pk}/depot/"))
    assert "par une transmission faite hors de l'application" in page
    assert page.count("(fait)") == 6


@pytest.mark.parametrize(
    ("name", "content", "dated_on", "words"),
    [
        ("c.xml", b"<html/>", "", "RetourClassification"),
        ("c.xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "", "DOCTYPE"),
        ("c.csv", b"code;libelle\n8.1;Enseignement\n", "", "Dire la date"),
        ("c.csv", b"code;libelle\n8.1;Enseignement\n", "2999-01-01", "à venir"),
        ("c.csv", b"code;libelle\nhuit;Enseignement\n", "2019-03-01", "Ligne 2 : « huit »"),
        ("c.csv", b"code;libelle\n8.1;a\n8.1;b\n", "2019-03-01", "Ligne 3 : le code 8.1 est déjà donné"),
        ("c.csv", b"nom;prix\n8.1;a\n", "2019-03-01", "une colonne « code »"),
        ("c.csv", b"\x00\x01", "2019-03-01", "c.csv"),
        ("c.xlsx", b"PK\x03\x04", "2019-03-01", "c.xlsx"),
        ("c.csv", b"code;libelle\n" + b"8.1;a\n" * 1_000_000, "2019-03-01", "5 Mo au plus"),
    ],
)  # fmt: skip
def test_wrong_classifications_are_told(
    client_as: Any, authority: Any, name: str, content: bytes, dated_on: str, words: str
) -> None:
    data = {"authority": authority.pk, "file": SimpleUploadedFile(name, content), "dated_on": dated_on}
    answer = client_as("assembly").post("/classifications/charger/", data)
    assert answer.status_code == 422
    assert words in shown(answer)
    assert not Classification.objects.exists()


def test_classifications_are_loaded_shown_and_picked(client_as: Any, authority: Any) -> None:
    client = client_as("assembly")
    for file, dated in (("c.xml", ""), ("c.csv", "2018-01-01")):
        content = (
            CLASSIFICATION.encode("iso-8859-1") if file == "c.xml" else "Code;Libellé\n8.1;Enseignement\n".encode()
        )
        data = {
            "authority": authority.pk,
            "file": SimpleUploadedFile(file, content),
            "dated_on": dated,
            "source": "Préfecture",
        }
        answer = client.post("/classifications/charger/", data)
        assert answer.status_code == 302, shown(answer)
    row = Classification.objects.get(dated_on=date(2019, 3, 1))
    page = shown(client.get(f"/classifications/{row.pk}/"))
    assert page.index(">7.9<") < page.index(">7.10<")
    assert "99_SE" in page
    data = {"authority": authority.pk, "file": SimpleUploadedFile("c.xml", CLASSIFICATION.encode("iso-8859-1"))}
    again = client.post("/classifications/charger/", data)
    assert "déjà une classification de cette date" in shown(again)
    listed = shown(client.get(f"/matieres/?classification={row.pk}"))
    assert listed.index(">7.9<") < listed.index(">7.10<")
    sitting = make.SittingFactory(assembly__authority=authority)
    form = shown(client.get(f"/deliberations/nouveau/?sitting={sitting.pk}"))
    options = form[form.index("<datalist") : form.index("</datalist>")]
    assert options.index('value="7.9"') < options.index('value="7.10"')
    assert 'value="8.1"' not in options


def test_matters_of_an_act_are_those_of_the_classification(client_as: Any, authority: Any) -> None:
    filing.complete(authority)
    client, sitting = client_as("assembly"), make.SittingFactory(assembly__authority=authority)
    data = {"sitting": sitting.pk, "kind": "deliberation", "state": "draft", "title": "Plan", "nature": "DE"}
    refused = client.post("/deliberations/nouveau/", {**data, "matter_code": "8.1.7"})
    assert "« 8.1.7 » n'est pas dans la classification" in shown(refused)
    assert client.post("/deliberations/nouveau/", {**data, "matter_code": "8.1.1"}).status_code == 302


def test_open_data_says_what_to_correct(client_as: Any, act: Act, authority: Any) -> None:
    client, url = client_as("assembly"), f"/donnees-ouvertes/{authority.pk}/"
    Act.objects.filter(pk=act.pk).update(matter_code="")
    page = shown(client.get(url))
    for words in (
        "Le SIRET de la collectivité n'est pas connu",
        "Code de matière",
        "Cette colonne est obligatoire",
        "Non précisés",
    ):
        assert words in page
    assert client.get(f"{url}?format=csv").content.count(b"\r\n") == 1
    TransmissionProfile.objects.update(siret=filing.SIRET)
    Act.objects.filter(pk=act.pk).update(matter_code="8.1")
    make.BallotFactory(act=act, mode="totals", for_count=4, against_count=0, abstain_count=0)
    page = shown(client.get(url))
    assert "4 / 4 / 4 / 0 / 0" in page
    assert client.get(f"{url}?format=csv").content.count(b"\r\n") == 2
    assert Client().get(f"/actes/{authority.slug}/deliberations.csv").content.count(b"\r\n") == 1


def test_a_signed_in_reader_of_a_public_page_stays_signed_in(client_as: Any, authority: Any) -> None:
    client = client_as("assembly")
    answer = client.get(f"/actes/{authority.slug}/")
    assert (answer.status_code, answer.cookies.output()) == (200, "")
    assert client.get("/transmissions/").status_code == 200


def test_withdrawn_document_offers_nothing_more(client_as: Any, rows: dict[str, Any]) -> None:
    publication = Publication.objects.get(pk=rows["publication"])
    withdraw_publication(publication=publication, reason="Erreur", by=None)
    page = shown(client_as("assembly").get(f"/publications/{publication.pk}/"))
    assert "/retirer/" not in page
    assert "Adresse publique" not in page
    answer = client_as("assembly").post(f"/publications/{publication.pk}/retirer/", {"reason": "encore"})
    assert (answer.status_code, "déjà retiré" in shown(answer)) == (422, True)


def test_transmission_answers_are_downloaded_by_the_staff_only(client_as: Any, act: Act) -> None:
    row = record_sending(transmission=prepare_transmission(act=act, by=None), sent_on=act.sitting.held_on, by=None)
    assert client_as("assembly").get(f"/documents/{row.package_id}/").status_code == 200
    assert client_as("elected").get(f"/documents/{row.package_id}/").status_code == 404


SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.interieur.gouv.fr/ACTES#v1.1-20040216">
<xsd:element name="Acte"/>{more}</xsd:schema>"""


def test_check_actes_tells_what_the_schema_refuses(act: Act, tmp_path: Any) -> None:
    out = io.StringIO()
    call_command("check_actes", xsd=tmp_path / "none.xsd", stdout=out)
    assert "absent" in out.getvalue()
    path = tmp_path / "actes.xsd"
    path.write_text(SCHEMA.format(more=""))
    with pytest.raises(CommandError, match="enveloppe"):
        call_command("check_actes", xsd=path)
    path.write_text(SCHEMA.format(more='<xsd:element name="EnveloppeCLMISILL"/>'))
    call_command("check_actes", xsd=path, stdout=out)
    assert "8 fichiers XML valides" in out.getvalue()


def test_kinds_of_documents_are_filtered(client_as: Any, act: Act) -> None:
    filing.published(filing.minutes_of(act.sitting, CouncilDocumentKind.LIST))
    client = client_as("assembly")
    assert "<b>1</b> résultat" in shown(client.get("/publications/?kind=liste"))
    assert "<b>0</b> résultat" in shown(client.get("/publications/?kind=extrait"))


def test_a_communication_that_is_noted_has_nothing_to_file(client_as: Any, authority: Any) -> None:
    told = make.ActFactory(sitting__assembly__authority=authority, kind="information", state="noted")
    decided = make.ActFactory(sitting__assembly__authority=authority, state="adopted")
    client = client_as("assembly")
    assert "Établir l&#x27;extrait" not in client.get(f"/deliberations/{told.pk}/depot/").content.decode()
    assert "Établir l&#x27;extrait" in client.get(f"/deliberations/{decided.pk}/depot/").content.decode()
