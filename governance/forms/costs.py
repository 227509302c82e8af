from typing import Any

from django.forms import CheckboxSelectMultiple

from governance.enums import Section
from governance.forms.fields import CodesField, ListField, TiersField, YearListField
from governance.forms.scenarios import PerimeterForm, scenario_of
from governance.models import AnnouncedAmount, Funder, FundingLine, LumpSum, RecurringCost
from governance.queries import editable_authorities, editable_scenarios, visible_funders, visible_offers
from plan_numerique.web.forms import EntityForm
from schools.queries import visible_schools


class LumpSumForm(EntityForm):
    scoped = {"scenario": editable_scenarios}

    class Meta:
        model = LumpSum
        fields = (
            "scenario",
            "code",
            "label",
            "heading",
            "section",
            "account",
            "amount_ht",
            "vat_rate",
            "exercise",
            "fctva",
            "note",
            "source",
            "quote",
        )


class RecurringCostForm(PerimeterForm):
    scoped = {"scenario": editable_scenarios, "schools": visible_schools, "offer": visible_offers}
    exercises = YearListField(
        label="Exercices", required=False, help_text="Par exemple 2018 ; 2019. Vide : tous ceux du scénario."
    )

    class Meta:
        model = RecurringCost
        fields = (
            "scenario",
            "code",
            "label",
            "per",
            "unit_price_ht",
            "vat_rate",
            "heading",
            "section",
            "account",
            "payer",
            "exercises",
            "schools",
            "offer",
            "source",
            "quote",
        )
        widgets = {"schools": CheckboxSelectMultiple}


class FunderForm(EntityForm):
    scoped = {"authority": editable_authorities}

    class Meta:
        model = Funder
        fields = ("authority", "name", "kind", "frame", "note", "source")


class FundingLineForm(EntityForm):
    scoped = {"scenario": editable_scenarios, "funder": visible_funders}
    headings = ListField(
        label="Postes éligibles", required=False, help_text="Par exemple materiel ; cablage. Vide : tous les postes."
    )
    sections = CodesField(label="Sections éligibles", choices=Section.choices, help_text="Aucune : toutes.")
    tiers = TiersField(
        label="Taux par tranche",
        required=False,
        help_text="Par exemple 200000 : 70 ; au-delà : 50. Vide s'il y a un taux ou un montant.",
    )

    class Meta:
        model = FundingLine
        fields = (
            "scenario",
            "position",
            "code",
            "funder",
            "state",
            "base",
            "headings",
            "sections",
            "rate",
            "amount",
            "tiers",
            "base_cap_per",
            "base_cap_amount",
            "minimum",
            "cap",
            "source",
            "quote",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scenario = editable_scenarios(self.user).filter(pk=scenario_of(self) or 0).first()
        if scenario is not None:
            field: Any = self.fields["funder"]
            field.queryset = field.queryset.filter(authority=scenario.plan.authority_id)


class AnnouncedAmountForm(EntityForm):
    scoped = {"scenario": editable_scenarios}

    class Meta:
        model = AnnouncedAmount
        fields = ("scenario", "position", "key", "label", "amount", "approximate", "source", "quote")
