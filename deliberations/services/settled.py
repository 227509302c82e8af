"""What follows a change of an act itself: its figures settle when it stops being a draft, its visas are asked again for a new title."""

from deliberations.enums import ActState
from deliberations.models import Act
from deliberations.services.figures import freeze_figures
from deliberations.services.texts import text_changed
from deliberations.services.versions import keep_version
from plan_numerique.accounts.models import User


def settle_text(*, act: Act, by: User | None) -> None:
    """The assembly has met on the text: figures as they were, and the version it read. A past act was typed as it was."""
    freeze_figures(act=act, by=by)
    if not act.sitting.past and act.clauses.exists():
        keep_version(act=act, reason=f"Texte examiné : {act.get_state_display().lower()}", by=by)


def follow_act(*, held: Act, act: Act, by: User | None) -> None:
    """`held`: the act as it was stored before."""
    if held.state == ActState.DRAFT != act.state:
        settle_text(act=act, by=by)
    elif held.title != act.title:
        text_changed(act, by)
