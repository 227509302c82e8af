"""Which rows a user may see: what prepares an act, what convenes a sitting, what follows."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from deliberations import permissions
from deliberations.models import (
    ActFigure,
    ActTemplate,
    ActVersion,
    Annex,
    AttachmentType,
    Classification,
    CommissionOpinion,
    Convocation,
    CouncilDocument,
    Invitation,
    Matter,
    MemberContact,
    Publication,
    SittingEntry,
    Transmission,
    TransmissionProfile,
    VisaStep,
)
from deliberations.queries.circuit import acts_at_mayor, acts_to_sign
from deliberations.queries.visible import of_act, seen, shown_acts

OF_SITTING = "sitting__assembly__authority"


def visible_act_templates(user: Any) -> QuerySet[ActTemplate]:
    """Those of the product, and those of the authorities whose drafts the user sees."""
    if not permissions.VIEW_DRAFTS.anywhere(user):
        return ActTemplate.objects.none()
    held = Q(authority=None) | Q(authority__in=permissions.VIEW_DRAFTS.authorities(user))
    return ActTemplate.objects.select_related("authority").filter(held)


def visible_figures(user: Any) -> QuerySet[ActFigure]:
    return ActFigure.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def _drafted(user: Any) -> Q:
    """What the circuit said of an act stays with the staff."""
    return Q(act__sitting__assembly__authority__in=permissions.VIEW_DRAFTS.authorities(user))


def visible_versions(user: Any) -> QuerySet[ActVersion]:
    return ActVersion.objects.select_related("act__sitting__assembly__authority", "created_by").filter(_drafted(user))


def visible_visas(user: Any) -> QuerySet[VisaStep]:
    """The circuit, for the staff that gives visas; the mayor sees that of the acts that have come to the last one."""
    staff = Q(act__sitting__assembly__authority__in=permissions.FOLLOW_VISAS.authorities(user))
    return VisaStep.objects.select_related("act__sitting__assembly__authority", "given_by", "version").filter(
        staff | Q(act__in=acts_at_mayor(user).values("act"))
    )


def visible_opinions(user: Any) -> QuerySet[CommissionOpinion]:
    return CommissionOpinion.objects.select_related("act__sitting__assembly__authority").filter(of_act(user))


def visible_annexes(user: Any) -> QuerySet[Annex]:
    """As their act; one that is not published with it stays with those who read the drafts of a sitting."""
    shown = Q(public=True) | Q(act__sitting__assembly__authority__in=permissions.VIEW_CONVENED.authorities(user))
    return (
        Annex.objects.select_related("act__sitting__assembly__authority", "document")
        .defer("document__content")
        .filter(of_act(user), shown)
    )


def readable_annexes(user: Any) -> QuerySet[Annex]:
    """Those that the user may open: what is seen, and what goes with an act to sign."""
    signed = Q(act__in=acts_to_sign(user).values("pk"))
    return Annex.objects.select_related("document").filter(Q(pk__in=visible_annexes(user).values("pk")) | signed)


def visible_contacts(user: Any) -> QuerySet[MemberContact]:
    """Private: those who convene, and nobody else."""
    return MemberContact.objects.select_related("mandate__assembly__authority", "user").filter(
        mandate__assembly__authority__in=permissions.EDIT.authorities(user)
    )


def visible_convocations(user: Any) -> QuerySet[Convocation]:
    return (
        Convocation.objects.select_related("sitting__assembly__authority")
        .annotate(invitation_count=Count("invitations"))
        .filter(**{f"{OF_SITTING}__in": permissions.VIEW_CONVENED.authorities(user)})
    )


def visible_invitations(user: Any) -> QuerySet[Invitation]:
    """Addresses and answers: those who convene; and each elected member's own."""
    path = f"convocation__{OF_SITTING}__in"
    own = Q(mandate__contact__user=user.pk) if user.is_authenticated and user.is_active else Q(pk__in=[])
    return Invitation.objects.select_related("mandate", "holder", f"convocation__{OF_SITTING}").filter(
        Q(**{path: permissions.EDIT.authorities(user)}) | own & Q(**{path: permissions.ANSWER.authorities(user)})
    )


def visible_entries(user: Any) -> QuerySet[SittingEntry]:
    return SittingEntry.objects.select_related("by", OF_SITTING).filter(
        **{f"{OF_SITTING}__in": permissions.EDIT.authorities(user)}
    )


def visible_council_documents(user: Any) -> QuerySet[CouncilDocument]:
    """Those of a sitting as its acts are; those of a single act with it."""
    whole = Q(act=None, **{f"{OF_SITTING}__in": permissions.VIEW_CONVENED.authorities(user)})
    alone = Q(act__isnull=False) & shown_acts(user, "act__")
    return (
        CouncilDocument.objects.select_related("act", "document", "publication", OF_SITTING)
        .defer("document__content")
        .filter(whole | alone)
    )


def visible_profiles(user: Any) -> QuerySet[TransmissionProfile]:
    return TransmissionProfile.objects.select_related("authority").filter(
        authority__in=permissions.VIEW_DRAFTS.authorities(user)
    )


def visible_classifications(user: Any) -> QuerySet[Classification]:
    """The national one, and those of the authorities seen."""
    if not permissions.VIEW.anywhere(user):
        return Classification.objects.none()
    held = Q(authority=None) | Q(authority__in=seen(user))
    return Classification.objects.select_related("authority").annotate(matter_count=Count("matters")).filter(held)


def visible_matters(user: Any) -> QuerySet[Matter]:
    return Matter.objects.select_related("classification__authority").filter(
        classification__in=visible_classifications(user).values("pk")
    )


def visible_attachment_types(user: Any) -> QuerySet[AttachmentType]:
    return AttachmentType.objects.select_related("classification__authority").filter(
        classification__in=visible_classifications(user).values("pk")
    )


def visible_transmissions(user: Any) -> QuerySet[Transmission]:
    return (
        Transmission.objects.select_related("act__sitting__assembly__authority", "package", "acknowledgement")
        .defer("package__content", "acknowledgement__content")
        .filter(_drafted(user))
    )


def visible_publications(user: Any) -> QuerySet[Publication]:
    return (
        Publication.objects.select_related(f"document__{OF_SITTING}", "document__act", "document__document")
        .defer("document__document__content")
        .filter(**{f"document__{OF_SITTING}__in": seen(user)})
    )
