"""Putting documents online, taking them down, and the public pages."""

import csv
import importlib
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberations import services
from deliberations.domain.opendata import check_row
from deliberations.enums import CouncilDocumentKind
from deliberations.models import Act, Publication
from deliberations.queries.publication import public_acts
from deliberations.services.publications import publish_document, record_posting, withdraw_publication
from plan_numerique.demo.loader import files, territory
from plan_numerique.demo.loader.councils import load_council
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from tests.factories import deliberations as make
from tests.factories import filing

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def official() -> Any:
    """The official library; what it does to the reading of CSV files, for the whole process, is undone at once."""
    limit = csv.field_size_limit()
    library = importlib.import_module("frictionless")
    csv.field_size_limit(limit)
    return library


@pytest.fixture
def act(authority: Any) -> Act:
    row = filing.decided_act(authority, number="2024-12", title="Plan numérique des écoles")
    make.ActClauseFactory(act=row, kind="visa", text="le code général des collectivités territoriales")
    make.ActClauseFactory(act=row, kind="article", verb="approuve", text="le plan des écoles")
    make.BallotFactory(act=row, mode="totals", for_count=3, against_count=1, abstain_count=0)
    return row


def put_online(act: Act) -> Publication:
    return filing.published(filing.extract_of(act))


def page(path: str, authority: Any) -> Any:
    return Client().get(f"/actes/{authority.slug}/{path}")


def test_first_publication_dates_the_act_and_freezes_its_annexes(act: Act) -> None:
    annex = filing.annex_of(act)
    publication = put_online(act)
    act.refresh_from_db()
    annex.document.refresh_from_db()
    assert act.published_on == timezone.localdate(publication.posted_at)
    assert annex.document.published_at is not None
    assert (publication.author_name, publication.author_quality) == ("Mme Membre SYNTHÉTIQUE", "maire")


def test_a_correction_is_another_version_and_the_first_day_stays(act: Act) -> None:
    Act.objects.filter(pk=act.pk).update(published_on=date(2024, 6, 11))
    put_online(act)
    second = filing.published(filing.extract_of(act, b"%PDF-1.7\ncorrected\n"))
    act.refresh_from_db()
    assert act.published_on == date(2024, 6, 11)
    assert public_acts(act.sitting.assembly.authority).get().publication_id == second.pk


def _draft(act: Act) -> Any:
    Act.objects.filter(pk=act.pk).update(state="draft")
    return filing.extract_of(act)


def _certificate(act: Act) -> Any:
    document = filing.extract_of(act)
    document.kind = CouncilDocumentKind.CERTIFICATE
    document.save()
    return document


def _twice(act: Act) -> Any:
    return put_online(act).document


def _old(act: Act) -> Any:
    document = filing.extract_of(act)
    filing.extract_of(act)
    return document


def _changed(act: Act) -> Any:
    document = filing.extract_of(act)
    clause = act.clauses.first()
    clause.text = "un autre texte"
    clause.save()
    return document


def _revoted(act: Act) -> Any:
    document = filing.extract_of(act)
    act.ballot.for_count = 2
    act.ballot.save()
    return document


def _minutes(act: Act) -> Any:
    return filing.minutes_of(act.sitting, CouncilDocumentKind.MINUTES)


def _not_frozen(act: Act) -> Any:
    document = filing.extract_of(act)
    document.document = filing.annex_of(act).document
    document.save()
    return document


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (_draft, "L2131-1"), (_certificate, "n'est pas mis en ligne"), (_twice, "déjà mis en ligne"), (_old, "version 1 a été corrigée"),
        (_changed, "avant la dernière modification"), (_revoted, "avant la dernière modification"), (_minutes, "L2121-15"),
        (_not_frozen, "figé"),
    ],
)  # fmt: skip
def test_what_is_not_put_online(act: Act, document: Any, words: str) -> None:
    row = document(act)
    before = Publication.objects.count()
    with pytest.raises(DomainError, match=words):
        publish_document(document=row, author_name="X", author_quality="maire", by=None)
    assert Publication.objects.count() == before


def test_lists_and_approved_minutes_go_online(act: Act, authority: Any) -> None:
    later = make.SittingFactory(assembly=act.sitting.assembly, held_on=act.sitting.held_on + timedelta(days=30))
    act.sitting.minutes_approved_in = later
    act.sitting.save()
    for kind in (CouncilDocumentKind.LIST, CouncilDocumentKind.MINUTES):
        filing.published(filing.minutes_of(act.sitting, kind))
    shown = page("seances/", authority).content.decode()
    assert "Liste des délibérations examinées, séance du" in shown
    assert "Procès-verbal, séance du" in shown
    assert "Aucun acte n&#x27;est en ligne" in page("", authority).content.decode() or "0 acte" in page("", authority).content.decode()  # fmt: skip


