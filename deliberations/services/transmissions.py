"""The package for the approved operator, and what comes back. Nothing is sent from here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from django.db.models import Max
from django.utils import timezone

from deliberations import permissions
from deliberations.domain.messages import Acknowledgement, Anomaly, MessageError, read_answer
from deliberations.domain.transmission import (
    Filed,
    Origin,
    envelope_xml,
    faults_of,
    identifier_of,
    main_type,
    message_xml,
    names_of,
)
from deliberations.enums import ActState, IdentifierKind, TransmissionState
from deliberations.models import Act, ActIdentifier, Annex, CouncilDocument, Transmission, TransmissionProfile
from deliberations.queries.checking import check_act
from deliberations.queries.filing import (
    annexes_to_send,
    attachment_choices,
    classification_of,
    last_extract,
    last_transmission,
    missing_of,
    origin_of,
    profile_of,
    unknown_matter,
)
from deliberations.queries.substance import is_stale
from deliberations.services.acts import save_identifier
from deliberations.services.decided import locked_act
from deliberations.services.documents import STALE
from deliberations.services.packages import pack
from deliberations.services.refusals import FILING_RULES, IDENTIFIER_RULES, refuse
from deliberations.services.rows import OF_ACT, OF_CLAUSE, save_row
from plan_numerique.accounts.models import Authority, User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.documents.models import StoredDocument
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.views.base import follow

ARCHIVE, XML = "application/gzip", "application/xml"
SENT_STATES = (ActState.ADOPTED, ActState.NOTED)
LONGEST_ANOMALY = 2_000


def prepare_transmission(
    *, act: Act, types: Sequence[str] = (), by: User | None, at: datetime | None = None
) -> Transmission:
    """`types`: code of the act's document, then of each annex; those not given take the general code of the nature."""
    authority = follow(act, OF_ACT)
    now = at or timezone.now()
    with audit.action(
        "deliberations.transmission_prepared", "Paquet de transmission préparé", by=by, authority=authority, target=act
    ):
        act = locked_act(act)
        _refuse_unready(act)
        profile, extract = _complete(act, authority)
        annexes = list(annexes_to_send(act).joined)
        filed = _filed(act, authority, _types(act, authority, types, 1 + len(annexes)))
        origin = origin_of(authority, profile)
        _refuse_faults(act, origin, filed)
        if is_stale(extract):
            raise DomainError(STALE)
        names, content = _packed(origin, filed, extract, annexes, _rank(authority, now), timezone.localdate(now))
        package = documents.store(
            authority=authority,
            title=f"Paquet de transmission : {identifier_of(origin, filed)}",
            kind="transmission-actes",
            filename=names,
            media_type=ARCHIVE,
            content=content,
            by=by,
            roles=permissions.VIEW_DRAFTS.roles,
        )
        last = Transmission.objects.filter(act=act).aggregate(last=Max("number"))["last"] or 0
        row = Transmission(
            act=act,
            number=last + 1,
            identifier=identifier_of(origin, filed),
            prepared_at=now,
            package=package,
            extract=extract,
        )
        save_row(OF_CLAUSE, instance=row, by=by)
    return row


def _refuse_unready(act: Act) -> None:
    if act.state not in SENT_STATES:
        raise DomainError(
            "Seule une délibération adoptée, ou dont il a été pris acte, est transmise au représentant de l'État "
            f"(CGCT, article L2131-1) : celle-ci est « {act.get_state_display()} »."
        )
    if act.received_on is not None:
        raise DomainError(f"L'acte est déjà reçu en préfecture, le {act.received_on:%d/%m/%Y}.")
    held = last_transmission(act)
    if held is not None and held.state == TransmissionState.SENT:
        raise DomainError(
            f"La transmission {held.number} est remise à l'opérateur : attendre sa réponse, ou signaler une anomalie."
        )


def _complete(act: Act, authority: Authority) -> tuple[TransmissionProfile, CouncilDocument]:
    profile = profile_of(authority)
    missing = missing_of(authority, profile)
    if profile is None or missing:
        raise DomainError(f"Le profil de transmission est incomplet. Il manque : {', '.join(missing)}.")
    extract = last_extract(act)
    if extract is None:
        raise DomainError("Établir d'abord l'extrait du registre : c'est lui qui est transmis, figé.")
    unknown = unknown_matter(authority, act.matter_code) if act.matter_code else None
    if unknown is not None:
        raise DomainError(f"La matière {act.matter_code} n'est pas dans la {str(unknown).lower()}.")
    return profile, extract


