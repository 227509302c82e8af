import django_filters

from deliberations import permissions, queries
from deliberations.enums import ActNature, CouncilDocumentKind, TransmissionState
from deliberations.models import AttachmentType, Classification, Matter, Publication, Transmission, TransmissionProfile
from plan_numerique.web.filters import EntityFilter, YearFilter


class TransmissionProfileFilter(EntityFilter):
    search_fields = ("authority__name", "operator", "siret")
    scoped = {"authority": permissions.VIEW_DRAFTS.authorities}
    without = (
        "siret", "trigram", "district", "emitter", "prefecture", "contact_name", "contact_email", "contact_phone",
        "return_emails", "source",
    )  # fmt: skip

    operator = django_filters.CharFilter(label="Opérateur", lookup_expr="icontains")

    class Meta:
        model = TransmissionProfile
        fields = ("authority", "operator")


class ClassificationFilter(EntityFilter):
    scoped = {"authority": permissions.VIEW.authorities}
    without = ("source",)

    dated_on = YearFilter(label="Année", field_name="dated_on")

    class Meta:
        model = Classification
        fields = ("authority", "dated_on")


class MatterFilter(EntityFilter):
    search_fields = ("code", "label")
    scoped = {"classification": queries.visible_classifications}
    without = ("path", "label")

    code = django_filters.CharFilter(label="Code, ou son début", lookup_expr="startswith")

    class Meta:
        model = Matter
        fields = ("classification", "code")


class AttachmentTypeFilter(EntityFilter):
    search_fields = ("code", "label")
    scoped = {"classification": queries.visible_classifications}
    without = ("code", "label")

    nature = django_filters.ChoiceFilter(label="Nature", choices=ActNature.choices)

    class Meta:
        model = AttachmentType
        fields = ("classification", "nature")


class TransmissionFilter(EntityFilter):
    search_fields = ("identifier", "act__title", "act__number")
    scoped = {"act": queries.visible_acts}
    without = ("number", "identifier", "prepared_at", "package", "extract", "acknowledgement", "anomaly")

    state = django_filters.MultipleChoiceFilter(label="État", choices=TransmissionState.choices)
    sent_on = YearFilter(label="Année de remise", field_name="sent_on")
    received_on = YearFilter(label="Année de réception", field_name="received_on")

    class Meta:
        model = Transmission
        fields = ("act", "state", "sent_on", "received_on")


class PublicationFilter(EntityFilter):
    search_fields = ("document__document__title", "author_name", "document__act__number")
    without = ("author_name", "author_quality", "withdrawn_reason")

    kind = django_filters.ChoiceFilter(
        label="Document", field_name="document__kind", choices=CouncilDocumentKind.choices
    )
    posted_at = YearFilter(label="Année", field_name="posted_at")
    withdrawn = django_filters.BooleanFilter(
        label="Retirée", field_name="withdrawn_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Publication
        fields = ("kind", "posted_at", "withdrawn")
