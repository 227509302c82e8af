"""What is really ordered, invoiced and paid, by hand or from the accounting file."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from equipment.models import Device
from governance.enums import ExpenseStage, Section
from governance.models.checks import check_same_authority
from governance.models.credits import Authorisation
from governance.models.plan import Plan
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import SignedCentsField, YearField
from schools.models import School


class Expense(models.Model):
    """A commitment, an invoice or a payment. `piece` is its number in the accounts, unique in its exercise and stage;
    amounts may be negative (avoir, annulation); `origin` is the commitment of an invoice, the invoice of a payment."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, related_name="expenses", verbose_name="collectivité", editable=False
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="expenses", verbose_name="plan")
    stage = models.CharField("étape", max_length=10, choices=ExpenseStage.choices)
    piece = models.CharField("n° de pièce", max_length=60)
    exercise = YearField("exercice")
    dated_on = models.DateField("date")
    supplier = models.CharField("tiers", max_length=160, blank=True)
    label = models.CharField("objet", max_length=250)
    heading = models.CharField("poste", max_length=60, blank=True)
    section = models.CharField("section", max_length=14, choices=Section.choices, default=Section.INVESTMENT)
    account = models.CharField("compte", max_length=12, blank=True)
    ht = SignedCentsField("HT")
    vat = SignedCentsField("TVA")
    ttc = SignedCentsField("TTC", editable=False)
    fctva = models.BooleanField("ouvre droit au FCTVA", default=False)
    authorisation = models.ForeignKey(
        Authorisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="expenses",
        verbose_name="autorisation de programme",
    )
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="expenses", verbose_name="école"
    )
    device = models.ForeignKey(
        Device, models.SET_NULL, null=True, blank=True, related_name="expenses", verbose_name="appareil"
    )
    act = models.CharField("délibération", max_length=160, blank=True)
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", verbose_name="pièce d'origine"
    )
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "dépense"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "stage", "exercise", "piece"],
                name="expense_piece_unique",
                violation_error_message="Cette pièce est déjà enregistrée pour cet exercice et cette étape.",
            ),
            models.CheckConstraint(
                condition=Q(ttc=F("ht") + F("vat")),
                name="expense_ttc_is_sum",
                violation_error_message="Le TTC est la somme du HT et de la TVA.",
            ),
        ]
        indexes = [models.Index(fields=["plan", "exercise", "stage"], name="expense_by_year")]

    def __str__(self) -> str:
        return f"{self.piece} {self.label}"[:120]

    def clean(self) -> None:
        if not self.plan_id:
            return
        authority = self.plan.authority_id
        for name, what in (("school", "Cette école est celle"), ("device", "Cet appareil est celui")):
            if getattr(self, f"{name}_id"):
                check_same_authority(name, what, getattr(self, name), authority)
        if self.authorisation_id and self.authorisation.plan_id != self.plan_id:
            raise ValidationError({"authorisation": "Cette autorisation est celle d'un autre plan."})
        if self.origin_id and self.origin.plan_id != self.plan_id:
            raise ValidationError({"origin": "Cette pièce est celle d'un autre plan."})
