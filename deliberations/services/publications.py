"""Putting a frozen document online, taking it down, recording a posting (CGCT L2131-1, R2131-1)."""

from datetime import date

from django.utils import timezone

from deliberations.domain.contacts import Found, contact_key, contacts_in, told
from deliberations.enums import CouncilDocumentKind
from deliberations.models import Act, CouncilDocument, MemberContact, Publication
from deliberations.queries.checking import check_act
from deliberations.queries.publication import (
    LEAST_DAYS,
    PUBLISHED,
    list_texts,
    minutes_texts,
    same_document,
    texts_to_scan,
)
from deliberations.queries.register import DELIBERATED, is_deliberated
from deliberations.queries.substance import is_stale
from deliberations.services.decided import locked_act
from deliberations.services.documents import STALE
from deliberations.services.refusals import FILING_RULES, refuse
from deliberations.services.rows import OF_ACT, save_row
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views.base import follow

OF_DOCUMENT = "sitting__assembly__authority"
OF_PUBLICATION = f"document__{OF_DOCUMENT}"
STALE_SITTING = {
    CouncilDocumentKind.LIST: "La liste a été établie avant la dernière modification de la séance : en établir une nouvelle.",
    CouncilDocumentKind.MINUTES: "Le procès-verbal a été établi avant son arrêt ou la dernière modification de la séance : en "
    "établir un nouveau.",
}


def publish_document(
    *, document: CouncilDocument, author_name: str, author_quality: str, contacts_checked: bool = False, by: User | None
) -> Publication:
    """`contacts_checked`: someone read the addresses and numbers found in the text, and they are those of a service."""
    authority = follow(document, OF_DOCUMENT)
    target = document.act or document.sitting
    with audit.action("deliberations.document_published", "Mise en ligne", by=by, authority=authority, target=target):
        act = locked_act(document.act) if document.act is not None else None
        held = CouncilDocument.objects.select_for_update(of=("self",)).select_related("sitting__assembly", "document")
        row = held.defer("document__content").get(pk=document.pk)
        row.act = act
        _refuse_unpublishable(row)
        _refuse_stale(row)
        _refuse_contacts(row, checked=contacts_checked)
        publication = Publication(
            document=row,
            posted_at=timezone.now(),
            author_name=author_name.strip(),
            author_quality=author_quality.strip(),
        )
        save_row(OF_PUBLICATION, instance=publication, by=by)
        if row.kind == CouncilDocumentKind.EXTRACT and act is not None:
            _follow_publication(act, by)
    return publication


def _refuse_unpublishable(row: CouncilDocument) -> None:
    if row.kind not in PUBLISHED:
        raise DomainError(
            f"« {row.get_kind_display()} » n'est pas mis en ligne : seuls le sont les extraits, les listes de délibérations "
            "et les procès-verbaux."
        )
    if row.document.published_at is None:
        raise DomainError("Seul un document figé est mis en ligne.")
    if Publication.objects.filter(document=row).exists():
        raise DomainError("Ce document est déjà mis en ligne : une correction est une nouvelle version du document.")
    if CouncilDocument.objects.filter(
        sitting=row.sitting_id, act=row.act_id, kind=row.kind, number__gt=row.number
    ).exists():
        raise DomainError(f"La version {row.number} a été corrigée : mettre en ligne la dernière version.")
    if row.kind == CouncilDocumentKind.EXTRACT and (row.act is None or not is_deliberated(row.act)):
        raise DomainError(
            "Seul un acte sur lequel l'assemblée s'est prononcée est mis en ligne (CGCT, article L2131-1)."
        )
    if row.kind == CouncilDocumentKind.MINUTES and row.sitting.minutes_approved_in_id is None:
        raise DomainError(
            "Le procès-verbal est mis en ligne une fois arrêté, au commencement de la séance suivante "
            "(CGCT, article L2121-15)."
        )


def _refuse_stale(row: CouncilDocument) -> None:
    if is_stale(row):
        raise DomainError(STALE if row.act is not None else STALE_SITTING[CouncilDocumentKind(row.kind)])


