"""The package for the operator, and what it answers."""

import gzip
import hashlib
import io
import tarfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree

from deliberations.domain.messages import read_answer
from deliberations.domain.transmission import ACTES
from deliberations.models import Act, ActIdentifier, Classification, Transmission
from deliberations.services.classifications import check_matter, load_national, save_profile
from deliberations.services.packages import pack
from deliberations.services.transmissions import (
    prepare_transmission,
    record_acknowledgement,
    record_anomaly,
    record_answer,
    record_sending,
)
from plan_numerique.audit.models import AuditEvent
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from tests.factories import deliberations as make
from tests.factories import filing
from tests.factories.accounts import AuthorityFactory

NOON = datetime(2024, 6, 20, 12, tzinfo=UTC)
PDF_2 = b"%PDF-1.7\nanother\n%%EOF\n"


@pytest.fixture
def act(authority: Any) -> Act:
    sitting = make.SittingFactory(assembly__authority=authority, held_on=date(2024, 6, 10))
    return filing.filed_ready(authority, sitting=sitting, number="2024-0012", title="L’œuvre des écoles")


def prepared(act: Act, **options: Any) -> Transmission:
    return prepare_transmission(act=act, by=None, **{"at": NOON, **options})


def held(row: Transmission) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(documents.read(row.package)), mode="r:gz") as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]


def answer(identifier: str, day: str = "2024-06-21") -> bytes:
    ns = f'xmlns:actes="{ACTES}"'
    return f'<actes:ARActe {ns} actes:IDActe="{identifier}" actes:DateReception="{day}"/>'.encode()


def test_package_holds_envelope_message_and_the_frozen_files(act: Act) -> None:
    filing.annex_of(act, content=PDF_2)
    filing.annex_of(act, public=False)
    filing.annex_of(act, media_type="image/png")
    filing.extract_of(act)
    row = prepared(act, types=["99_DE", "42_DE"])
    base = "086-123456782-20240620-2024_0012-DE-1-1"
    files = held(row)
    assert list(files) == [
        "EACT--123456782--20240620-1.xml", f"{base}_0.xml", f"99_DE-{base}_1.pdf", f"42_DE-{base}_2.pdf",
    ]  # fmt: skip
    assert (files[f"99_DE-{base}_1.pdf"], files[f"42_DE-{base}_2.pdf"]) == (filing.PDF, PDF_2)
    message = etree.fromstring(files[f"{base}_0.xml"])
    assert message.findtext(f"{{{ACTES}}}Objet") == "L'oeuvre des écoles"
    assert (
        message.findtext(f"{{{ACTES}}}ClassificationDateVersion") == Classification.objects.get().dated_on.isoformat()
    )
    assert row.identifier == "086-123456782-20240610-2024_0012-DE"
    assert (row.number, row.state, row.package.filename) == (1, "prepared", "SYN-EACT--123456782--20240620-1.tar.gz")
    assert set(row.package.roles) == {"administrator", "education", "technician", "finance", "assembly"}
    assert AuditEvent.objects.filter(verb="deliberations.transmission_prepared").count() == 1


def test_same_content_and_day_make_the_same_bytes() -> None:
    files = [("a.xml", b"<a/>"), ("b.pdf", b"%PDF")]
    made = {hashlib.sha256(pack(files, date(2024, 6, 20))).hexdigest() for _ in range(3)}
    assert len(made) == 1
    assert pack(files, date(2024, 6, 21)) != pack(files, date(2024, 6, 20))
    with gzip.open(io.BytesIO(pack(files, date(2024, 6, 20)))) as opened:
        assert opened.read(5) == b"a.xml"


def test_envelopes_of_a_day_are_numbered_for_the_authority(act: Act, authority: Any) -> None:
    prepared(act)
    second = filing.decided_act(authority, sitting=act.sitting)
    filing.extract_of(second)
    assert prepared(second).package.filename.endswith("20240620-2.tar.gz")
    assert prepared(act).number == 2
    assert prepared(act, at=datetime(2024, 6, 21, 12, tzinfo=UTC)).package.filename.endswith("20240621-1.tar.gz")


def test_last_extract_is_the_one_that_goes(act: Act) -> None:
    filing.extract_of(act, PDF_2)
    assert list(held(prepared(act)).values())[2] == PDF_2


def _missing_profile(act: Act) -> None:
    act.sitting.assembly.authority.transmission_profile.delete()


def _half_profile(act: Act) -> None:
    profile = act.sitting.assembly.authority.transmission_profile
    profile.trigram = profile.return_emails = ""
    profile.save()


