"""Each vote of an authorisation makes its next version: opened, revised, credits carried over, closed (domain-rules 5.1).

A version is never changed. What is refused for the amounts is said by `domain.authorisations`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.timezone import localtime

from governance.domain import authorisations as rules
from governance.domain.booked import LIMITS, first_overrun, refusal
from governance.enums import VersionKind
from governance.models import Authorisation, AuthorisationCredit, AuthorisationVersion, AuthorisationYear
from governance.models.scenario import LONGEST_PLAN
from governance.queries import standing_of
from governance.services.credits import locked, running_state
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros

DISTINCT = "(CGCT, R2311-9)"
VERBS: dict[str, tuple[str, str]] = {
    VersionKind.OPENING: ("governance.authorisation_opened", "Autorisation ouverte"),
    VersionKind.REVISION: ("governance.authorisation_revised", "Autorisation révisée"),
    VersionKind.CARRY_OVER: ("governance.credits_carried_over", "Crédits de paiement reportés"),
    VersionKind.CLOSING: ("governance.authorisation_closed", "Autorisation close"),
}


@dataclass(frozen=True, slots=True)
class Vote:
    """A decision of the council. `based_on`: number of the version it was prepared on, 0 before the first."""

    based_on: int
    voted_on: date
    act: str
    reason: str = ""
    source: str = ""


class StaleVoteError(DomainError):
    """Another version was voted since this one was prepared: nothing is written. `number` is that of the latest."""

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message, field="based_on")
        self.number = number


def vote(
    *, authorisation: Authorisation, decision: Vote, amount: int, credits: Mapping[int, int], by: User | None
) -> AuthorisationVersion:
    """Open, or revise what is open: the whole amount, and the credits of every exercise."""
    kind = VersionKind.REVISION if decision.based_on else VersionKind.OPENING
    with _voting(kind, authorisation, decision, by) as row:
        return _store(row, kind, decision, amount, credits, by)


def carry_over(
    *, authorisation: Authorisation, decision: Vote, from_exercise: int, amounts: Mapping[int, int], by: User | None
) -> AuthorisationVersion:
    """Unspent credits of an exercise that has ended, moved to later ones; the authorisation does not change."""
    with _voting(VersionKind.CARRY_OVER, authorisation, decision, by) as row:
        if from_exercise >= decision.voted_on.year:
            raise DomainError(
                f"L'exercice {from_exercise} n'est pas terminé le {decision.voted_on:%d/%m/%Y} : seuls les crédits non "
                f"consommés d'un exercice terminé se reportent, par décision {LIMITS}.",
                field="from_exercise",
            )
        state = running_state(row)
        credits = {credit.exercise: credit.credit for credit in state.credits}
        paid = {credit.exercise: credit.paid for credit in state.credits}
        try:
            moved = rules.carry_over(credits, paid, from_exercise, amounts)
        except DomainError as error:
            raise DomainError(f"{error.message} {LIMITS}", field="amounts") from None
        return _store(row, VersionKind.CARRY_OVER, decision, row.voted, moved, by)


def close_authorisation(*, authorisation: Authorisation, decision: Vote, by: User | None) -> AuthorisationVersion:
    """Bring the authorisation and its credits to what is paid: nothing more can be committed nor paid."""
    with _voting(VersionKind.CLOSING, authorisation, decision, by) as row:
        state = running_state(row)
        if state.remaining_to_pay > 0:
            raise DomainError(
                f"Il reste {display_euros(state.remaining_to_pay)} engagés et non payés : les payer ou les dégager avant de "
                f"clore ; l'autorisation reste valable tant qu'elle n'est pas annulée {LIMITS}."
            )
        credits = {credit.exercise: credit.paid for credit in state.credits}
        return _store(row, VersionKind.CLOSING, decision, state.paid, credits, by)


@contextmanager
def _voting(kind: str, authorisation: Authorisation, decision: Vote, by: User | None) -> Iterator[Authorisation]:
    """One action, with the row held in it and checked to be what the vote was prepared on."""
    verb, label = VERBS[kind]
    authority = authorisation.plan.authority
    with action(verb, label, by=by, authority=authority, target=authorisation, reason=decision.reason or decision.act):
        row = locked(authorisation.pk)
        latest = row.versions.order_by("-number").first()
        if (latest.number if latest else 0) != decision.based_on:
            raise _stale(latest, decision.based_on)
        _require_open(kind, latest)
        _require_decided(kind, decision, latest)
        yield row


def _stale(latest: AuthorisationVersion | None, based_on: int) -> DomainError:
    if latest is None or based_on > latest.number:
        return StaleVoteError(f"L'autorisation n'a pas de version {based_on}.", latest.number if latest else 0)
    record = latest.history.select_related("history_user").order_by("history_id").last()
    who = str(record.history_user or "l'application") if record else "l'application"
    when = f"le {localtime(record.history_date):%d/%m/%Y à %H h %M}" if record else ""
    credits = ", ".join(f"{row.exercise} : {display_euros(row.amount)}" for row in latest.credits.order_by("exercise"))
    return StaleVoteError(
        f"Entre-temps, {who} a enregistré {when} la version {latest.number} « {latest.get_kind_display()} », votée le "
        f"{latest.voted_on:%d/%m/%Y} ({latest.act}) : {display_euros(latest.amount)} ({credits}). Rien n'est enregistré : "
        "votre saisie est conservée, à revoir sur cette version.",
        latest.number,
    )


def _require_open(kind: str, latest: AuthorisationVersion | None) -> None:
    if latest is None and kind != VersionKind.OPENING:
        raise DomainError(f"Cette autorisation n'est pas encore ouverte par un vote {DISTINCT}.")
    if latest is not None and latest.kind == VersionKind.CLOSING:
        raise DomainError(f"Cette autorisation est close depuis le {latest.voted_on:%d/%m/%Y} : elle ne se vote plus.")


def _require_decided(kind: str, decision: Vote, latest: AuthorisationVersion | None) -> None:
    if not decision.act.strip():
        raise DomainError(f"Nommer la délibération distincte qui vote cette version {DISTINCT}.", field="act")
    if kind != VersionKind.OPENING and not decision.reason.strip():
        raise DomainError(f"Dire le motif : une version qui en remplace une autre le donne {DISTINCT}.", field="reason")
    if decision.voted_on > timezone.localdate():
        raise DomainError(
            f"Le {decision.voted_on:%d/%m/%Y} est à venir : une version se date du jour de son vote {DISTINCT}.",
            field="voted_on",
        )
    if latest is not None and decision.voted_on < latest.voted_on:
        raise DomainError(
            f"La version {latest.number} est votée le {latest.voted_on:%d/%m/%Y} : la suivante ne peut pas l'être avant "
            f"{DISTINCT}.",
            field="voted_on",
        )


def _store(
    row: Authorisation, kind: str, decision: Vote, amount: int, credits: Mapping[int, int], by: User | None
) -> AuthorisationVersion:
    exercises = _exercises(row, kind, credits)
    spread = {year: credits.get(year, 0) for year in exercises}
    state = running_state(row)
    if refusals := rules.check_version(amount, spread):
        raise DomainError(" ".join([*refusals, DISTINCT]), field="credits")
    if refusals := rules.check_revision(amount, spread, state):
        raise DomainError(" ".join([*refusals, LIMITS]), field="credits")
    _require_within(row, rules.Version(decision.voted_on, (state.number or 0) + 1, amount, spread))
    version = audit.save(
        instance=AuthorisationVersion(
            authorisation=row,
            number=(state.number or 0) + 1,
            kind=kind,
            voted_on=decision.voted_on,
            act=decision.act,
            amount=amount,
            credits_total=sum(spread.values()),
            reason=decision.reason,
            source=decision.source,
        ),
        by=by,
        authority=row.plan.authority,
    )
    AuthorisationCredit.objects.bulk_create(
        AuthorisationCredit(version=version, exercise=year, amount=cents) for year, cents in spread.items()
    )
    _keep_sums(row, amount, spread)
    return version


def _require_within(row: Authorisation, version: rules.Version) -> None:
    """From the day it is voted, and not only today: what was given back later was booked still."""
    before = standing_of(row)
    after = before.voted(version)
    if overrun := first_overrun(before, after):
        raise DomainError(refusal(overrun, after, verb="font"), field="voted_on")


def _exercises(row: Authorisation, kind: str, credits: Mapping[int, int]) -> range:
    """From the first to the last exercise; a vote may extend them, before the first one only when it opens."""
    first = min([row.first_exercise, *credits]) if kind == VersionKind.OPENING else row.first_exercise
    last = max([row.last_exercise, *credits])
    if credits and min(credits) < first:
        raise DomainError(
            f"{min(credits)} précède le premier exercice de l'autorisation ({first}) {DISTINCT}.", field="credits"
        )
    if last - first >= LONGEST_PLAN:
        raise DomainError(f"Une autorisation se répartit sur {LONGEST_PLAN} exercices au plus.", field="credits")
    return range(first, last + 1)


def _keep_sums(row: Authorisation, amount: int, spread: Mapping[int, int]) -> None:
    row.voted, row.first_exercise, row.last_exercise = amount, min(spread), max(spread)
    row.save(update_fields=["voted", "first_exercise", "last_exercise"])
    years = {year.exercise: year for year in AuthorisationYear.objects.filter(authorisation=row)}
    for exercise, cents in spread.items():
        year = years.get(exercise) or AuthorisationYear(authorisation=row, exercise=exercise)
        year.credit = cents
        year.save()