def contacts_of(row: CouncilDocument) -> list[Found]:
    """Addresses and numbers in what the document is made from."""
    if row.act is not None:
        return contacts_in(texts_to_scan(row.act))
    return contacts_in(list_texts(row.sitting) if row.kind == CouncilDocumentKind.LIST else minutes_texts(row.sitting))


def _refuse_contacts(row: CouncilDocument, *, checked: bool) -> None:
    """In the text that the document was made from."""
    found = contacts_of(row)
    if not found:
        return
    known = {
        contact_key(text)
        for contact in MemberContact.objects.filter(mandate__assembly=row.sitting.assembly_id)
        for text in (contact.email, contact.phone)
        if text
    }
    own = [item for item in found if contact_key(item.text) in known]
    if own:
        raise DomainError(
            f"Les coordonnées d'un membre ne sont jamais publiées : {told(own)}. Les retirer du texte, puis établir une "
            "nouvelle version du document."
        )
    if not checked:
        raise DomainError(
            f"Le texte contient des coordonnées : {told(found)}. Les retirer et établir une nouvelle version, ou confirmer "
            "qu'elles sont celles d'un service et non d'une personne.",
            field="contacts_checked",
        )


def _follow_publication(act: Act, by: User | None) -> None:
    """The day of a first publication stays; the annexes that go with the act change no more."""
    for annex in act.annexes.filter(public=True, document__published_at=None).select_related("document"):
        documents.publish(document=annex.document, by=by)
    if act.published_on is None:
        act.published_on = timezone.localdate()
        save_row(OF_ACT, instance=act, by=by)
        refuse(check_act(act), FILING_RULES)


def withdraw_publication(*, publication: Publication, reason: str, by: User | None) -> Publication:
    """With the versions that it corrected: none comes back in its place. Their trace stays. An act taken down before the two months
    of R2131-1 was not published: its date goes, and its force with it."""
    authority = follow(publication, OF_PUBLICATION)
    told = reason.strip()
    if not told or len(told) > 300:
        raise DomainError("Dire pourquoi le document est retiré, en 300 caractères au plus.", field="reason")
    with audit.action(
        "deliberations.document_withdrawn", "Retrait de la publication", by=by, authority=authority,
        target=publication.document.act or publication.document.sitting, reason=told,
    ):  # fmt: skip
        act = publication.document.act
        act = locked_act(act) if act is not None else None
        rows = list(same_document(publication).select_for_update(of=("self",)).filter(withdrawn_at=None).order_by("pk"))
        if publication.pk not in {row.pk for row in rows}:
            raise DomainError("Ce document est déjà retiré.")
        for row in rows:
            row.withdrawn_at, row.withdrawn_reason = timezone.now(), told
            save_row(OF_PUBLICATION, instance=row, by=by)
        if act is not None:
            _unpublish(act, min(timezone.localdate(row.posted_at) for row in rows), by)
    publication.refresh_from_db()
    return publication


def _unpublish(act: Act, since: date, by: User | None) -> None:
    """A date that these publications gave; one written by hand stays, and so does that of an act online for long enough."""
    if act.published_on == since and (timezone.localdate() - since).days < LEAST_DAYS:
        act.published_on = None
        save_row(OF_ACT, instance=act, by=by)


def record_posting(*, act: Act, posted_on: date, by: User | None) -> Act:
    """The act posted at the town hall."""
    authority = follow(act, OF_ACT)
    with audit.action("deliberations.act_posted", "Affichage consigné", by=by, authority=authority, target=act):
        row = locked_act(act)
        if row.state not in DELIBERATED:
            raise DomainError(
                "Seul un acte sur lequel l'assemblée s'est prononcée est affiché (CGCT, article L2131-1)."
            )
        if posted_on > timezone.localdate():
            raise DomainError(f"Le {posted_on:%d/%m/%Y} est à venir.", field="posted_on")
        if posted_on < row.sitting.held_on:
            raise DomainError(
                f"Le {posted_on:%d/%m/%Y} précède la séance du {row.sitting.held_on:%d/%m/%Y} (CGCT, article L2131-1).",
                field="posted_on",
            )
        row.posted_on = posted_on
        save_row(OF_ACT, instance=row, by=by)
    return row
