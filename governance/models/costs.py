from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ent.models import Offer
from governance.domain.announced import GRANTS, parse_key
from governance.enums import BaseCapPer, FunderKind, GrantBase, GrantState, RecurringPer, Section
from governance.models.checks import (
    check_exercises,
    check_headings,
    check_same_authority,
    check_sections,
    check_tiers,
)
from governance.models.scenario import Scenario, outside
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField, RateField, YearField
from schools.models import School


class LumpSum(models.Model):
    """An amount for the whole plan, in one exercise."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="lump_sums", verbose_name="scénario")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("intitulé", max_length=200)
    heading = models.CharField("poste", max_length=60)
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.INVESTMENT)
    account = models.CharField("compte", max_length=12, blank=True)
    amount_ht = CentsField("montant HT")
    vat_rate = RateField("taux de TVA", default=200_000)
    exercise = YearField("exercice")
    school_year = YearField(
        "année scolaire servie",
        null=True,
        blank=True,
        help_text="2018 pour 2018-2019, si le montant vise une année scolaire.",
    )
    fctva = models.BooleanField("ouvre droit au FCTVA", default=False)
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "montant global"
        verbose_name_plural = "montants globaux"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "code"],
                name="lump_sum_code_unique",
                violation_error_message="Le scénario a déjà un montant de ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if self.scenario_id and self.exercise is not None and self.exercise not in self.scenario.exercises:
            raise ValidationError({"exercise": outside(self.scenario)})


class RecurringCost(models.Model):
    """A cost that comes back each exercise, such as an ENT subscription. No exercise or no school named: all."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="recurring_costs", verbose_name="scénario")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("intitulé", max_length=200)
    per = models.CharField("compté", max_length=6, choices=RecurringPer.choices, default=RecurringPer.PUPIL)
    unit_price_ht = CentsField("prix unitaire HT par an")
    vat_rate = RateField("taux de TVA", default=200_000)
    heading = models.CharField("poste", max_length=60)
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.OPERATION)
    account = models.CharField("compte", max_length=12, blank=True)
    payer = models.CharField("payeur", max_length=120, blank=True)
    exercises = models.JSONField("exercices", default=list, blank=True, help_text="Aucun : tous ceux du scénario.")
    schools = models.ManyToManyField(
        School, blank=True, related_name="+", verbose_name="écoles", help_text="Aucune : toutes celles du périmètre."
    )
    offer = models.ForeignKey(
        Offer, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="offre d'ENT"
    )
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited(m2m_fields=[schools])

    class Meta:
        verbose_name = "coût récurrent"
        verbose_name_plural = "coûts récurrents"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "code"],
                name="recurring_cost_code_unique",
                violation_error_message="Le scénario a déjà un coût récurrent de ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if not self.scenario_id:
            return
        check_exercises(self.exercises, self.scenario.exercises)
        if self.offer_id:
            check_same_authority("offer", "Cette offre est celle", self.offer.provider, self.scenario.plan.authority_id)


class Funder(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="funders", verbose_name="collectivité")
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=10, choices=FunderKind.choices)
    frame = models.TextField("cadre", blank=True, help_text="Programme, contrat, appel à projets.")
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "financeur"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"],
                name="funder_name_unique",
                violation_error_message="La collectivité a déjà un financeur de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FundingLine(models.Model):
    """A grant expected: a rate of the eligible spending, a rate by slice, or an amount. No heading or section named: all."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="funding_lines", verbose_name="scénario")
    position = CountField("rang", default=1, lowest=1)
    code = models.SlugField("code", max_length=40)
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="funding_lines", verbose_name="financeur")
    state = models.CharField("état", max_length=10, choices=GrantState.choices, default=GrantState.EXPECTED)
    base = models.CharField("assiette", max_length=3, choices=GrantBase.choices, default=GrantBase.HT)
    headings = models.JSONField("postes éligibles", default=list, blank=True, help_text="Aucun : tous.")
    sections = models.JSONField("sections éligibles", default=list, blank=True, help_text="Aucune : toutes.")
    rate = RateField("taux", null=True, blank=True)
    amount = CentsField("montant forfaitaire", null=True, blank=True)
    tiers = models.JSONField("taux par tranche", null=True, blank=True)
    base_cap_per = models.CharField("plafond de l'assiette", max_length=6, choices=BaseCapPer.choices, blank=True)
    base_cap_amount = CentsField("montant du plafond d'assiette", null=True, blank=True)
    minimum = CentsField("subvention minimale", null=True, blank=True)
    cap = CentsField("subvention maximale", null=True, blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "financement attendu"
        verbose_name_plural = "financements attendus"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "code"],
                name="funding_line_code_unique",
                violation_error_message="Le scénario a déjà un financement de ce code.",
            ),
            models.UniqueConstraint(
                fields=["scenario", "position"],
                name="funding_line_position_unique",
                violation_error_message="Un autre financement du scénario a déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=False, amount=None, tiers__isnull=True)
                | Q(rate=None, amount__isnull=False, tiers__isnull=True)
                | Q(rate=None, amount=None, tiers__isnull=False),
                name="funding_line_one_way",
                violation_error_message="Un financement se donne par un taux, par des tranches ou par un montant : un seul des trois.",
            ),
            models.CheckConstraint(
                condition=Q(base_cap_per="", base_cap_amount=None)
                | (~Q(base_cap_per="") & Q(base_cap_amount__isnull=False)),
                name="funding_line_base_cap_whole",
                violation_error_message="Un plafond d'assiette a une unité et un montant.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.funder)

    def clean(self) -> None:
        check_headings(self.headings)
        check_sections(self.sections)
        if self.tiers is not None:
            check_tiers(self.tiers)
        if self.scenario_id and self.funder_id:
            check_same_authority("funder", "Ce financeur est celui", self.funder, self.scenario.plan.authority_id)


class AnnouncedAmount(models.Model):
    """A printed figure, kept beside the computed one and never computed with (interchange 1, rule 10)."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="announced_amounts", verbose_name="scénario")
    position = CountField("rang", default=1, lowest=1)
    key = models.CharField(
        "montant visé", max_length=120, help_text="totals.ttc, by_heading.materiel.ht, grants.feder, net_cost…"
    )
    label = models.CharField("intitulé", max_length=160, blank=True)
    amount = CentsField("montant annoncé")
    approximate = models.BooleanField("approché", default=False)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "montant annoncé"
        verbose_name_plural = "montants annoncés"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "position"],
                name="announced_amount_position_unique",
                violation_error_message="Un autre montant annoncé du scénario a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.label or self.key

    def clean(self) -> None:
        key = parse_key(self.key)
        if key is None:
            raise ValidationError({"key": f"« {self.key[:60]} » ne désigne aucun montant calculé."})
        grants = self.scenario.funding_lines if self.scenario_id else FundingLine.objects
        if key.table == GRANTS and not grants.filter(code=key.name).exists():
            raise ValidationError({"key": f"Le scénario n'a pas de financement de code « {key.name[:60]} »."})
