import django_tables2 as tables

from deliberations.enums import Opinion, VisaState
from deliberations.models import ActTemplate, Annex, CommissionOpinion, VisaStep
from plan_numerique.web.tables import BadgeColumn, DayColumn, EntityTable, YesNoColumn

VISA_TONES: dict[str, str] = {VisaState.WAITING: "info", VisaState.GIVEN: "success", VisaState.RETURNED: "warning"}
OPINION_TONES: dict[str, str] = {
    Opinion.FAVOURABLE: "success",
    Opinion.RESERVED: "warning",
    Opinion.UNFAVOURABLE: "danger",
}


class ActTemplateTable(EntityTable):
    name = tables.Column(linkify=("deliberations:acttemplate_detail", {"pk": tables.A("pk")}))
    authority = tables.Column(default="Modèle commun")
    matter_code = tables.Column(verbose_name="Matière")

    class Meta(EntityTable.Meta):
        model = ActTemplate
        fields = ("name", "title", "kind", "nature", "matter_code", "authority")
        order_by = "name"


class VisaStepTable(EntityTable):
    act = tables.Column(
        accessor="act__title",
        linkify=("deliberations:act_visas", {"pk": tables.A("act_id")}),
        verbose_name="Projet",
    )
    held_on = DayColumn(accessor="act__sitting__held_on", verbose_name="Séance du")
    assembly = tables.Column(accessor="act__sitting__assembly", verbose_name="Assemblée")
    state = BadgeColumn(tones=VISA_TONES)
    version = tables.Column(accessor="version__number", verbose_name="Version déjà vue")

    class Meta(EntityTable.Meta):
        model = VisaStep
        fields = ("act", "held_on", "assembly", "stage", "state", "version", "remark")
        order_by = "held_on"


class CommissionOpinionTable(EntityTable):
    commission = tables.Column()
    act = tables.Column(
        accessor="act__title", linkify=("deliberations:act_detail", {"pk": tables.A("act_id")}), verbose_name="Acte"
    )
    opinion = BadgeColumn(tones=OPINION_TONES)
    held_on = DayColumn()

    class Meta(EntityTable.Meta):
        model = CommissionOpinion
        fields = ("commission", "act", "opinion", "held_on", "remark")
        order_by = "-held_on"


class AnnexTable(EntityTable):
    title = tables.Column(linkify=("deliberations:annex_file", {"pk": tables.A("pk")}))
    act = tables.Column(
        accessor="act__title", linkify=("deliberations:act_detail", {"pk": tables.A("act_id")}), verbose_name="Acte"
    )
    filename = tables.Column(accessor="document__filename", verbose_name="Fichier")
    public = YesNoColumn(verbose_name="Publiée")

    class Meta(EntityTable.Meta):
        model = Annex
        fields = ("title", "act", "filename", "public", "position")
        order_by = ("act", "position")