def _types(act: Act, authority: Authority, given: Sequence[str], wanted: int) -> tuple[str, ...]:
    codes = [code for code, _ in attachment_choices(authority, act.nature)]
    general = main_type(codes)
    if not general:
        raise DomainError(
            f"Aucun type de pièce n'est connu pour la nature {act.nature} : charger la classification de la préfecture."
        )
    for code in given:
        if code and code not in codes:
            raise DomainError(
                f"Le type de pièce « {code[:20]} » n'est pas prévu pour la nature {act.nature} : {', '.join(codes)}.",
                field="types",
            )
    chosen = [code or general for code in given][:wanted]
    return (*chosen, *[general] * (wanted - len(chosen)))


def _filed(act: Act, authority: Authority, types: tuple[str, ...]) -> Filed:
    """Its number is the internal one where the act has one, as in the open data."""
    classification = classification_of(authority)
    assert classification is not None  # missing_of told it
    rows = ActIdentifier.objects.filter(act=act, kind=IdentifierKind.INTERNAL).order_by("pk")
    own = rows.values_list("value", flat=True).first()
    return Filed(
        decided_on=act.sitting.held_on,
        number=own or act.number,
        nature=act.nature,
        matter=act.matter_code,
        title=act.stated_object or act.title,
        classified_on=classification.dated_on,
        types=types,
    )


def _refuse_faults(act: Act, origin: Origin, filed: Filed) -> None:
    faults = faults_of(origin, filed)
    if faults:
        raise DomainError(f"Le paquet ne peut pas être préparé : {' ; '.join(faults)}.")
    identifier = identifier_of(origin, filed)
    other = Transmission.objects.filter(identifier=identifier).exclude(act=act).select_related("act").first()
    if other is not None:
        raise DomainError(
            f"L'identifiant {identifier} est déjà celui de « {other.act} » : changer le numéro de l'acte."
        )


def _rank(authority: Authority, now: datetime) -> int:
    """Envelopes are numbered within the day, for the authority: its profile is held meanwhile."""
    TransmissionProfile.objects.select_for_update().get(authority=authority)
    made = Transmission.objects.filter(
        act__sitting__assembly__authority=authority, prepared_at__date=timezone.localdate(now)
    )
    return made.count() + 1


def _packed(
    origin: Origin, filed: Filed, extract: CouncilDocument, annexes: Sequence[Annex], rank: int, day: date
) -> tuple[str, bytes]:
    names = names_of(origin, filed, day, rank)
    contents = [documents.read(extract.document), *(documents.read(annex.document) for annex in annexes)]
    files = [
        (names.envelope, envelope_xml(origin, names)),
        (names.message, message_xml(filed, names)),
        *zip(names.documents, contents, strict=True),
    ]
    return names.archive, pack(files, day)


def record_sending(*, transmission: Transmission, sent_on: date, by: User | None) -> Transmission:
    """The day the package was given to the operator, outside of the product."""
    with _change(transmission, "Remise à l'opérateur consignée", by) as row:
        if row.state != TransmissionState.PREPARED:
            raise DomainError(f"Cette transmission est déjà « {row.get_state_display()} ».")
        _refuse_unready(row.act)
        _refuse_replaced(row)
        _refuse_day(sent_on, row, "sent_on")
        row.state, row.sent_on = TransmissionState.SENT, sent_on
        save_row(OF_CLAUSE, instance=row, by=by)
        act = row.act
        if act.transmitted_on is None:
            act.transmitted_on = sent_on
            save_row(OF_ACT, instance=act, by=by)
    return row


def _refuse_replaced(row: Transmission) -> None:
    """Another package was made since, or the act is no longer what this one holds."""
    last = last_transmission(row.act)
    if last is not None and last.pk != row.pk:
        raise DomainError(f"Le paquet {row.number} est remplacé par le paquet {last.number} : c'est lui qui est remis.")
    if is_stale(row.extract):
        raise DomainError(f"{STALE} Puis refaire le paquet : celui-ci contient l'ancien.")


def record_acknowledgement(
    *, transmission: Transmission, identifier: str, received_on: date, file: bytes = b"", renumbered: bool = False,
    by: User | None,
) -> Transmission:  # fmt: skip
    """`renumbered`: the operator gave the act another number than ours. The day and the identifier go to the act."""
    with _change(transmission, "Accusé de réception consigné", by) as row:
        if row.state != TransmissionState.SENT:
            raise DomainError("Consigner d'abord la remise à l'opérateur : l'accusé de réception lui répond.")
        _refuse_day(received_on, row, "received_on")
        if row.sent_on is not None and received_on < row.sent_on:
            raise DomainError(
                f"Reçue le {received_on:%d/%m/%Y}, avant sa remise à l'opérateur le {row.sent_on:%d/%m/%Y}.",
                field="received_on",
            )
        held = row.act.received_on
        if held is not None and held != received_on:
            raise DomainError(
                f"L'acte est déjà dit reçu en préfecture le {held:%d/%m/%Y} : corriger cette date, ou celle de l'accusé.",
                field="received_on",
            )
        row.identifier = _acknowledged(row, identifier, renumbered=renumbered)
        row.state, row.received_on = TransmissionState.ACKNOWLEDGED, received_on
        row.acknowledgement = _keep(row, file, by) if file else None
        save_row(OF_CLAUSE, instance=row, by=by)
        _follow(row, by)
    return row