def test_coordinates_of_a_member_are_never_published(act: Act) -> None:
    member = make.MandateFactory(assembly=act.sitting.assembly)
    member.contact = __import__("deliberations.models", fromlist=["MemberContact"]).MemberContact.objects.create(
        mandate=member, email="elue@example.org", phone="+33 6 12 34 56 78"
    )
    clause = act.clauses.last()
    clause.text = "s'adresser au 06.12.34.56.78"
    clause.save()
    document = filing.extract_of(act)
    with pytest.raises(DomainError, match=r"jamais publiées : « 06\.12\.34\.56\.78 » \(article"):
        publish_document(document=document, author_name="X", author_quality="maire", contacts_checked=True, by=None)


def test_other_coordinates_are_told_and_may_be_confirmed(act: Act) -> None:
    clause = act.clauses.first()
    clause.text = "le courrier de education@ville.example"
    clause.save()
    document = filing.extract_of(act)
    with pytest.raises(DomainError, match=r"« education@ville\.example » \(visa") as refused:
        filing.published(document)
    assert refused.value.field == "contacts_checked"
    publish_document(document=document, author_name="X", author_quality="maire", contacts_checked=True, by=None)


def test_debates_are_read_before_the_minutes_go_online(act: Act) -> None:
    sitting = act.sitting
    sitting.minutes, sitting.minutes_approved_in = "Mme X donne son numéro, 06 12 34 56 78.", sitting
    sitting.save()
    with pytest.raises(DomainError, match="la teneur des débats"):
        filing.published(filing.minutes_of(sitting, CouncilDocumentKind.MINUTES))


def test_withdrawal_takes_every_version_and_keeps_their_trace(act: Act, authority: Any) -> None:
    first = put_online(act)
    second = filing.published(filing.extract_of(act, b"%PDF-1.7\ncorrected\n"))
    for reason in ("", " ", "x" * 301):
        with pytest.raises(DomainError, match="Dire pourquoi"):
            withdraw_publication(publication=second, reason=reason, by=None)
    withdraw_publication(publication=second, reason="Nom d'une élève", by=None)
    first.refresh_from_db()
    assert (first.withdrawn_reason, second.withdrawn_reason) == ("Nom d'une élève", "Nom d'une élève")
    with pytest.raises(DomainError, match="déjà retiré"):
        withdraw_publication(publication=second, reason="encore", by=None)
    for path in (f"{act.pk}/", f"fichiers/{first.pk}.pdf", f"fichiers/{second.pk}.pdf"):
        gone = page(path, authority)
        assert gone.status_code == 410
        assert "élève" not in gone.content.decode()
        assert act.title not in gone.content.decode()
    assert act.title not in page("", authority).content.decode()


def test_posting_is_dated(act: Act) -> None:
    for day, words in ((date(2999, 1, 1), "à venir"), (date(2000, 1, 1), "L2131-1")):
        with pytest.raises(DomainError, match=words):
            record_posting(act=act, posted_on=day, by=None)
    assert record_posting(act=act, posted_on=act.sitting.held_on, by=None).posted_on == act.sitting.held_on
    Act.objects.filter(pk=act.pk).update(state="draft")
    with pytest.raises(DomainError, match="prononcée"):
        record_posting(act=act, posted_on=act.sitting.held_on, by=None)


def test_public_page_says_the_whole_act(act: Act, authority: Any) -> None:
    Act.objects.filter(pk=act.pk).update(received_on=act.sitting.held_on)
    annex = filing.annex_of(act)
    filing.annex_of(act, public=False, title="Annexe secrète")
    publication = put_online(act)
    answer = page(f"{act.pk}/", authority)
    shown = answer.content.decode()
    for words in (
        "<h1>Plan numérique des écoles</h1>", "Délibération n° 2024-12", "<b>Vu</b> le code général", "<b>approuve</b> le plan des écoles",
        "Mme Membre SYNTHÉTIQUE, maire", publication.document.document.sha256, "Reçue en préfecture", "Exécutoire", "Adoptée à la majorité",
        "<dt>Contre</dt><dd>1", "Annexe 1", "Aller au contenu", "/accessibilite/", 'rel="canonical"',
    ):  # fmt: skip
        assert words in shown, words
    assert "secrète" not in shown
    assert len(answer.content) < 60_000
    file = page(f"fichiers/{publication.pk}.pdf", authority)
    assert (file.content, file.headers["Content-Type"]) == (filing.PDF, "application/pdf")
    assert Client().get(f"/actes/{authority.slug}/{act.pk}/annexes/{annex.pk}/").content == filing.PDF


