"""What a transmission is made of: the profile of the authority, its classification, the frozen extract, the annexes."""

from collections.abc import Sequence
from dataclasses import dataclass

from deliberations.domain.actes import MATTERS
from deliberations.domain.transmission import Origin, is_return_email
from deliberations.enums import CouncilDocumentKind
from deliberations.models import (
    Act,
    Annex,
    AttachmentType,
    Classification,
    CouncilDocument,
    Matter,
    Publication,
    Transmission,
    TransmissionProfile,
)
from plan_numerique.accounts.models import Authority

PDF = "application/pdf"
CHANNELS = ("transmitted_on", "received_on", "posted_on", "published_on")


def profile_of(authority: Authority) -> TransmissionProfile | None:
    return TransmissionProfile.objects.filter(authority=authority).first()


def classification_of(authority: Authority) -> Classification | None:
    """The last one agreed with the prefecture."""
    return Classification.objects.filter(authority=authority).order_by("-dated_on").first()


def _offered(authority: Authority | None) -> Classification | None:
    """The authority's own, else the national one."""
    own = classification_of(authority) if authority else None
    return own or Classification.objects.filter(authority=None).order_by("-dated_on").first()


def matter_choices(authority: Authority | None) -> list[tuple[str, str]]:
    """(code, label) of the matters that an act may name, 7.10 after 7.9: from the second level on."""
    held = _offered(authority)
    if held is None:
        return list(MATTERS.items())
    rows = Matter.objects.filter(classification=held, code__contains=".").order_by("path")
    return list(rows.values_list("code", "label"))


def unknown_matter(authority: Authority, code: str) -> Classification | None:
    """The classification of the authority where it lacks that code; None where it has it, or where none is loaded."""
    held = classification_of(authority)
    if held is None or Matter.objects.filter(classification=held, code=code).exists():
        return None
    return held


def attachment_choices(authority: Authority, nature: str) -> list[tuple[str, str]]:
    """(code, label) of the documents that a nature of act allows: of the authority's classification, else of the national one."""
    for held in (classification_of(authority), _offered(None)):
        rows = AttachmentType.objects.filter(classification=held, nature=nature).order_by("code") if held else []
        if found := [(row.code, str(row)) for row in rows]:
            return found
    return []


def last_extract(act: Act) -> CouncilDocument | None:
    return (
        CouncilDocument.objects.select_related("document")
        .defer("document__content")
        .filter(act=act, kind=CouncilDocumentKind.EXTRACT, document__published_at__isnull=False)
        .order_by("-number")
        .first()
    )


@dataclass(frozen=True)
class Attached:
    """Annexes that go with the act, and those that cannot, with why."""

    joined: Sequence[Annex]
    left_out: Sequence[tuple[Annex, str]]


def annexes_to_send(act: Act) -> Attached:
    rows = list(
        act.annexes.select_related("document").defer("document__content").order_by("position").filter(public=True)
    )
    return Attached(
        joined=[row for row in rows if row.document.media_type == PDF],
        left_out=[(row, "ce n'est pas un PDF") for row in rows if row.document.media_type != PDF],
    )


def origin_of(authority: Authority, profile: TransmissionProfile) -> Origin:
    return Origin(
        siren=authority.siren,
        department=authority.department,
        district=profile.district,
        emitter=profile.emitter,
        trigram=profile.trigram,
        return_emails=tuple(profile.return_emails.split()),
        contact_name=profile.contact_name,
        contact_phone=profile.contact_phone,
        contact_email=profile.contact_email if is_return_email(profile.contact_email) else "",
    )


def missing_of(authority: Authority, profile: TransmissionProfile | None) -> list[str]:
    """What the envelope asks and the authority has not told yet."""
    wanted = [
        ("le SIREN de la collectivité", authority.siren),
        ("le trigramme de l'opérateur", profile and profile.trigram),
        ("l'arrondissement", profile and profile.district),
        ("la nature de l'émetteur", profile and profile.emitter),
        ("une adresse de retour", profile and profile.return_emails.split()),
        ("la classification reçue de la préfecture", classification_of(authority)),
    ]
    return [label for label, value in wanted if not value]


def last_transmission(act: Act) -> Transmission | None:
    return Transmission.objects.filter(act=act).order_by("-number").first()


def act_publications(act: Act) -> list[Publication]:
    """Of the extracts of the act, the last put online first."""
    return list(
        Publication.objects.select_related("document__document")
        .defer("document__document__content")
        .filter(document__act=act)
        .order_by("-posted_at", "-pk")
    )
