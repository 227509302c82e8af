"""What convening a sitting needs to know: the law of the day, the agenda with its numbers, what is missing, who is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, QuerySet

from deliberations.domain.convocation import Delay, Meeting, Rule, Rules, delay_of, needs_notes
from deliberations.domain.numbering import FormatError, next_numbers
from deliberations.enums import ActKind, ActState, Regime, SittingState, VisaState
from deliberations.models import Act, Assembly, Convocation, Invitation, LegalSetting, Mandate, MemberContact, Sitting
from deliberations.queries.figures import lacking_figures
from deliberations.queries.rolls import active_mandates
from plan_numerique.accounts.enums import AuthorityKind
from plan_numerique.accounts.models import Authority
from plan_numerique.shared.wording import counted

PARIS = ZoneInfo("Europe/Paris")
NOT_CALLED = (ActState.WITHDRAWN, ActState.ADJOURNED)
UNNUMBERED = (ActKind.INFORMATION,)
TOLD = ("la date", "l'heure", "le lieu")


def convening_rules(on: date) -> dict[str, Rule]:
    """The settings in force that day, by code."""
    rows = LegalSetting.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on)
    )
    ordered = sorted(rows, key=lambda row: (row.valid_from or date.min, row.pk))
    return {row.code: Rule(row.value, row.article) for row in ordered}


def population_of(authority: Authority) -> int | None:
    """That of the largest commune for a community (CGCT L5211-1)."""
    return authority.quorum_population if authority.kind == AuthorityKind.EPCI else authority.population


def delay_for(sitting: Sitting, sent_on: date, *, urgent: bool | None = None, rules: Rules | None = None) -> Delay:
    """Of a convocation of the sitting sent that day; `urgent` tries what urgency would change."""
    assembly, first = sitting.assembly, sitting.first_sitting
    meeting = Meeting(
        held_on=sitting.held_on,
        sent_on=sent_on,
        population=population_of(assembly.authority),
        alsace_moselle=assembly.regime == Regime.ALSACE_MOSELLE,
        urgent=sitting.urgent if urgent is None else urgent,
        first_held_on=first.held_on if sitting.second_convocation and first is not None else None,
    )
    return delay_of(meeting, convening_rules(sitting.held_on) if rules is None else rules)


def lateness(sitting: Sitting, days: Sequence[date]) -> str:
    """What to tell of the members convened on these days, one each, where the delay was too short for some; "" where for none."""
    rules = convening_rules(sitting.held_on)
    delays = [delay_for(sitting, day, rules=rules) for day in days]
    late = [delay for delay in delays if not delay.in_time]
    return f"Délai insuffisant pour {counted(len(late), 'membre')}. {late[-1].sentence}" if late else ""


def opening_of(sitting: Sitting) -> datetime:
    """The hour written in the convocation, in Paris; the end of the day where it says none."""
    return datetime.combine(sitting.held_on, sitting.held_at or time(23, 59), PARIS)


@dataclass(frozen=True)
class AgendaItem:
    """`number` is that of the act, or the one it will take at the sending (`sent` false)."""

    act: Act
    place: int
    number: str
    sent: bool

    @property
    def title(self) -> str:
        return self.act.title


def called_acts(sitting: Sitting) -> QuerySet[Act]:
    return (
        Act.objects.filter(sitting=sitting)
        .exclude(state__in=NOT_CALLED)
        .annotate(
            clause_count=Count("clauses", distinct=True),
            annex_count=Count("annexes", distinct=True),
            stage_count=Count("visas", distinct=True),
            visa_count=Count("visas", filter=~Q(visas__state=VisaState.GIVEN), distinct=True),
        )
        .order_by(F("passage").asc(nulls_last=True), "pk")
    )


def sent_acts(sitting: Sitting) -> set[int]:
    """Keys of the acts that a convocation of the sitting names already."""
    agendas = Convocation.objects.filter(sitting=sitting).values_list("agenda", flat=True)
    return {int(item["act"]) for agenda in agendas for item in agenda}


def second_items(sitting: Sitting) -> set[int]:
    """Keys of the acts that a second sitting decides without quorum: those the first was convened for, or, where it was convened
    elsewhere, those named by its own convocation (CGCT L2121-17)."""
    if not sitting.second_convocation or sitting.first_sitting is None:
        return set()
    return sent_acts(sitting.first_sitting) or sent_acts(sitting)


def changed_since_told(sitting: Sitting) -> str:
    """What the last convocation told of the sitting and is no longer so: « la date et le lieu »; "" while all of it holds.
    A convocation marks its sitting: the version then written is what it told."""
    sent_at = sitting.convocations.aggregate(last=Max("sent_at"))["last"]
    if sent_at is None:
        return ""
    rows = Sitting.history.filter(id=sitting.pk, history_date__gte=sent_at).order_by("history_date", "history_id")
    told = rows.values_list("held_on", "held_at", "place").first()
    if told is None:
        return ""
    now = Sitting.objects.values_list("held_on", "held_at", "place").get(pk=sitting.pk)
    changed = [words for words, before, after in zip(TOLD, told, now, strict=True) if before != after]
    return " et ".join([", ".join(changed[:-1]), changed[-1]] if len(changed) > 1 else changed)


def adds_items(convocation: Convocation) -> bool:
    """Whether it names an act that none of those before it named."""
    rows = Convocation.objects.filter(sitting=convocation.sitting_id, number__lt=convocation.number)
    before = {item["act"] for agenda in rows.values_list("agenda", flat=True) for item in agenda}
    return any(item["act"] not in before for item in convocation.agenda)


def agenda_of(sitting: Sitting) -> list[AgendaItem]:
    """Three queries. An act without a number takes the next one of the year, in the order of passage."""
    acts, sent = list(called_acts(sitting)), sent_acts(sitting)
    places = {act.pk: place for place, act in enumerate(acts, 1)}
    waiting = [act for act in acts if not act.number and act.kind not in UNNUMBERED]
    numbers = dict(
        zip((act.pk for act in waiting), numbers_for(sitting, [places[act.pk] for act in waiting]), strict=True)
    )
    return [AgendaItem(act, places[act.pk], act.number or numbers.get(act.pk, ""), sent=act.pk in sent) for act in acts]


def numbers_for(sitting: Sitting, places: Sequence[int]) -> list[str]:
    """Blank where the format of the assembly is not one: its page says what is wrong."""
    if not places:
        return []
    used = (
        Act.objects.filter(sitting__assembly=sitting.assembly_id, sitting__held_on__year=sitting.held_on.year)
        .exclude(number="")
        .values_list("number", flat=True)
    )
    try:
        return next_numbers(sitting.assembly.number_format, sitting.held_on, used, places)
    except FormatError:
        return [""] * len(places)


@dataclass(frozen=True)
class Missing:
    """Something to settle before sending. `stops`: it cannot leave so; `settled`: by the sending itself; else who sends says that
    they know."""

    text: str
    stops: bool = False
    act: Act | None = None
    place: str = ""
    settled: bool = False


SITTING, MEMBERS, CONTACTS = "sitting", "members", "contacts"


def missing_before(sitting: Sitting, agenda: Sequence[AgendaItem], rules: Rules) -> list[Missing]:
    """Six queries: what was told before, the figures of the texts, the members and how they are reached."""
    found = []
    if changed := changed_since_told(sitting):
        text = f"Changé depuis la dernière convocation : {changed}. L'envoi le dit aux membres{_article(sitting)}."
        found.append(Missing(text, place=SITTING, settled=True))
    if sitting.held_at is None:
        found.append(Missing("L'heure de la séance n'est pas fixée.", stops=True, place=SITTING))
    if not sitting.place.strip():
        found.append(Missing("Le lieu de la séance n'est pas fixé.", stops=True, place=SITTING))
    if not agenda:
        article = f" : la convocation en indique les questions{_article(sitting)}" if _article(sitting) else ""
        found.append(Missing(f"Aucune affaire n'est à l'ordre du jour{article}.", stops=True, place="acts"))
    found += _second(sitting, agenda)
    notes = needs_notes(population_of(sitting.assembly.authority), rules)
    circuit = any(getattr(item.act, "stage_count", 0) for item in agenda)
    for item in agenda:
        found += _of_item(item, notes, circuit)
    return [*found, *_of_figures(agenda), *_of_members(sitting)]


def _article(sitting: Sitting) -> str:
    """L2121-10 does not hold in Alsace-Moselle (CGCT L2541-1)."""
    return "" if sitting.assembly.regime == Regime.ALSACE_MOSELLE else " (CGCT, article L2121-10)"


def not_told(sitting: Sitting) -> str:
    """Why the members do not know of the sitting as it is: to refuse with; "" where they do."""
    changed = changed_since_told(sitting)
    if not changed:
        return ""
    return (
        f"Changé depuis la dernière convocation : {changed}. Envoyer une convocation rectificative, ou rétablir dans la séance ce "
        f"que dit la convocation{_article(sitting)}."
    )


def _second(sitting: Sitting, agenda: Sequence[AgendaItem]) -> list[Missing]:
    if not sitting.second_convocation:
        return []
    if sitting.first_sitting is None:
        return [
            Missing("La séance restée sans quorum n'est pas désignée (CGCT, article L2121-17).", True, None, SITTING)
        ]
    first = sent_acts(sitting.first_sitting)
    added = [item for item in agenda if item.act.pk not in first] if first else []
    told = "n'était pas à l'ordre du jour de la première réunion : la seconde n'examine que les mêmes affaires"
    return [Missing(f"« {item.title} » {told} (CGCT, article L2121-17).", True, item.act) for item in added]


def _of_item(item: AgendaItem, notes: bool, circuit: bool) -> list[Missing]:
    """`circuit`: other acts of the agenda go through visas."""
    act: Any = item.act
    found = []
    if not item.number and act.kind not in UNNUMBERED:
        found.append(Missing("Le format de numérotation de l'assemblée est à corriger.", True, None, "assembly"))
    lacking = []
    if not act.clause_count:
        lacking.append("pas encore de texte")
    if act.visa_count:
        lacking.append("visas incomplets")
    elif circuit and not act.stage_count and act.state == ActState.DRAFT:
        lacking.append("circuit de visas non ouvert")
    if notes and not act.summary_note.strip() and act.kind not in UNNUMBERED:
        lacking.append("note explicative de synthèse manquante (CGCT, article L2121-12)")
    if lacking:
        found.append(Missing(f"« {act.title} » : {', '.join(lacking)}.", act=act))
    return found


def _of_figures(agenda: Sequence[AgendaItem]) -> list[Missing]:
    lacking = lacking_figures([item.act for item in agenda])
    told = "chiffres du plan pas encore calculés"
    return [
        Missing(f"« {item.title} » : {told} ({', '.join(lacking[item.act.pk])}).", act=item.act)
        for item in agenda
        if item.act.pk in lacking
    ]


def _of_members(sitting: Sitting) -> list[Missing]:
    members = active_mandates(sitting)
    if not members:
        return [Missing("Aucun membre n'est en exercice à la date de la séance.", stops=True, place=MEMBERS)]
    reached = {
        contact.mandate_id: contact
        for contact in MemberContact.objects.filter(mandate__in=[member.pk for member in members])
    }
    lost = [
        member.display_name
        for member in members
        if member.pk not in reached or not (reached[member.pk].email or reached[member.pk].on_paper)
    ]
    if not lost:
        return []
    names = ", ".join(lost[:5]) + (f" et {len(lost) - 5} autres" if len(lost) > 5 else "")
    told = "sera convoqué sur papier" if len(lost) == 1 else "seront convoqués sur papier"
    return [Missing(f"Sans adresse électronique, {told} : {names}.", place=CONTACTS)]


def to_convene(sitting: Sitting) -> list[tuple[Mandate, MemberContact | None]]:
    """Everyone in office on the day, alternates among them, with how they are reached."""
    members = active_mandates(sitting)
    contacts = {row.mandate_id: row for row in MemberContact.objects.filter(mandate__in=[m.pk for m in members])}
    return [(member, contacts.get(member.pk)) for member in members]


def may_be_convened(sitting: Sitting) -> bool:
    return not sitting.past and sitting.state in (SittingState.DRAFT, SittingState.CONVENED)


def unsent(convocation: Convocation) -> QuerySet[Invitation]:
    """Those that the mail server has still to be given: never tried."""
    return convocation.invitations.filter(sent_at=None, error="").exclude(email="").order_by("mandate__rank", "pk")


def on_paper(convocation: Convocation) -> QuerySet[Invitation]:
    """Printed and handed over: those who asked for it, and those without an address."""
    return convocation.invitations.filter(email="").select_related("mandate").order_by("mandate__rank", "pk")


def next_sitting(assemblies: QuerySet[Assembly], today: date) -> Sitting | None:
    """The first sitting still to convene."""
    waiting = Sitting.objects.filter(
        assembly__in=assemblies, state=SittingState.DRAFT, past=False, held_on__gte=today
    ).select_related("assembly__authority", "first_sitting")
    return waiting.order_by("held_on", "held_at", "pk").first()
