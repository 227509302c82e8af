"""What the assembly decided: generic saves do not change it, nor pretend to it. A past sitting stays open: it was typed in as it was."""

from deliberations.enums import ActState, SittingState, TransmissionState
from deliberations.models import Act, Ballot, CouncilDocument, Publication, Sitting, Transmission
from deliberations.queries.convening import sent_acts
from deliberations.queries.figures import lacking_figures
from deliberations.queries.filing import CHANNELS
from deliberations.queries.register import DELIBERATED
from deliberations.services.session import require_no_session
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.versions import DeletedRowError

FIXED = ("state", "title", "stated_object", "number", "sitting", "kind", "nature")
SET_ASIDE = (ActState.WITHDRAWN, ActState.ADJOURNED)
KEPT = "Une délibération se conserve sans limite de durée : seul un projet peut être supprimé."
REOPENED = "il se rouvre en séance, avec son motif, à la page « Conduite »"


def locked_act(act: Act) -> Act:
    """As stored, held until the end of the transaction."""
    rows = Act.objects.select_for_update(of=("self",)).select_related("sitting__assembly__authority")
    found: Act | None = rows.filter(pk=act.pk).first()
    if found is None:
        raise DeletedRowError(act)
    return found


def is_filed(act: Act) -> bool:
    """Sent, received or made public: what was decided is known outside."""
    return (
        any(getattr(act, name) for name in CHANNELS)
        or Transmission.objects.filter(
            act=act, state__in=(TransmissionState.SENT, TransmissionState.ACKNOWLEDGED)
        ).exists()
        or is_online(act)
    )


def is_online(act: Act) -> bool:
    return Publication.objects.filter(document__act=act, withdrawn_at=None).exists()


def is_decided(act: Act) -> bool:
    return (
        act.state in DELIBERATED
        or is_filed(act)
        or Ballot.objects.filter(act=act, proclaimed_at__isnull=False).exists()
        or CouncilDocument.objects.filter(act=act).exists()
    )


def require_new_act(act: Act) -> None:
    sitting = Sitting.objects.get(pk=act.sitting_id)
    require_no_session(sitting)
    if not sitting.past and act.state != ActState.DRAFT:
        raise DomainError(
            "Un acte commence à l'état de projet : la suite vient de la séance et du vote.", field="state"
        )


def require_as_decided(held: Act, act: Act) -> None:
    """`held`: the act as it is stored, locked."""
    if held.sitting_id != act.sitting_id:
        _require_move(held, act)
    if held.state != act.state and is_online(held) and act.state not in DELIBERATED:
        raise DomainError(
            f"« {held} » est en ligne : le retirer de la publication avant d'en changer l'état.", field="state"
        )
    if held.sitting.past:
        return
    changed = [name for name in FIXED if _value(held, name) != _value(act, name)]
    if not held.number and "number" in changed:
        changed.remove("number")
    if "state" in changed and held.state not in DELIBERATED:
        _require_state(held, act)
    if changed and is_decided(held):
        label = Act._meta.get_field(changed[0]).verbose_name  # type: ignore[union-attr]
        raise DomainError(
            f"L'assemblée s'est prononcée sur « {held} » : « {label} » ne change plus ici. Le vote se rouvre en séance, "
            "à la page « Conduite » ; une erreur se corrige par une autre délibération.",
            field=changed[0],
        )
    if held.sitting.opened_at is not None and held.passage != act.passage:
        raise DomainError(
            "L'ordre de passage est celui de la séance tenue : il ne change plus ensuite.", field="passage"
        )


def _value(act: Act, name: str) -> object:
    return act.sitting_id if name == "sitting" else getattr(act, name)


def _require_state(held: Act, act: Act) -> None:
    if act.state in DELIBERATED:
        raise DomainError(
            f"L'état « {act.get_state_display()} » vient du vote : le consigner à la page « Vote » de l'acte.",
            field="state",
        )
    if held.sitting.opened_at is not None and held.state in SET_ASIDE:
        raise DomainError(
            f"« {held} » est {held.get_state_display().lower()} en séance : l'affaire s'y rétablit, à la page « Conduite ».",
            field="state",
        )


def _require_move(held: Act, act: Act) -> None:
    wanted = Sitting.objects.get(pk=act.sitting_id)
    require_no_session(wanted)
    if held.sitting.past and not wanted.past and act.state != ActState.DRAFT:
        raise DomainError("Un acte repris du registre reste dans une séance reprise.", field="sitting")


def require_votable(act: Act) -> None:
    """A vote is entered in session, or once the sitting is closed; never over one proclaimed or known outside."""
    sitting = act.sitting
    if sitting.past:
        return
    require_no_session(sitting)
    if sitting.state != SittingState.CLOSED:
        raise DomainError(
            "La séance n'est pas levée : un vote se saisit en séance, à la page « Conduite », ou une fois la séance levée."
        )
    if act.state in SET_ASIDE:
        raise DomainError(f"« {act} » est à l'état « {act.get_state_display()} » : il n'a pas été mis aux voix.")
    if Ballot.objects.filter(act=act, proclaimed_at__isnull=False).exists():
        raise DomainError(f"Le résultat de « {act} » est proclamé : {REOPENED}.")
    if is_filed(act):
        raise DomainError(f"« {act} » est déjà transmis ou publié : son vote ne change plus.")


def require_deletable(act: Act) -> None:
    if act.state != ActState.DRAFT:
        raise DomainError(KEPT)
    require_no_session(act.sitting)
    if act.sitting.past:
        return
    if is_filed(act):
        raise DomainError(f"« {act} » porte une date de transmission ou de publication : {KEPT[0].lower()}{KEPT[1:]}")
    if act.pk in sent_acts(act.sitting):
        raise DomainError(
            f"« {act} » figure à l'ordre du jour envoyé avec la convocation : le retirer ou l'ajourner, non le supprimer."
        )
    kept = [
        (Ballot.objects.filter(act=act), "un vote"),
        (CouncilDocument.objects.filter(act=act), "un document"),
        (Transmission.objects.filter(act=act), "une transmission"),
    ]
    held = [words for rows, words in kept if rows.exists()]
    if held:
        raise DomainError(f"« {act} » a {' et '.join(held)} : {KEPT[0].lower()}{KEPT[1:]}")


def require_known_figures(act: Act) -> None:
    """Nothing is adopted with a figure of the plan that nobody computed."""
    lacking = lacking_figures([act]).get(act.pk)
    if lacking and not act.sitting.past:
        raise DomainError(
            f"Le texte de « {act} » nomme des chiffres du plan qui ne sont pas calculés "
            f"({', '.join(lacking)}) : calculer le scénario, ou les écrire, avant de proclamer le résultat.",
            field="act",
        )
