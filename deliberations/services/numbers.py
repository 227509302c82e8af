"""The numbers of an assembly's acts: given to one sitting at a time, each once in the year."""

from deliberations.domain.numbering import FormatError, is_ranked
from deliberations.models import Act, Assembly, Sitting
from plan_numerique.shared.errors import DomainError


def lock_numbers(sitting: Sitting) -> None:
    """Until the end of the transaction, no other sitting of the assembly takes a number."""
    Assembly.objects.select_for_update().get(pk=sitting.assembly_id)


def require_free_number(act: Act, held: Act | None) -> None:
    """Where numbers bear a rank in the year, two acts of the year never take the same. A past act has what its register says."""
    sitting = act.sitting
    kept = held is not None and (held.number, held.sitting_id) == (act.number, act.sitting_id)
    if kept or not act.number or sitting.past or not _ranked(sitting.assembly.number_format):
        return
    others = Act.objects.filter(
        sitting__assembly=sitting.assembly_id, sitting__held_on__year=sitting.held_on.year, number=act.number
    )
    other = others.exclude(pk=act.pk).exclude(sitting=sitting).select_related("sitting").first()
    if other is not None:
        raise DomainError(
            f"« {other.title} », de la séance du {other.sitting.held_on:%d/%m/%Y}, porte déjà le n° {act.number} : un numéro ne sert "
            "qu'une fois dans l'année.",
            field="number",
        )


def _ranked(text: str) -> bool:
    try:
        return is_ranked(text)
    except FormatError:
        return False
