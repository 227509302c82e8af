"""Rows of the filing: a decided act with its frozen extract, a complete profile, a classification."""

from datetime import date
from typing import Any

import factory

from deliberations.enums import CouncilDocumentKind
from deliberations.models import (
    Act,
    Annex,
    AttachmentType,
    Classification,
    CouncilDocument,
    Matter,
    Publication,
    Sitting,
    TransmissionProfile,
)
from deliberations.queries.substance import substance_of
from deliberations.services.documents import keep_council_document
from deliberations.services.publications import publish_document
from plan_numerique.documents import services as documents
from tests.factories import deliberations as make
from tests.factories.accounts import AuthorityFactory

SIREN, SIRET = "123456782", "12345678200010"  # synthetic, with good keys
PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"


class TransmissionProfileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TransmissionProfile

    authority = factory.SubFactory(AuthorityFactory)
    operator = "Opérateur synthétique"
    trigram = "SYN"
    district = "1"
    emitter = "31"
    return_emails = "actes@example.org"


class ClassificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Classification

    authority = factory.SubFactory(AuthorityFactory)
    dated_on = factory.Sequence(lambda n: date.fromordinal(date(2019, 3, 1).toordinal() + n))


class MatterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Matter

    classification = factory.SubFactory(ClassificationFactory)
    code = factory.Sequence(lambda n: f"8.{n + 1}")
    path = factory.LazyAttribute(lambda row: ".".join(f"{int(part):04d}" for part in row.code.split(".")))
    label = "Matière synthétique"


class AttachmentTypeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AttachmentType

    classification = factory.SubFactory(ClassificationFactory)
    nature = "DE"
    code = factory.Sequence(lambda n: f"{n + 10}_DE")
    label = "Pièce synthétique"


def complete(authority: Any, **fields: Any) -> TransmissionProfile:
    """The authority may prepare a package: matters 8.1 and 8.1.1, type 99_DE."""
    authority.siren = SIREN
    authority.save()
    classification = ClassificationFactory(authority=authority)
    for code in ("8", "8.1", "8.1.1"):
        MatterFactory(classification=classification, code=code)
    for code in ("42_DE", "99_DE", "99_SE"):
        AttachmentTypeFactory(classification=classification, code=code)
    profile: TransmissionProfile = TransmissionProfileFactory(authority=authority, **fields)
    return profile


def decided_act(authority: Any, **fields: Any) -> Act:
    """Of a sitting without vote by name; four in office, three present and one represented."""
    if "sitting" not in fields:
        fields["sitting"] = make.SittingFactory(
            assembly__authority=authority, past=True, in_office=4, present=3, represented=1
        )
    act: Act = make.ActFactory(**{"state": "adopted", "matter_code": "8.1", **fields})
    return act


def extract_of(act: Act, content: bytes = PDF) -> CouncilDocument:
    return keep_council_document(
        sitting=act.sitting,
        kind=CouncilDocumentKind.EXTRACT,
        title=f"Extrait : {act.title}",
        filename="extrait.pdf",
        content=content,
        act=act,
        substance=substance_of(CouncilDocumentKind.EXTRACT, act.sitting, act),
        by=None,
    )


def minutes_of(sitting: Sitting, kind: CouncilDocumentKind = CouncilDocumentKind.LIST) -> CouncilDocument:
    return keep_council_document(
        sitting=sitting,
        kind=kind,
        title=f"{kind.label} : {sitting}",
        filename="seance.pdf",
        content=PDF,
        substance=substance_of(kind, sitting),
        by=None,
    )


def published(document: CouncilDocument) -> Publication:
    return publish_document(document=document, author_name="Mme Membre SYNTHÉTIQUE", author_quality="maire", by=None)


def annex_of(act: Act, media_type: str = "application/pdf", content: bytes = PDF, **fields: Any) -> Annex:
    stored = documents.store(
        authority=act.sitting.assembly.authority,
        title="Annexe synthétique",
        kind="annexe",
        filename="annexe.pdf",
        media_type=media_type,
        content=content,
        by=None,
    )
    position = act.annexes.count() + 1
    row: Annex = Annex.objects.create(
        **{"act": act, "position": position, "title": f"Annexe {position}", "document": stored, **fields}
    )
    return row


def filed_ready(authority: Any, **fields: Any) -> Act:
    """Ready for its package."""
    complete(authority)
    act = decided_act(authority, **fields)
    extract_of(act)
    return act