def _no_classification(act: Act) -> None:
    Classification.objects.all().delete()


def _no_extract(act: Act) -> None:
    act.documents.all().delete()


def _state(value: str) -> Any:
    return lambda act: Act.objects.filter(pk=act.pk).update(state=value)


def _field(**values: Any) -> Any:
    return lambda act: Act.objects.filter(pk=act.pk).update(**values)


def _same_number(act: Act) -> None:
    """Another act of the same day, of another assembly of the authority, with the same number once cleaned."""
    sitting = make.SittingFactory(assembly__authority=act.sitting.assembly.authority, held_on=act.sitting.held_on)
    other = filing.decided_act(act.sitting.assembly.authority, sitting=sitting, number="2024/0012")
    filing.extract_of(other)
    prepared(other)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_missing_profile, "le trigramme de l'opérateur"),
        (_half_profile, "Il manque : le trigramme de l'opérateur, une adresse de retour"),
        (_no_classification, "la classification reçue de la préfecture"),
        (_no_extract, "Établir d'abord l'extrait du registre"),
        (_state("draft"), "L2131-1"),
        (_state("rejected"), "« Rejetée »"),
        (_field(received_on=date(2024, 6, 12)), "déjà reçu en préfecture, le 12/06/2024"),
        (_field(matter_code=""), "pas de matière"),
        (_field(matter_code="8.2"), "La matière 8.2 n'est pas dans la classification du"),
        (_field(number=""), "pas de numéro"),
        (_field(number="1" * 16), "15 au plus"),
        (_field(nature="CC"), "Aucun type de pièce"),
        (_same_number, "est déjà celui de"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_written(act: Act, spoil: Any, words: str) -> None:
    spoil(act)
    before = Transmission.objects.count()
    with pytest.raises(DomainError, match=words):
        prepared(Act.objects.get(pk=act.pk))
    assert Transmission.objects.count() == before
    assert not AuditEvent.objects.filter(verb="deliberations.transmission_prepared", target_id=str(act.pk)).exists()


def test_the_internal_number_is_the_one_transmitted(act: Act) -> None:
    make.ActIdentifierFactory(act=act, kind="internal", value="2024-0999")
    assert prepared(act).identifier == "086-123456782-20240610-2024_0999-DE"


def test_unknown_type_of_document_is_told(act: Act) -> None:
    with pytest.raises(DomainError, match="« 11_AE » n'est pas prévu pour la nature DE : 42_DE, 99_DE, 99_SE"):
        prepared(act, types=["11_AE"])


def test_national_types_serve_where_the_classification_has_none(act: Act, authority: Any) -> None:
    from deliberations.management.commands import load_national_classification as command

    rows = __import__("json").loads(command.TABLE.read_text(encoding="utf-8"))
    assert load_national(rows=rows, by=None)
    assert not load_national(rows=rows, by=None)
    Classification.objects.get(authority=authority).attachment_types.all().delete()
    assert any(name.startswith("99_DE-") for name in held(prepared(act)))


def test_from_the_package_to_the_acknowledgement(act: Act) -> None:
    row = prepared(act)
    with pytest.raises(DomainError, match="Consigner d'abord la remise"):
        record_acknowledgement(transmission=row, identifier=row.identifier, received_on=date(2024, 6, 21), by=None)
    record_sending(transmission=row, sent_on=date(2024, 6, 20), by=None)
    with pytest.raises(DomainError, match="attendre sa réponse"):
        prepared(act)
    with pytest.raises(DomainError, match="déjà « Remise à l'opérateur »"):
        record_sending(transmission=row, sent_on=date(2024, 6, 20), by=None)
    record_answer(transmission=row, file=answer(row.identifier), by=None)
    row.refresh_from_db()
    act.refresh_from_db()
    assert (row.state, row.received_on) == ("acknowledged", date(2024, 6, 21))
    assert (act.transmitted_on, act.received_on) == (date(2024, 6, 20), date(2024, 6, 21))
    assert ActIdentifier.objects.get(act=act, kind="actes").value == row.identifier
    assert row.acknowledgement is not None
    assert read_answer(documents.read(row.acknowledgement)) is not None
    with pytest.raises(DomainError, match="déjà reçu"):
        prepared(act)
    with pytest.raises(DomainError, match="a son accusé"):
        record_anomaly(transmission=row, anomaly="x", by=None)


@pytest.mark.parametrize(
    ("identifier", "day", "renumbered", "words", "field"),
    [
        ("086-123456782-20240610-AUTRE-DE", date(2024, 6, 21), False, "la transmission est celle de", "identifier"),
        ("086-123456782-20240611-2024_0012-DE", date(2024, 6, 21), True, "la transmission est celle de", "identifier"),
        ("057-123456782-20240610-2024_0012-DE", date(2024, 6, 21), True, "la transmission est celle de", "identifier"),
        ("", date(2024, 6, 21), False, "« »|«  »", "identifier"),
        ("x" * 500, date(2024, 6, 21), True, "la transmission est celle de", "identifier"),
        (None, date(2024, 6, 19), False, "avant sa remise à l'opérateur le 20/06/2024", "received_on"),
        (None, date(2024, 6, 1), False, "précède la séance", "received_on"),
        (None, date(2999, 1, 1), False, "à venir", "received_on"),
    ],
)
def test_wrong_acknowledgements_are_refused(
    act: Act, identifier: str | None, day: date, renumbered: bool, words: str, field: str
) -> None:
    row = record_sending(transmission=prepared(act), sent_on=date(2024, 6, 20), by=None)
    with pytest.raises(DomainError, match=words) as refused:
        record_acknowledgement(
            transmission=row,
            identifier=row.identifier if identifier is None else identifier,
            received_on=day,
            renumbered=renumbered,
            by=None,
        )
    assert refused.value.field == field
    act.refresh_from_db()
    assert (act.received_on, act.identifiers.count(), Transmission.objects.get().state) == (None, 0, "sent")


def test_an_operator_that_renumbers_is_followed_when_told(act: Act) -> None:
    row = record_sending(transmission=prepared(act), sent_on=date(2024, 6, 20), by=None)
    given = "086-123456782-20240610-LMC194691-DE-1-1"
    record_acknowledgement(transmission=row, identifier=given, received_on=date(2024, 6, 20), renumbered=True, by=None)
    assert ActIdentifier.objects.get(act=act).value == given.removesuffix("-1-1")


def test_another_identifier_of_the_act_stops_the_acknowledgement(act: Act) -> None:
    row = record_sending(transmission=prepared(act), sent_on=date(2024, 6, 20), by=None)
    make.ActIdentifierFactory(act=act, kind="actes", value="086-123456782-20240610-X1-DE")
    with pytest.raises(DomainError, match="porte déjà l'identifiant ACTES"):
        record_answer(transmission=row, file=answer(row.identifier), by=None)
    act.refresh_from_db()
    assert act.received_on is None


def test_an_anomaly_lets_a_new_package_be_made(act: Act) -> None:
    row = record_sending(transmission=prepared(act), sent_on=date(2024, 6, 20), by=None)
    with pytest.raises(DomainError, match="Dire l'anomalie"):
        record_anomaly(transmission=row, anomaly=" ", by=None)
    told = f'<actes:AnomalieActe xmlns:actes="{ACTES}"><actes:Nature>004</actes:Nature></actes:AnomalieActe>'
    record_answer(transmission=row, file=told.encode(), by=None)
    row.refresh_from_db()
    assert (row.state, row.anomaly) == ("refused", "Nature 004")
    assert prepared(act).number == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 50, b"<a/>", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"]
)
def test_hostile_answers_are_refused(act: Act, content: bytes) -> None:
    row = record_sending(transmission=prepared(act), sent_on=date(2024, 6, 20), by=None)
    with pytest.raises(DomainError) as refused:
        record_answer(transmission=row, file=content, by=None)
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"siret": "12345678200099"}, "siret", "clé de contrôle"),
        ({"siret": "21860194600013"}, "siret", "SIREN de la collectivité"),
        ({"prefecture": "PREF86"}, "prefecture", "PREF086"),
        ({"return_emails": "a@b.fr\nà@b.fr"}, "return_emails", "« à@b.fr »"),
    ],
)
def test_profiles_are_checked(authority: Any, fields: dict[str, str], field: str, words: str) -> None:
    profile = filing.complete(authority)
    for name, value in fields.items():
        setattr(profile, name, value)
    with pytest.raises(DomainError, match=words) as refused:
        save_profile(instance=profile, by=None)
    assert refused.value.field == field


def test_a_local_matter_is_one_of_the_classification(act: Act) -> None:
    act.matter_code = "8.1.1"
    check_matter(act)
    act.matter_code = "8.1.9"
    with pytest.raises(DomainError, match=r"« 8\.1\.9 » n'est pas dans la classification du"):
        check_matter(act)
    act.sitting.past = True
    check_matter(act)
    elsewhere = filing.decided_act(AuthorityFactory(), matter_code="8.1.9")
    elsewhere.sitting.past = False
    check_matter(elsewhere)
