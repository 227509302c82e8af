"""The figures of the plan that an act writes, kept as they were when the assembly examined it."""

from django.utils import timezone

from deliberations.domain.figures import FIGURES, keys_in, texts_of
from deliberations.models import Act, ActFigure
from deliberations.queries.figures import plan_figures, run_of
from deliberations.services.rows import OF_CLAUSE, save_row
from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit

NOT_KNOWN = "(non calculé)"


def freeze_figures(*, act: Act, by: User | None) -> list[ActFigure]:
    """Each figure that the text names, as it reads now. Frozen again, it takes the new value: only an act still open is."""
    named = [key for text in act.clauses.order_by("position").values_list("text", flat=True) for key in keys_in(text)]
    keys = [key for key in dict.fromkeys(named) if key in FIGURES]
    if not keys:
        return []
    run = run_of(act)
    texts = texts_of(plan_figures(run)) if run is not None else {}
    held = {row.key: row for row in act.figures.filter(key__in=keys)}
    rows = [held.get(key) or ActFigure(act=act, key=key) for key in keys]
    with audit.action(
        "deliberations.figures_frozen",
        "Chiffres du plan figés",
        by=by,
        authority=act.sitting.assembly.authority,
        target=act,
    ):
        for row in rows:
            row.run, row.text, row.frozen_at = run, texts.get(row.key) or NOT_KNOWN, timezone.now()
            save_row(OF_CLAUSE, instance=row, by=by)
    return rows