def test_public_text_is_that_of_the_document(act: Act, authority: Any) -> None:
    put_online(act)
    Act.objects.get(pk=act.pk).history.all()
    clause = act.clauses.last()
    clause.text = "un projet de correction"
    clause.save()
    act.title = "Titre en projet"
    act.save()
    shown = page(f"{act.pk}/", authority).content.decode() + page("", authority).content.decode()
    assert "projet" not in shown
    assert "Plan numérique des écoles" in shown
    assert "seul à faire foi" in shown


def test_an_annex_added_after_is_not_public(act: Act, authority: Any) -> None:
    put_online(act)
    annex = filing.annex_of(act)
    assert page(f"{act.pk}/annexes/{annex.pk}/", authority).status_code == 404
    assert "Annexe 1" not in page(f"{act.pk}/", authority).content.decode()


def test_secret_ballot_and_unknown_figures_are_said(act: Act, authority: Any) -> None:
    act.ballot.secret, act.ballot.abstain_count = True, None
    act.ballot.save()
    put_online(act)
    shown = page(f"{act.pk}/", authority).content.decode()
    assert "scrutin secret" in shown
    assert "<dt>Abstention</dt><dd>non précisé</dd>" in shown


@pytest.mark.parametrize("path", ["", "seances/", "{act}/", "deliberations.csv", "flux.atom", "couleur.css", "fichiers/{publication}.pdf"])  # fmt: skip
def test_public_pages_are_cacheable_without_cookie(act: Act, authority: Any, path: str) -> None:
    publication = put_online(act)
    url = f"/actes/{authority.slug}/{path.format(act=act.pk, publication=publication.pk)}"
    answer = Client().get(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300" or set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=300"}  # fmt: skip
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = Client().get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for method in ("post", "put", "delete", "patch"):
        assert getattr(Client(), method)(url).status_code == 405


def test_nothing_unpublished_is_public(act: Act, authority: Any, other_authority: Any) -> None:
    """Neither an act without publication, nor one of another town by the address of this one."""
    document = filing.extract_of(act)
    for path in (
        f"{act.pk}/",
        f"fichiers/{document.pk}.pdf",
        "fichiers/999999999999999999999.pdf",
        "99999999999999999999999/",
    ):
        assert page(path, authority).status_code == 404
    publication = filing.published(document)
    for path in (f"{act.pk}/", f"fichiers/{publication.pk}.pdf"):
        assert page(path, other_authority).status_code == 404
    assert Client().get("/actes/inconnue/").status_code == 404


def test_an_act_online_is_never_hidden_by_its_state(act: Act, authority: Any) -> None:
    publication = put_online(act)
    act.refresh_from_db()
    act.state = "draft"
    with pytest.raises(DomainError, match="le retirer de la publication avant"):
        services.save_act(instance=act, by=None)
    assert page(f"{act.pk}/", authority).status_code == 200
    withdraw_publication(publication=publication, reason="Erreur", by=None)
    services.save_act(instance=act, by=None)
    assert page(f"{act.pk}/", authority).status_code == 410


def test_authorities_with_something_online_are_listed(act: Act, authority: Any, other_authority: Any) -> None:
    assert "Aucun acte" in Client().get("/actes/").content.decode()
    put_online(act)
    shown = Client().get("/actes/").content.decode()
    assert authority.name in shown
    assert other_authority.name not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=numérique écoles", True), ("q=2024-12", True), ("q=voirie", False), ("annee={year}", True), ("annee=1999", False), ("q=&annee=", True),
     ("page=99", True), ("annee=99999999999999999999", True), ("q=%00", True), ("annee=abc", True), ("q=" + "x" * 300, True)],
)  # fmt: skip
def test_public_search(act: Act, authority: Any, query: str, found: bool) -> None:
    put_online(act)
    answer = page(f"?{query.format(year=act.sitting.held_on.year)}", authority)
    assert answer.status_code == 200
    assert ("Plan numérique des écoles" in answer.content.decode()) is found


