"""Amounts that an act writes, kept as written beside what is computed. Never computed with elsewhere."""

from django.db import models

from deliberations.enums import TaxBasis
from deliberations.models.act import Act
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField, RateField


class StatedAmount(models.Model):
    act = models.ForeignKey(Act, models.CASCADE, related_name="stated_amounts", verbose_name="délibération")
    position = CountField("rang", default=1, lowest=1)
    label = models.CharField("intitulé", max_length=200)
    stated = CentsField("montant écrit")
    computed = CentsField("montant calculé", null=True, blank=True)
    tax_basis = models.CharField("taxes", max_length=8, choices=TaxBasis.choices, default=TaxBasis.UNKNOWN)
    key = models.CharField("clé du budget", max_length=120, blank=True, help_text="Par exemple totals.ttc.")
    note = models.TextField("explication de l'écart", blank=True)
    quote = models.TextField("citation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "montant écrit"
        verbose_name_plural = "montants écrits"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="stated_amount_position_unique",
                violation_error_message="Un autre montant de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class StatedBudget(models.Model):
    act = models.OneToOneField(Act, models.CASCADE, related_name="stated_budget", verbose_name="délibération")
    total_ht = CentsField("total HT", null=True, blank=True)
    total_ttc = CentsField("total TTC", null=True, blank=True)
    vat_rate = RateField("taux de TVA", null=True, blank=True)
    vat_note = models.TextField("observation sur la TVA", blank=True)
    history = audited()

    class Meta:
        verbose_name = "budget écrit"
        verbose_name_plural = "budgets écrits"

    def __str__(self) -> str:
        return f"Budget de {self.act}"


class StatedBudgetLine(models.Model):
    budget = models.ForeignKey(StatedBudget, models.CASCADE, related_name="lines", verbose_name="budget écrit")
    position = CountField("rang", default=1, lowest=1)
    label = models.CharField("intitulé", max_length=200)
    ht = CentsField("montant HT", null=True, blank=True)
    vat_rate = RateField("taux de TVA", null=True, blank=True)
    ttc = CentsField("montant TTC", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "ligne du budget écrit"
        verbose_name_plural = "lignes du budget écrit"
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "position"],
                name="stated_budget_line_position_unique",
                violation_error_message="Une autre ligne du budget a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class StatedGrant(models.Model):
    act = models.ForeignKey(Act, models.CASCADE, related_name="stated_grants", verbose_name="délibération")
    position = CountField("rang", default=1, lowest=1)
    funder = models.CharField("financeur", max_length=160)
    rate = RateField("taux", null=True, blank=True)
    base = CentsField("base", null=True, blank=True)
    amount = CentsField("montant écrit", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "subvention écrite"
        verbose_name_plural = "subventions écrites"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="stated_grant_position_unique",
                violation_error_message="Une autre subvention de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.funder


class StatedProduct(models.Model):
    """A price times a quantity that the act writes: 750 pupils at 2 €."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="stated_products", verbose_name="délibération")
    position = CountField("rang", default=1, lowest=1)
    label = models.CharField("intitulé", max_length=200)
    unit = CentsField("prix unitaire HT", null=True, blank=True)
    quantity = CountField("quantité", null=True, blank=True)
    vat_rate = RateField("taux de TVA", null=True, blank=True)
    total_ht = CentsField("total HT écrit", null=True, blank=True)
    total_ttc = CentsField("total TTC écrit", null=True, blank=True)
    approximate = models.BooleanField("montant approché", default=False, help_text="L'acte écrit « environ ».")
    quote = models.TextField("citation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "coût unitaire écrit"
        verbose_name_plural = "coûts unitaires écrits"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "position"],
                name="stated_product_position_unique",
                violation_error_message="Un autre coût de l'acte a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.label
