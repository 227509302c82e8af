"""The signed diagnostics of a campaign written into a scenario: perimeter, ranks, volunteers, lump sums and remarks, in one action."""

from collections import defaultdict

from governance.models import LumpSum, Scenario
from governance.queries import ScenarioData
from governance.queries.diagnosed import REMARK, Feed, Gap, feed_of
from governance.services.steps import Part
from governance.services.wizard import held, write
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.audit.services import action
from plan_numerique.shared.errors import DomainError
from plan_numerique.shared.money import display_euros
from schools.models import DiagnosticCampaign
from schools.services import set_volunteer

FED = Part(("rule_set", "school_year", "hypothesis"), ("places", "phases"))


def take_diagnostics(
    *, scenario: Scenario, campaign: DiagnosticCampaign, exercise: int | None = None, by: User | None
) -> Feed:
    """As `feed_of` previews it. Done again, it replaces what it wrote before. DomainError where no diagnostic can be taken."""
    authority = scenario.plan.authority
    with action(
        "governance.diagnostics_taken",
        "Diagnostics repris dans le scénario",
        by=by,
        authority=authority,
        target=scenario,
    ):
        before = held(scenario)
        entry = before.scenario.first_exercise if exercise is None else exercise
        if entry not in before.scenario.exercises:
            raise DomainError(
                f"Le scénario va de {before.scenario.first_exercise} à {before.scenario.last_exercise}.",
                field="exercise",
            )
        if campaign.authority_id != authority.pk:
            raise DomainError("Cette campagne est celle d'une autre collectivité.", field="campaign")
        feed = feed_of(before, campaign, entry)
        if not feed.taken:
            raise DomainError(
                f"Aucun diagnostic de « {campaign} » ne peut être repris dans ce scénario.", field="campaign"
            )
        _mark(feed, by)
        feed.after.scenario.hypothesis = _remarked(before.scenario.hypothesis, campaign, feed)
        write(before, feed.after, FED, by=by)
        _write_lump_sums(before, feed, by)
    return feed


def _mark(feed: Feed, by: User | None) -> None:
    for volunteer in (True, False):
        classes = [each for each, now in feed.classes if now == volunteer]
        set_volunteer(objects=classes, volunteer=volunteer, by=by)


def _remarked(former: str, campaign: DiagnosticCampaign, feed: Feed) -> str:
    """In place of those that this campaign left before; what people or another campaign wrote stays."""
    head = f"{REMARK} {campaign}, "
    kept = [line for line in former.splitlines() if line.strip() and not line.startswith(head)]
    return "\n".join([*kept, *(f"{head}{line}" for line in remarks_of(feed))])


def _write_lump_sums(before: ScenarioData, feed: Feed, by: User | None) -> None:
    authority = before.scenario.plan.authority
    stored = {row.code: row for row in before.lump_sums}
    for row in feed.withdrawn:
        audit.delete(instance=row, by=by, authority=authority)
    fields = [field.attname for field in LumpSum._meta.concrete_fields if field.name not in ("id", "scenario")]
    for row in feed.lump_sums:
        kept = stored.get(row.code) or LumpSum(scenario=before.scenario)
        values = {name: getattr(row, name) for name in fields}
        if {name: getattr(kept, name) for name in fields} != values:
            for name, value in values.items():
                setattr(kept, name, value)
            audit.save(instance=kept, by=by, authority=authority)


def remarks_of(feed: Feed) -> list[str]:
    """What the calculator cannot hold, a line by school, and the totals that agree to the cent."""
    by_school: dict[str, list[Gap]] = defaultdict(list)
    for gap in feed.gaps:
        by_school[str(gap.school)].append(gap)
    lines = []
    for school, gaps in by_school.items():
        ht, ttc = sum(gap.figures.ht for gap in gaps), sum(gap.figures.ttc for gap in gaps)
        what = " ; ".join(
            f"{gap.label}, {gap.figures.budgeted} au budget pour {gap.figures.wanted} à acheter" for gap in gaps
        )
        lines.append(f"{school}, {_signed_euros(ht)} HT, {_signed_euros(ttc)} TTC au budget ({what}).")
    lines += [
        f"{school}, {count} × {label} à acheter sans prix, hors du budget." for school, label, count in feed.unpriced
    ]
    total = f"packs à acheter {display_euros(feed.proposed_ttc)} TTC, au budget {display_euros(feed.budget_ttc)} TTC"
    return [f"{total}, écart {_signed_euros(feed.difference_ttc)}.", *lines]


def _signed_euros(cents: int) -> str:
    return f"+{display_euros(cents)}" if cents > 0 else display_euros(cents)
