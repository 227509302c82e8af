"""What is public: the documents put online and not taken down, and the acts whose extract is one of them."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from deliberations.enums import CouncilDocumentKind, EntryKind
from deliberations.models import Act, ActClause, ActFigure, Ballot, Publication, Sitting, SittingEntry, Vote
from deliberations.queries.rich import plain_of
from plan_numerique.accounts.models import Authority

OF_DOCUMENT = "document__sitting__assembly__authority"
OF_SITTINGS = (CouncilDocumentKind.LIST, CouncilDocumentKind.MINUTES)
PUBLISHED = (CouncilDocumentKind.EXTRACT, *OF_SITTINGS)
LEAST_DAYS = 62  # two months (CGCT R2131-1)


def live_publications() -> QuerySet[Publication]:
    return Publication.objects.filter(withdrawn_at=None)


def public_authorities() -> QuerySet[Authority]:
    """With how many documents are online."""
    live = live_publications().filter(**{OF_DOCUMENT: OuterRef("pk")}).order_by()
    number = live.values(OF_DOCUMENT).annotate(n=Count("pk")).values("n")
    return Authority.objects.annotate(online=Subquery(number)).filter(online__gt=0).order_by("name", "pk")


def public_acts(authority: Authority) -> QuerySet[Act]:
    """Of each: the extract online (`publication_id`, `posted_at`), and the words of its title when that extract was made."""
    live = (
        live_publications()
        .filter(document__act=OuterRef("pk"), document__kind=CouncilDocumentKind.EXTRACT)
        .order_by("-posted_at", "-pk")
    )
    return (
        Act.objects.filter(sitting__assembly__authority=authority)
        .annotate(
            publication_id=Subquery(live.values("pk")[:1]),
            posted_at=Subquery(live.values("posted_at")[:1]),
            frozen_at=Subquery(live.values("document__created_at")[:1]),
        )
        .filter(publication_id__isnull=False)
        .annotate(
            public_title=Coalesce(_as_frozen("title"), F("title")),
            public_object=Coalesce(_as_frozen("stated_object"), F("stated_object")),
            public_number=Coalesce(_as_frozen("number"), F("number")),
        )
        .select_related("sitting__assembly__authority", "ballot")
        .order_by("-sitting__held_on", "passage", "pk")
    )


def _as_frozen(field: str) -> Subquery:
    held = Act.history.filter(id=OuterRef("pk"), history_date__lte=OuterRef("frozen_at"))
    return Subquery(held.order_by("-history_date", "-history_id").values(field)[:1])


def found_acts(acts: QuerySet[Act], *, words: str = "", year: int | None = None) -> QuerySet[Act]:
    for word in words.split()[:8]:
        acts = acts.filter(
            Q(public_title__icontains=word) | Q(public_object__icontains=word) | Q(public_number__icontains=word)
        )
    return acts.filter(sitting__held_on__year=year) if year else acts


def public_years(authority: Authority) -> list[int]:
    return sorted({day.year for day in public_acts(authority).values_list("sitting__held_on", flat=True)}, reverse=True)


def sitting_publications(authority: Authority) -> list[Publication]:
    """Lists and minutes online, the last sitting first; where a correction is online, it comes alone."""
    rows = (
        live_publications()
        .filter(**{OF_DOCUMENT: authority}, document__kind__in=OF_SITTINGS)
        .select_related("document__sitting__assembly", "document__document")
        .defer("document__document__content")
        .order_by("-document__sitting__held_on", "document__kind", "-posted_at", "-pk")
    )
    last: dict[Any, Publication] = {}
    for row in rows:
        last.setdefault((row.document.sitting_id, row.document.kind), row)
    return list(last.values())


def changed_since(act: Act, moment: datetime) -> bool:
    """Whether the text or the vote of the act moved after a document was made from it: a page then shows the document only."""
    ballots = list(Ballot.objects.filter(act=act).values_list("pk", flat=True))
    histories: tuple[Any, ...] = (
        ActClause.history.filter(act_id=act.pk),
        ActFigure.history.filter(act_id=act.pk),
        Ballot.history.filter(act_id=act.pk),
        Vote.history.filter(ballot_id__in=ballots),
    )
    return any(rows.filter(history_date__gt=moment).exists() for rows in histories)


def same_document(publication: Publication) -> QuerySet[Publication]:
    """Every publication of the same piece: its versions."""
    document = publication.document
    return Publication.objects.filter(
        document__sitting=document.sitting_id, document__act=document.act_id, document__kind=document.kind
    )


Texts = list[tuple[str, str]]


def texts_to_scan(act: Act) -> Texts:
    """(place, text) of all that a publication of the act makes readable."""
    return [*_of_sitting(act.sitting), *_of_act(act)]


def _of_act(act: Act) -> Texts:
    clauses: list[ActClause] = sorted(act.clauses.all(), key=lambda row: row.position)
    annexes = sorted(act.annexes.all(), key=lambda row: row.position)
    reporters = sorted(act.reporters.all(), key=lambda row: row.position)
    return [
        ("l'intitulé", act.title),
        ("l'objet", act.stated_object),
        ("le service", act.service),
        ("la signature", f"{act.signatory_name} {act.signatory_quality}"),
        *(("le rapporteur", row.published_name) for row in reporters),
        *((f"{row.get_kind_display().lower()} {row.position}", f"{row.verb} {_words(row)}") for row in clauses),
        ("les commissions", act.commissions),
        *(("l'avis d'une commission", f"{row.commission} {row.remark}") for row in act.opinions.all()),
        *((f"l'annexe {row.position}", row.title) for row in annexes if row.public),
    ]


def _words(clause: ActClause) -> str:
    return plain_of(clause.text) if clause.rich else clause.text


def _of_sitting(sitting: Sitting) -> Texts:
    return [
        ("le lieu de la séance", sitting.place),
        ("le motif de l'urgence", sitting.urgency_reason),
        ("l'observation sur les comptes", sitting.counts_note),
        ("l'ordre de passage", sitting.passage_note),
        ("la qualité du président", sitting.chair_quality),
    ]


def list_texts(sitting: Sitting) -> Texts:
    """The same of its list, which tells the acts by their titles."""
    titles = sitting.acts.order_by("passage", "pk").values_list("title", flat=True)
    return [*_of_sitting(sitting), *((f"l'intitulé de « {title} »", title) for title in titles)]


def minutes_texts(sitting: Sitting) -> Texts:
    """The same of its minutes: the debates, the notes taken in session, the acts whole."""
    entries = (
        SittingEntry.objects.filter(sitting=sitting).order_by("sequence").values_list("sequence", "kind", "payload")
    )
    acts = sitting.acts.order_by("passage", "pk").prefetch_related("clauses", "annexes", "opinions", "reporters")
    return [
        *_of_sitting(sitting),
        ("la teneur des débats", sitting.minutes),
        *((f"la note de séance {rank}", str(said)) for rank, kind, said in entries if kind == EntryKind.NOTE),
        *(
            ("le motif d'un retrait ou d'un ajournement", str(said.get("reason") or ""))
            for _, kind, said in entries
            if kind in (EntryKind.ITEM_WITHDRAWN, EntryKind.ITEM_ADJOURNED)
        ),
        *((f"{place} de « {act} »", text) for act in acts for place, text in _of_act(act)),
    ]
