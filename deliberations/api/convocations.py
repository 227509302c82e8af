"""How members are reached, what was sent to them, what they answered."""

from typing import Any, ClassVar

from rest_framework import serializers

from deliberations import permissions, queries
from deliberations.filtersets.convocations import ConvocationFilter, InvitationFilter, MemberContactFilter
from deliberations.forms.members import elected_of
from deliberations.models import Convocation, Invitation, MemberContact
from deliberations.services.answers import save_answer
from deliberations.services.mandates import delete_contact, save_contact
from plan_numerique.web.api import EntitySerializer, EntityViewSet


class MemberContactSerializer(EntitySerializer):
    """Private: for those who convene the assembly."""

    scoped: ClassVar = {"mandate": queries.editable_mandates, "user": elected_of}

    class Meta:
        model = MemberContact
        fields = "__all__"


class MemberContactViewSet(EntityViewSet):
    permission = write_permission = permissions.EDIT
    authority_path = "mandate__assembly__authority"
    rows = staticmethod(queries.visible_contacts)
    serializer_class, filterset_class = MemberContactSerializer, MemberContactFilter
    save_service, delete_service = staticmethod(save_contact), staticmethod(delete_contact)


class AgendaLineSerializer(serializers.Serializer):
    number = serializers.CharField(allow_blank=True)
    title = serializers.CharField()
    act = serializers.IntegerField()


class ConvocationSerializer(EntitySerializer):
    """Read only: a convocation is sent from its sitting, and never changes. The file is at `/documents/<document>/`."""

    agenda = AgendaLineSerializer(many=True, read_only=True)

    class Meta:
        model = Convocation
        fields = (
            "id", "sitting", "number", "message", "agenda", "sent_at", "clear_days", "required_days", "document",
        )  # fmt: skip
        read_only_fields = fields


class ConvocationViewSet(EntityViewSet):
    permission, authority_path = permissions.VIEW_CONVENED, "sitting__assembly__authority"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]
    rows = staticmethod(queries.visible_convocations)
    serializer_class, filterset_class = ConvocationSerializer, ConvocationFilter


class InvitationSerializer(EntitySerializer):
    """`answer` (and `holder` with a proxy) is what the clerk enters; neither the link nor its digest is ever given."""

    scoped: ClassVar = {"holder": queries.editable_mandates}

    class Meta:
        model = Invitation
        fields = (
            "id", "convocation", "mandate", "email", "expires_at", "sent_at", "error", "opened_at", "answer", "holder",
            "answered_at", "answered_by",
        )  # fmt: skip
        read_only_fields = (
            "convocation", "mandate", "email", "expires_at", "sent_at", "error", "opened_at", "answered_at", "answered_by",
        )  # fmt: skip


class InvitationViewSet(EntityViewSet):
    """Those of the assemblies that the user convenes; an elected member reads their own."""

    permission, write_permission = permissions.VIEW_CONVENED, permissions.EDIT
    authority_path = "convocation__sitting__assembly__authority"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "put", "patch"]
    rows = staticmethod(queries.visible_invitations)
    serializer_class, filterset_class = InvitationSerializer, InvitationFilter
    save_service: Any = staticmethod(save_answer)