def queries_of(url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert Client().get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("path", ["", "seances/", "deliberations.csv", "flux.atom"])
def test_public_pages_ask_the_same_queries_for_one_and_three_acts(authority: Any, path: str) -> None:
    filing.complete(authority, siret=filing.SIRET)

    def another() -> None:
        row = filing.decided_act(authority)
        make.BallotFactory(act=row, mode="totals", for_count=4, against_count=0, abstain_count=0)
        put_online(row)
        filing.published(filing.minutes_of(row.sitting))

    another()
    url = f"/actes/{authority.slug}/{path}"
    queries_of(url)
    one = queries_of(url)
    another()
    another()
    assert queries_of(url) == one


def test_feed_is_atom(act: Act, authority: Any) -> None:
    act.title = "Plan \x0b & <écoles>"
    act.save()
    put_online(act)
    answer = page("flux.atom", authority)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    from lxml import etree

    root = etree.fromstring(answer.content)
    (entry,) = root.findall("{http://www.w3.org/2005/Atom}entry")
    assert "& <écoles>" in entry.findtext("{http://www.w3.org/2005/Atom}title")
    assert entry.find("{http://www.w3.org/2005/Atom}link").get("href").endswith(f"/actes/{authority.slug}/{act.pk}/")


SEEDS = {
    "poitiers": ["53", "51", "40", "0", "11"], "chatellerault": ["39", "38", "28", "0", "10"], "metz": [""] * 5,
    "saint_etienne_metropole": ["131", "91", "91", "0", "0"],
}  # fmt: skip


@pytest.mark.parametrize("slug", SEEDS)
def test_the_file_of_the_demo_passes_the_official_schema(db: Any, official: Any, slug: str, tmp_path: Path) -> None:
    """On a synthetic authority: the SIRET of three of the four towns is in no source, the matter of two of the acts neither."""
    data = json.loads(json.dumps(files.read(f"{slug}.json")))
    data["deliberations"].pop("filing", None)
    data["authority"] |= {"siren": filing.SIREN, "name": "Collectivité synthétique"}
    authority = territory.load_authority(data)
    load_council(authority, data, [])
    filing.TransmissionProfileFactory(authority=authority, siret=filing.SIRET, prefecture="PREF086")
    (act,) = Act.objects.all()
    Act.objects.filter(pk=act.pk).update(matter_code="8.1", state="noted" if act.state == "noted" else "adopted")
    put_online(Act.objects.get(pk=act.pk))
    content = page("deliberations.csv", authority).content
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    assert [
        row[name] for name in ("VOTE_EFFECTIF", "VOTE_REEL", "VOTE_POUR", "VOTE_CONTRE", "VOTE_ABSTENTION")
    ] == SEEDS[slug]
    assert check_row(row) == []
    path = tmp_path / "deliberations.csv"
    path.write_bytes(content)
    schema = official.Schema.from_descriptor(
        {"fields": json.loads((DATA / "scdl-deliberations-2.1.5.schema.json").read_text())["fields"]}
    )
    report = official.Resource(path=path.name, basepath=str(tmp_path), schema=schema).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


def test_a_row_that_the_schema_refuses_stays_out(act: Act, authority: Any) -> None:
    put_online(act)
    assert page("deliberations.csv", authority).content.count(b"\r\n") == 1
    filing.complete(authority, siret=filing.SIRET)
    assert page("deliberations.csv", authority).content.count(b"\r\n") == 2
    Act.objects.filter(pk=act.pk).update(matter_code="")
    assert page("deliberations.csv", authority).content.count(b"\r\n") == 1


def test_published_before_the_corruption_of_its_bytes_is_not_served(act: Act, authority: Any) -> None:
    publication = put_online(act)
    type(publication.document.document).objects.filter(pk=publication.document.document_id).update(content=b"other")
    client = Client(raise_request_exception=False)
    assert client.get(f"/actes/{authority.slug}/fichiers/{publication.pk}.pdf").status_code == 500
    with pytest.raises(documents.CorruptDocumentError):
        documents.read(publication.document.document)


def test_withdrawn_stays_in_the_list_of_the_staff(client_as: Any, act: Act) -> None:
    publication = put_online(act)
    withdraw_publication(publication=publication, reason="Erreur", by=None)
    shown = client_as("assembly").get("/publications/?withdrawn=true").content.decode()
    assert re.search("<b>1</b> résultat", shown)
    assert re.search("<b>0</b> résultat", client_as("assembly").get("/publications/?withdrawn=false").content.decode())
