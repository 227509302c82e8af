"""What every change of a text obeys: only a draft's changes, and the visas given on it are asked again."""

from deliberations.domain import circuit
from deliberations.domain.figures import FIGURES, unknown_keys
from deliberations.enums import ActState, VisaState
from deliberations.models import Act
from deliberations.permissions import SIGNERS
from deliberations.queries.circuit import core_step
from deliberations.queries.rich import clean_rich, plain_of
from deliberations.services.rows import OF_CLAUSE, save_row
from plan_numerique.accounts.models import User
from plan_numerique.shared.errors import DomainError

LONGEST_TEXT = 50_000
MOST_CLAUSES = 300
VOTED = (
    "Le texte de « {act} » ne change plus : l'assemblée s'est prononcée sur lui. "
    "Une erreur se corrige par une autre délibération."
)


def hold_text(act: Act) -> None:
    """The act held until the end of the transaction, its text still open. What was recorded of a past sitting stays open."""
    stored = Act.objects.select_for_update().get(pk=act.pk)
    if stored.state != ActState.DRAFT and not act.sitting.past:
        raise DomainError(VOTED.format(act=act.title))


def checked_text(text: str, *, rich: bool, field: str = "text") -> str:
    """The text to store; a figure that does not exist, or a text too long, is refused by name."""
    _require_short(text, field)
    cleaned = clean_rich(text) if rich else text.replace("\r\n", "\n").strip()
    _require_short(cleaned, field)
    if not (plain_of(cleaned) if rich else cleaned):
        raise DomainError("Écrire le texte du passage.", field=field)
    if strange := unknown_keys(cleaned):
        named = ", ".join(f"[[{key[:60]}]]" for key in strange[:5])
        raise DomainError(
            f"Chiffre inconnu : {named}. Les chiffres du plan sont : {', '.join(FIGURES)}.",
            field=field,
        )
    return cleaned


def _require_short(text: str, field: str) -> None:
    """Before cleaning, and after: closing what was left open adds to the text."""
    if len(text) > LONGEST_TEXT:
        told = f"{LONGEST_TEXT:,} caractères, celui-ci en a {len(text):,}".replace(",", "\u202f")
        raise DomainError(f"Un passage a au plus {told}.", field=field)


def text_changed(act: Act, by: User | None) -> None:
    """The visas that the change asks again wait once more; each keeps the version it saw."""
    rows = {row.position: row for row in act.visas.order_by("position")}
    if not rows:
        return
    authority = act.sitting.assembly.authority
    own = [row.position for row in rows.values() if by is not None and SIGNERS[row.stage].granted(by, authority)]
    for step in circuit.asked_again([core_step(row) for row in rows.values()], own):
        row = rows[step.position]
        row.state, row.given_at, row.given_by = VisaState.WAITING, None, None
        save_row(OF_CLAUSE, instance=row, by=by)
