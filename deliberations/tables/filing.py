import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from deliberations.enums import TransmissionState
from deliberations.models import AttachmentType, Classification, Matter, Publication, Transmission, TransmissionProfile
from plan_numerique.accounts.models import Authority
from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, IntegerColumn, MomentColumn

TRANSMISSION_TONES: dict[str, str] = {
    TransmissionState.PREPARED: "info",
    TransmissionState.SENT: "warning",
    TransmissionState.ACKNOWLEDGED: "success",
    TransmissionState.REFUSED: "danger",
}
NATIONAL = "Nationale"


class TransmissionProfileTable(EntityTable):
    authority = tables.Column(linkify=("deliberations:profile_detail", {"pk": tables.A("pk")}))

    class Meta(EntityTable.Meta):
        model = TransmissionProfile
        fields = ("authority", "operator", "trigram", "siret", "prefecture")
        order_by = "authority"


class ClassificationTable(EntityTable):
    dated_on = DayColumn(
        linkify=("deliberations:classification_detail", {"pk": tables.A("pk")}), verbose_name="Classification du"
    )
    authority = tables.Column(verbose_name="Collectivité", default=NATIONAL)
    matter_count = IntegerColumn(verbose_name="Matières")

    class Meta(EntityTable.Meta):
        model = Classification
        fields = ("dated_on", "authority", "matter_count", "source")
        order_by = "-dated_on"


class MatterTable(EntityTable):
    code = tables.Column(order_by="path")
    classification = tables.Column(verbose_name="Classification")

    class Meta(EntityTable.Meta):
        model = Matter
        fields = ("code", "label", "classification")
        order_by = "code"


class AttachmentTypeTable(EntityTable):
    code = tables.Column(verbose_name="Type de pièce")

    class Meta(EntityTable.Meta):
        model = AttachmentType
        fields = ("code", "label", "nature", "classification")
        order_by = ("nature", "code")


class TransmissionTable(EntityTable):
    identifier = tables.Column(
        linkify=("deliberations:transmission_detail", {"pk": tables.A("pk")}), verbose_name="Identifiant"
    )
    act = tables.Column(linkify=("deliberations:act_filing", {"pk": tables.A("act_id")}), verbose_name="Délibération")
    prepared_at = MomentColumn()
    sent_on = DayColumn(verbose_name="Remise le")
    received_on = DayColumn(verbose_name="Reçue le")
    state = BadgeColumn(tones=TRANSMISSION_TONES)
    number = IntegerColumn(verbose_name="Rang")
    hidden = ("number",)

    class Meta(EntityTable.Meta):
        model = Transmission
        fields = ("identifier", "act", "number", "prepared_at", "sent_on", "received_on", "state")
        order_by = "-prepared_at"


class PublicationTable(EntityTable):
    document = tables.Column(
        accessor="document__document__title",
        linkify=("deliberations:publication_detail", {"pk": tables.A("pk")}),
        verbose_name="Document",
    )
    version = IntegerColumn(accessor="document__number", verbose_name="Version")
    posted_at = MomentColumn(verbose_name="Mise en ligne")
    author_name = tables.Column(verbose_name="Auteur")
    withdrawn_at = MomentColumn(verbose_name="Retirée")
    sha256 = tables.Column(accessor="document__document__sha256", verbose_name="Empreinte SHA-256")
    hidden = ("sha256",)

    class Meta(EntityTable.Meta):
        model = Publication
        fields = ("document", "version", "posted_at", "author_name", "author_quality", "withdrawn_at", "sha256")
        order_by = "-posted_at"


class OpenAuthorityTable(EntityTable):
    """Authorities whose open data may be looked at."""

    name = tables.Column(linkify=("deliberations:opendata_detail", {"pk": tables.A("pk")}), verbose_name="Collectivité")
    public = tables.Column(empty_values=(), verbose_name="Pages publiques", orderable=False, accessor="slug")

    class Meta(EntityTable.Meta):
        model = Authority
        fields = ("name", "kind", "public")
        order_by = "name"

    def render_public(self, value: str) -> str:
        url = reverse("deliberations:public_acts", args=[value])
        return format_html('<a href="{}">{}</a>', url, url)

    def value_public(self, value: str) -> str:
        return reverse("deliberations:public_acts", args=[value])
