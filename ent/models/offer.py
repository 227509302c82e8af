from django.db import models
from django.db.models import F, Q

from ent.enums import Per
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, RateField


class Provider(models.Model):
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="ent_providers", verbose_name="collectivité")
    name = models.CharField("nom", max_length=120)
    product = models.CharField("produit", max_length=120, blank=True)
    website = models.URLField("site internet", blank=True)
    history = audited()

    class Meta:
        verbose_name = "fournisseur d'ENT"
        verbose_name_plural = "fournisseurs d'ENT"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name", "product"],
                name="ent_provider_unique",
                violation_error_message="Ce fournisseur est déjà enregistré avec ce produit.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.product})" if self.product and self.product != self.name else self.name


class Offer(models.Model):
    """A price of a provider over a time; a new price is a new offer."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="offers", verbose_name="fournisseur")
    label = models.CharField("intitulé", max_length=160)
    per = models.CharField("tarif", max_length=8, choices=Per.choices, default=Per.PUPIL)
    unit_price_ht = CentsField("prix unitaire HT par an")
    vat_rate = RateField("taux de TVA", default=200_000)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "offre d'ENT"
        verbose_name_plural = "offres d'ENT"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "label", "starts_on"],
                name="ent_offer_unique",
                violation_error_message="Ce fournisseur a déjà une offre de ce nom à cette date.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="ent_offer_dates_ordered",
                violation_error_message="Une offre ne finit pas avant d'avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(unit_price_ht__gte=0, vat_rate__gte=0, vat_rate__lte=1_000_000),
                name="ent_offer_price_sane",
                violation_error_message="Un prix n'est pas négatif, et un taux de TVA va de 0 à 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} — {self.label}"
