from typing import Any

from django import forms

from governance.domain.subsidies import possible
from governance.enums import Section, SubsidyState
from governance.forms.costs import FundingLineForm
from governance.forms.fields import CodesField, TiersField
from governance.models import (
    Account,
    FundingPosting,
    FundingPreset,
    Heading,
    Scenario,
    Subsidy,
    SubsidyDeadline,
    SubsidyStep,
)
from governance.queries import (
    editable_scenarios,
    money_authorities,
    money_plans,
    money_subsidies,
    visible_funders,
    visible_funding_lines,
    visible_scenarios,
)
from governance.queries.subsidies import life_of
from governance.services.subsidies import ACCEPTED, LARGEST_PROOF
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import EntityForm, asked_key


class SubsidyForm(EntityForm):
    scoped = {"plan": money_plans, "funder": visible_funders, "funding_line": visible_funding_lines}

    class Meta:
        model = Subsidy
        fields = (
            "plan", "funder", "label", "funding_line", "reference", "base", "eligible_base", "rate", "requested", "works_start",
            "note", "source", "quote",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only what belongs to the plan chosen, so that no line of another plan is offered."""
        super().__init__(*args, **kwargs)
        plan = asked_key(self.initial.get("plan"))
        if not self.is_bound and plan is not None:
            lines, funders = self.fields["funding_line"], self.fields["funder"]
            lines.queryset = lines.queryset.filter(scenario__plan=plan)  # type: ignore[attr-defined]
            funders.queryset = funders.queryset.filter(authority__plans=plan)  # type: ignore[attr-defined]
        self.fields["funding_line"].label_from_instance = (  # type: ignore[attr-defined]
            lambda line: f"{line.funder} ({line.scenario})"
        )


class SubsidyStepForm(EntityForm):
    """One more step; `proof` is the paper that shows it."""

    scoped = {"subsidy": money_subsidies}
    proof = forms.FileField(
        label="Justificatif",
        required=False,
        help_text=f"Fichier {ACCEPTED}, {LARGEST_PROOF // 1024 // 1024} Mo au plus. Il est gardé tel quel.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{end}" for end in ACCEPTED.split(", "))}),
    )
    correction = forms.BooleanField(
        label="Correction d'une étape déjà enregistrée",
        required=False,
        help_text="L'étape corrigée reste lisible. Un versement se reconnaît à sa référence.",
    )

    class Meta:
        model = SubsidyStep
        fields = ("subsidy", "state", "on", "amount", "reference", "note")
        labels = {"on": "Date"}
        help_texts = {
            "amount": "Demandé au dépôt, notifié à la notification, reçu à l'acompte et au solde.",
            "reference": "Obligatoire pour un versement : titre de recette, avis de virement.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["subsidy", "state", "on", "amount", "reference", "proof", "note", "correction"])
        known = self.fields["subsidy"].queryset  # type: ignore[attr-defined]
        subsidy = known.filter(pk=asked_key(self.initial.get("subsidy"))).first()
        if subsidy is not None:
            offered = possible(life_of(subsidy))
            self.fields["state"].choices = [(code, SubsidyState(code).label) for code in offered]  # type: ignore[attr-defined]

    def proof_given(self) -> tuple[str, bytes] | None:
        file = self.cleaned_data.get("proof")
        if not file:
            return None
        if file.size > LARGEST_PROOF:
            raise DomainError("Un justificatif pèse au plus 10 Mo.", field="proof")
        return file.name, file.read()


class SubsidyDeadlineForm(EntityForm):
    scoped = {"subsidy": money_subsidies}

    class Meta:
        model = SubsidyDeadline
        fields = ("subsidy", "label", "due_on", "done_on", "note")


class FundingPostingForm(EntityForm):
    scoped = {"plan": money_plans, "scenario": visible_scenarios}
    scenario = forms.ModelChoiceField(
        queryset=Scenario.objects.none(),
        label="Plan de financement affiché",
        help_text="L'affiche reprend le dernier calcul terminé de ce scénario.",
    )

    class Meta:
        model = FundingPosting
        fields = ("plan", "started_on", "posted_on", "place", "online_on", "url")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["plan", "scenario", "started_on", "posted_on", "place", "online_on", "url"])
        offered = self.fields["scenario"]
        plan = asked_key(self.initial.get("plan"))
        if plan is not None:
            offered.queryset = offered.queryset.filter(plan=plan).order_by("name")  # type: ignore[attr-defined]
        if not self.instance._state.adding:
            offered.required = False
            offered.help_text = "Vide : l'affiche garde le calcul déjà choisi."


class PresetForm(EntityForm):
    sections = CodesField(label="Sections éligibles", choices=Section.choices, help_text="Aucune : toutes.")
    tiers = TiersField(
        label="Taux par tranche",
        required=False,
        help_text="Par exemple 200000 : 70 ; au-delà : 50. Vide s'il y a un taux.",
    )

    class Meta:
        model = FundingPreset
        fields = (
            "code", "label", "kind", "base", "sections", "rate", "tiers", "base_cap_per", "base_cap_amount", "minimum", "cap",
            "valid_from", "valid_to", "note", "verified", "source",
        )  # fmt: skip


class AccountForm(EntityForm):
    class Meta:
        model = Account
        fields = ("code", "label", "section", "revenue", "fctva", "valid_from", "valid_to", "verified", "source")


class HeadingForm(EntityForm):
    scoped = {"authority": money_authorities}

    class Meta:
        model = Heading
        fields = ("authority", "code", "label", "section", "account", "source")


class PresetLineForm(FundingLineForm):
    """A scheme about to be added to a scenario: every figure may be changed."""

    scoped = {"scenario": editable_scenarios, "funder": visible_funders}

    class Meta(FundingLineForm.Meta):
        fields = tuple(name for name in FundingLineForm.Meta.fields if name not in ("position", "code"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["funder"].required = False
        self.fields["funder"].help_text = "Vide : un financeur du nom du dispositif est ajouté."
