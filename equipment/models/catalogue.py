from django.core.exceptions import ValidationError
from django.db import models

from equipment.enums import Category, Section
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField, RateField


class ItemType(models.Model):
    """What can be bought: its heading, section and account say where its cost falls, its prices are dated."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="item_types", verbose_name="collectivité")
    code = models.SlugField("code", max_length=60)
    label = models.CharField("intitulé", max_length=160)
    category = models.CharField("catégorie", max_length=12, choices=Category.choices)
    heading = models.CharField(
        "rubrique", max_length=80, help_text="Rubrique du budget, par exemple « matériel », « câblage », « logiciels »."
    )
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.INVESTMENT)
    account = models.CharField("compte M57", max_length=20, blank=True)
    vat_rate = RateField("taux de TVA", default=200_000)
    life_years = CountField("durée de vie (années)", null=True, blank=True, lowest=1, highest=50)
    fctva = models.BooleanField("ouvre droit au FCTVA", default=False)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "article"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"],
                name="item_type_code_unique",
                violation_error_message="Un article de la collectivité porte déjà ce code.",
            ),
            models.CheckConstraint(
                condition=models.Q(life_years=None) | models.Q(life_years__gte=1),
                name="item_type_life_positive",
                violation_error_message="Une durée de vie est d'au moins un an.",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Price(models.Model):
    """Unit price of an item from a day on, until the next one."""

    item_type = models.ForeignKey(ItemType, models.CASCADE, related_name="prices", verbose_name="article")
    valid_from = models.DateField("à compter du")
    unit_price_ht = CentsField("prix unitaire HT")
    hypothesis = models.BooleanField(
        "hypothèse", default=False, help_text="Prix supposé, sans marché ni devis : signalé partout où il sert."
    )
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "prix"
        verbose_name_plural = "prix"
        constraints = [
            models.UniqueConstraint(
                fields=["item_type", "valid_from"],
                name="price_day_unique",
                violation_error_message="L'article a déjà un prix à compter de ce jour.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_type} au {self.valid_from:%d/%m/%Y}"


class Pack(models.Model):
    """Items given together (pack « classe », chariot mobile)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="packs", verbose_name="collectivité")
    code = models.SlugField("code", max_length=60)
    label = models.CharField("intitulé", max_length=160)
    description = models.TextField("description", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "pack"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code"],
                name="pack_code_unique",
                violation_error_message="Un pack de la collectivité porte déjà ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class PackLine(models.Model):
    pack = models.ForeignKey(Pack, models.CASCADE, related_name="lines", verbose_name="pack")
    item_type = models.ForeignKey(ItemType, models.PROTECT, related_name="pack_lines", verbose_name="article")
    quantity = CountField("quantité", default=1, highest=100_000)
    history = audited()

    class Meta:
        verbose_name = "ligne de pack"
        verbose_name_plural = "lignes de pack"
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "item_type"],
                name="pack_line_item_unique",
                violation_error_message="Le pack contient déjà cet article : changez sa quantité.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_type}"

    def clean(self) -> None:
        if self.pack_id and self.item_type_id and self.pack.authority_id != self.item_type.authority_id:
            raise ValidationError({"item_type": "L'article et le pack sont de deux collectivités différentes."})