def read_returned(content: bytes) -> Acknowledgement | Anomaly:
    try:
        return read_answer(content)
    except MessageError as error:
        raise DomainError(str(error), field="file") from None


def record_answer(
    *, transmission: Transmission, file: bytes, renumbered: bool = False, by: User | None
) -> Transmission:
    """The XML that the operator gave back, an acknowledgement or an anomaly."""
    answer = read_returned(file)
    if isinstance(answer, Anomaly):
        return record_anomaly(transmission=transmission, anomaly=answer.text, file=file, by=by)
    return record_acknowledgement(
        transmission=transmission,
        identifier=answer.identifier,
        received_on=answer.received_on,
        file=file,
        renumbered=renumbered,
        by=by,
    )


def record_anomaly(*, transmission: Transmission, anomaly: str, file: bytes = b"", by: User | None) -> Transmission:
    with _change(transmission, "Anomalie de transmission consignée", by) as row:
        if row.state == TransmissionState.ACKNOWLEDGED:
            raise DomainError("Cette transmission a son accusé de réception.")
        text = anomaly.strip()
        if not text or len(text) > LONGEST_ANOMALY:
            raise DomainError(f"Dire l'anomalie signalée, en {LONGEST_ANOMALY} caractères au plus.", field="anomaly")
        sent = row.state == TransmissionState.SENT
        row.state, row.anomaly = TransmissionState.REFUSED, text
        row.acknowledgement = _keep(row, file, by) if file else None
        save_row(OF_CLAUSE, instance=row, by=by)
        if sent and row.act.transmitted_on == row.sent_on and row.act.received_on is None:
            row.act.transmitted_on = None
            save_row(OF_ACT, instance=row.act, by=by)
    return row


@contextmanager
def _change(transmission: Transmission, label: str, by: User | None) -> Iterator[Transmission]:
    """One action on a transmission, read again with its act; both are held until its end, the act first, as everywhere."""
    authority, act = follow(transmission, OF_CLAUSE), transmission.act
    with audit.action("deliberations.transmission_followed", label, by=by, authority=authority, target=act):
        held = locked_act(act)
        row = Transmission.objects.select_for_update().get(pk=transmission.pk)
        row.act = held
        yield row


def _refuse_day(day: date, row: Transmission, field: str) -> None:
    held_on = row.act.sitting.held_on
    if day < held_on:
        raise DomainError(
            f"Le {day:%d/%m/%Y} précède la séance du {held_on:%d/%m/%Y} (CGCT, article L2131-1).", field=field
        )
    if day > timezone.localdate():
        raise DomainError(f"Le {day:%d/%m/%Y} est à venir.", field=field)


def _acknowledged(row: Transmission, identifier: str, *, renumbered: bool) -> str:
    """Ours, or the operator's own number of the same act."""
    given = identifier.strip().removesuffix("-1-1")
    if given == row.identifier:
        return given
    head, tail = row.identifier.split("-")[:3], row.identifier[-3:]
    if renumbered and len(given) <= 41 and given.split("-")[:3] == head and given.endswith(tail):
        return given
    raise DomainError(
        f"L'accusé de réception est celui de l'acte « {given[:60]} », la transmission est celle de {row.identifier}.",
        field="identifier",
    )


def _keep(row: Transmission, content: bytes, by: User | None) -> StoredDocument:
    return documents.store(
        authority=follow(row, OF_CLAUSE),
        title=f"Réponse à la transmission {row.identifier}",
        kind="accuse-actes",
        filename=f"{row.identifier}-1-2.xml",
        media_type=XML,
        content=content,
        by=by,
        roles=permissions.VIEW_DRAFTS.roles,
    )


def _follow(row: Transmission, by: User | None) -> None:
    act = row.act
    act.received_on = row.received_on
    act.transmitted_on = act.transmitted_on or row.sent_on
    save_row(OF_ACT, instance=act, by=by)
    held = ActIdentifier.objects.filter(act=act, kind=IdentifierKind.ACTES).first()
    if held is not None and held.value.removesuffix("-1-1") != row.identifier:
        raise DomainError(f"L'acte porte déjà l'identifiant ACTES {held.value}.", field="identifier")
    if held is None:
        save_identifier(instance=ActIdentifier(act=act, kind=IdentifierKind.ACTES, value=row.identifier), by=by)
    refuse(check_act(act), FILING_RULES | IDENTIFIER_RULES, field="received_on")
