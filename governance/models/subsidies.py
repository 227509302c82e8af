"""The life of a grant, from the idea to the balance, and the schemes that are often asked."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q

from governance.enums import BaseCapPer, DocumentKind, FunderKind, GrantBase, SubsidyState
from governance.models.checks import check_same_authority, check_sections, check_tiers
from governance.models.costs import Funder, FundingLine
from governance.models.credits import Authorisation
from governance.models.plan import Plan
from governance.models.runs import BudgetRun
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.web.fields import CentsField, RateField

GRANTED_STATES = (SubsidyState.NOTIFIED, SubsidyState.ADVANCE, SubsidyState.SETTLED)


class FundingPreset(models.Model):
    """What a scheme usually gives, the same for every authority: copied into a scenario, then edited there.
    `verified`: a source we read says it; else it is shown as to be checked."""

    code = models.SlugField("code", max_length=40)
    label = models.CharField("dispositif", max_length=160)
    kind = models.CharField("financeur", max_length=10, choices=FunderKind.choices)
    base = models.CharField("assiette", max_length=3, choices=GrantBase.choices, default=GrantBase.HT)
    sections = models.JSONField("sections éligibles", default=list, blank=True)
    rate = RateField("taux", null=True, blank=True)
    tiers = models.JSONField("taux par tranche", null=True, blank=True)
    base_cap_per = models.CharField("plafond de l'assiette", max_length=6, choices=BaseCapPer.choices, blank=True)
    base_cap_amount = CentsField("montant du plafond d'assiette", null=True, blank=True)
    minimum = CentsField("subvention minimale", null=True, blank=True)
    cap = CentsField("subvention maximale", null=True, blank=True)
    valid_from = models.DateField("à compter du", null=True, blank=True)
    valid_to = models.DateField("jusqu'au", null=True, blank=True)
    note = models.TextField("règles", blank=True)
    verified = models.BooleanField("vérifié", default=False)
    source = models.CharField("source", max_length=400, blank=True)
    history = audited()

    class Meta:
        verbose_name = "dispositif d'aide"
        verbose_name_plural = "dispositifs d'aide"
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="funding_preset_code_unique",
                violation_error_message="Un dispositif porte déjà ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        check_sections(self.sections)
        if self.tiers is not None:
            check_tiers(self.tiers)


class Subsidy(models.Model):
    """A grant asked for a plan. `received` is the running sum of what was paid, bounded by the database."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subsidies", verbose_name="plan")
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="subsidies", verbose_name="financeur")
    funding_line = models.ForeignKey(
        FundingLine,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subsidies",
        verbose_name="financement attendu",
    )
    label = models.CharField("objet", max_length=200)
    reference = models.CharField("référence du dossier", max_length=80, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=SubsidyState.choices, default=SubsidyState.ENVISAGED, editable=False
    )
    base = models.CharField("assiette", max_length=3, choices=GrantBase.choices, default=GrantBase.HT)
    eligible_base = CentsField("dépense éligible", null=True, blank=True)
    rate = RateField("taux", null=True, blank=True)
    requested = CentsField("montant demandé", null=True, blank=True)
    granted = CentsField("montant notifié", null=True, blank=True)
    received = CentsField("reçu", default=0, editable=False)
    works_start = models.DateField(
        "début des travaux ou des achats", null=True, blank=True, help_text="Ne commence pas avant le dossier complet."
    )
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "subvention"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "funder", "label"],
                name="subsidy_label_unique",
                violation_error_message="Le plan a déjà cette demande auprès de ce financeur.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GRANTED_STATES) | Q(granted__isnull=False),
                name="subsidy_granted_amount",
                violation_error_message="Une subvention notifiée a son montant.",
            ),
            models.CheckConstraint(
                condition=Q(received=0) | Q(granted__isnull=False, received__lte=F("granted")),
                name="subsidy_received_within",
                violation_error_message="Les versements ne dépassent pas le montant notifié.",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        if not self.plan_id:
            return
        if self.funder_id:
            check_same_authority("funder", "Ce financeur est celui", self.funder, self.plan.authority_id)
        if self.funding_line_id and self.funding_line.scenario.plan_id != self.plan_id:
            raise ValidationError({"funding_line": "Ce financement attendu est celui d'un autre plan."})


class SubsidyStep(models.Model):
    """A step of the life of a grant: its date, what was received then, the paper that proves it. Append-only."""

    subsidy = models.ForeignKey(Subsidy, models.CASCADE, related_name="steps", verbose_name="subvention")
    state = models.CharField("étape", max_length=10, choices=SubsidyState.choices)
    on = models.DateField("le")
    amount = CentsField("montant", null=True, blank=True)
    reference = models.CharField("référence", max_length=120, blank=True)
    document = models.ForeignKey(
        StoredDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="justificatif"
    )
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "étape d'une subvention"
        verbose_name_plural = "étapes d'une subvention"

    def __str__(self) -> str:
        return f"{self.get_state_display()} le {self.on:%d/%m/%Y}"


class SubsidyDeadline(models.Model):
    subsidy = models.ForeignKey(Subsidy, models.CASCADE, related_name="deadlines", verbose_name="subvention")
    label = models.CharField("échéance", max_length=160)
    due_on = models.DateField("à faire avant le")
    done_on = models.DateField("fait le", null=True, blank=True)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "échéance d'une subvention"
        verbose_name_plural = "échéances d'une subvention"

    def __str__(self) -> str:
        return self.label


class FundingPosting(models.Model):
    """The posting of the financing plan at the mairie and online (L1111-11): due fifteen days after execution starts."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="postings", verbose_name="plan")
    run = models.ForeignKey(
        BudgetRun, models.PROTECT, related_name="postings", verbose_name="calcul présenté", editable=False
    )
    started_on = models.DateField("début d'exécution")
    due_on = models.DateField("à afficher avant le", editable=False)
    posted_on = models.DateField("affiché en mairie le", null=True, blank=True)
    online_on = models.DateField("mis en ligne le", null=True, blank=True)
    place = models.CharField("lieu d'affichage", max_length=200, blank=True)
    url = models.CharField(
        "adresse en ligne", max_length=300, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    history = audited()

    class Meta:
        verbose_name = "affichage du plan de financement"
        verbose_name_plural = "affichages du plan de financement"
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gt=F("started_on")),
                name="funding_posting_due_after",
                violation_error_message="L'affichage est dû après le début d'exécution.",
            )
        ]

    def __str__(self) -> str:
        return f"Affichage dû le {self.due_on:%d/%m/%Y}"


class PlanDocument(models.Model):
    """A document drawn from a plan and kept: the comparison, the annexes of a deliberation."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="documents", verbose_name="plan")
    kind = models.CharField("nature", max_length=13, choices=DocumentKind.choices)
    document = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="document")
    run = models.ForeignKey(BudgetRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="calcul")
    authorisation = models.ForeignKey(
        Authorisation, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="autorisation"
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="tâche")
    created_at = models.DateTimeField("établi le")

    class Meta:
        verbose_name = "document du plan"
        verbose_name_plural = "documents du plan"

    def __str__(self) -> str:
        return self.document.title
