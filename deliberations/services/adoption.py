"""What the vote of an act does in the plan."""

from deliberations.enums import ActState
from deliberations.models import Act
from governance import services as governance
from governance.models import Scenario
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.shared.errors import DomainError


def adoption_reason(act: Act) -> str:
    """« Délibération n° 2026-014 du 12/03/2026 : … »"""
    number = f" n° {act.number}" if act.number else ""
    return f"Délibération{number} du {act.sitting.held_on:%d/%m/%Y} : {act.title}"


def adopt_scenario_of(*, act: Act, by: User | None) -> Scenario:
    """The scenario that an adopted act approves becomes the programme of its plan, with the act as the reason."""
    if act.scenario is None:
        raise DomainError("Cet acte n'approuve pas de scénario.")
    if act.state != ActState.ADOPTED:
        raise DomainError(
            f"L'acte est à l'état « {act.get_state_display()} » : le scénario s'arrête une fois l'acte adopté."
        )
    with audit.action(
        "deliberations.scenario_adopted",
        "Scénario adopté par délibération",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
    ):
        return governance.adopt_scenario(scenario=act.scenario, by=by, reason=adoption_reason(act))
