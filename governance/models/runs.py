"""A computation and its result: written once, together, never changed. Amounts are sums of the lines."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from governance.enums import LineKind, RunState, Section, Severity
from governance.models.scenario import Scenario
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.web.fields import CentsField, CountField, SignedCentsField, YearField
from schools.models import School

digest_format = RegexValidator(r"\A[0-9a-f]{64}\Z", "Empreinte SHA-256 : 64 chiffres hexadécimaux.")


class BudgetRun(models.Model):
    """`input` is the document computed with, exactly (interchange 1, keys sorted); `own_share_rate` in ten-thousandths of a
    percent, of `own_share_base`; `fctva` and `grants` whenever received."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="runs", verbose_name="scénario")
    number = CountField("numéro", lowest=1)
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="budget_run", verbose_name="tâche"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="demandé par"
    )
    state = models.CharField("état", max_length=7, choices=RunState.choices, default=RunState.RUNNING)
    input = models.TextField("données de départ")
    input_digest = models.CharField("empreinte des données", max_length=64, validators=[digest_format])
    result_digest = models.CharField("empreinte du résultat", max_length=64, blank=True)
    started_at = models.DateTimeField("demandé le")
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    message = models.TextField("raison de l'échec", blank=True)

    ht = CentsField("total HT", default=0)
    vat = CentsField("TVA", default=0)
    ttc = CentsField("total TTC", default=0)
    grants = CentsField("subventions", default=0)
    own_share_base = CentsField("assiette de la part propre", default=0)
    own_share_ht = SignedCentsField("part propre HT", default=0)
    own_share_rate = models.BigIntegerField("taux de la part propre", null=True, blank=True)
    fctva = CentsField("FCTVA", default=0)
    net_cost = SignedCentsField("coût net", default=0)
    schools_entered = CountField("écoles équipées", default=0)
    classes_entered = CountField("classes équipées", default=0)
    pupils_entered = models.BigIntegerField("élèves équipés", default=0)
    findings_count = CountField("constats", default=0)

    class Meta:
        verbose_name = "calcul du budget"
        verbose_name_plural = "calculs du budget"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "number"],
                name="budget_run_number_unique",
                violation_error_message="Le scénario a déjà un calcul de ce numéro.",
            ),
            models.CheckConstraint(
                condition=~Q(state=RunState.DONE) | (Q(finished_at__isnull=False) & ~Q(result_digest="")),
                name="budget_run_done_has_result",
                violation_error_message="Un calcul terminé a une date de fin et une empreinte de résultat.",
            ),
            models.CheckConstraint(
                condition=Q(ttc=F("ht") + F("vat")),
                name="budget_run_ttc_is_sum",
                violation_error_message="Le TTC est la somme du HT et de la TVA.",
            ),
        ]
        indexes = [models.Index(fields=["scenario", "state", "-number"], name="budget_run_latest")]

    def __str__(self) -> str:
        return f"Calcul n° {self.number}"


class BudgetExercise(models.Model):
    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="by_exercise", verbose_name="calcul")
    exercise = YearField("exercice")
    ht = CentsField("HT")
    vat = CentsField("TVA")
    ttc = CentsField("TTC")
    schools = CountField("écoles entrées")
    classes = CountField("classes entrées")
    pupils = models.BigIntegerField("élèves entrés")

    class Meta:
        verbose_name = "exercice du budget"
        verbose_name_plural = "exercices du budget"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "exercise"],
                name="budget_exercise_unique",
                violation_error_message="Le calcul a déjà cet exercice.",
            )
        ]

    def __str__(self) -> str:
        return str(self.exercise)


class BudgetLine(models.Model):
    """`phase` is its position in the plan, from 0; `school_code` stands where the school is an announced total."""

    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="lines", verbose_name="calcul")
    exercise = YearField("exercice")
    phase = models.IntegerField("phase", null=True, blank=True)
    school = models.ForeignKey(School, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="école")
    school_code = models.CharField("code de l'école", max_length=40, blank=True)
    kind = models.CharField("nature", max_length=9, choices=LineKind.choices)
    code = models.CharField("code", max_length=120)
    label = models.CharField("intitulé", max_length=250, blank=True)
    heading = models.CharField("poste", max_length=120)
    section = models.CharField("section", max_length=14, choices=Section.choices)
    account = models.CharField("compte", max_length=40, blank=True)
    payer = models.CharField("payeur", max_length=120, blank=True)
    quantity = models.BigIntegerField("quantité")
    unit_price_ht = CentsField("prix unitaire HT")
    ht = CentsField("HT")
    vat = CentsField("TVA")
    ttc = CentsField("TTC")
    renewal = models.BooleanField("renouvellement", default=False)

    class Meta:
        verbose_name = "ligne du budget"
        verbose_name_plural = "lignes du budget"
        indexes = [models.Index(fields=["run", "exercise"], name="budget_line_exercise")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ttc=F("ht") + F("vat")),
                name="budget_line_ttc_is_sum",
                violation_error_message="Le TTC est la somme du HT et de la TVA.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.exercise} {self.label}"


class BudgetCredit(models.Model):
    """Payment credits (CP) of the investment section."""

    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="credits", verbose_name="calcul")
    exercise = YearField("exercice")
    ttc = CentsField("crédits de paiement")

    class Meta:
        verbose_name = "crédit de paiement"
        verbose_name_plural = "crédits de paiement"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "exercise"],
                name="budget_credit_unique",
                violation_error_message="Le calcul a déjà les crédits de cet exercice.",
            )
        ]

    def __str__(self) -> str:
        return f"CP {self.exercise}"


class BudgetGrant(models.Model):
    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="grant_rows", verbose_name="calcul")
    position = CountField("rang")
    code = models.CharField("code", max_length=120)
    funder_label = models.CharField("financeur", max_length=250)
    base_label = models.CharField("assiette", max_length=250)
    rule = models.CharField("calcul", max_length=250)
    base = CentsField("base")
    amount = CentsField("montant")

    class Meta:
        verbose_name = "subvention calculée"
        verbose_name_plural = "subventions calculées"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "code"],
                name="budget_grant_unique",
                violation_error_message="Le calcul a déjà cette subvention.",
            )
        ]

    def __str__(self) -> str:
        return self.funder_label


class BudgetGrantYear(models.Model):
    grant = models.ForeignKey(BudgetGrant, models.CASCADE, related_name="years", verbose_name="subvention")
    exercise = YearField("exercice")
    amount = CentsField("montant")

    class Meta:
        verbose_name = "subvention d'un exercice"
        verbose_name_plural = "subventions par exercice"
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "exercise"],
                name="budget_grant_year_unique",
                violation_error_message="La subvention a déjà un montant pour cet exercice.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.grant} {self.exercise}"


class BudgetRefund(models.Model):
    """FCTVA by year received."""

    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="refunds", verbose_name="calcul")
    exercise = YearField("année de versement", highest=2300)
    amount = CentsField("FCTVA")

    class Meta:
        verbose_name = "FCTVA attendu"
        verbose_name_plural = "FCTVA attendus"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "exercise"],
                name="budget_refund_unique",
                violation_error_message="Le calcul a déjà le FCTVA de cette année.",
            )
        ]

    def __str__(self) -> str:
        return f"FCTVA {self.exercise}"


class BudgetSchool(models.Model):
    """Cost of a school over the plan; without code, the lines that are for no school. `classes` and `pupils`: those that some
    phase reaches, where the school enters."""

    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="schools", verbose_name="calcul")
    school = models.ForeignKey(School, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="école")
    code = models.CharField("UAI", max_length=40, blank=True)
    label = models.CharField("école (nom)", max_length=200)
    place = models.CharField("commune", max_length=160, blank=True)
    stated = models.BooleanField("total annoncé", default=False)
    exercise_entered = YearField("exercice d'entrée", null=True, blank=True)
    reason = models.CharField("pourquoi elle n'entre pas", max_length=250, blank=True)
    classes = CountField("classes", default=0)
    pupils = models.BigIntegerField("élèves", default=0)
    ht = CentsField("HT")
    vat = CentsField("TVA")
    ttc = CentsField("TTC")

    class Meta:
        verbose_name = "école du budget"
        verbose_name_plural = "écoles du budget"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "code"],
                name="budget_school_unique",
                violation_error_message="Le calcul a déjà une ligne pour cette école.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class BudgetFinding(models.Model):
    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="findings", verbose_name="calcul")
    position = CountField("rang")
    code = models.CharField("code", max_length=40)
    severity = models.CharField("gravité", max_length=7, choices=Severity.choices)
    message = models.TextField("constat")
    path = models.CharField("objet", max_length=250, blank=True)
    expected = models.CharField("attendu", max_length=60, blank=True)
    stated = models.CharField("constaté", max_length=60, blank=True)
    difference = models.CharField("écart", max_length=60, blank=True)

    class Meta:
        verbose_name = "constat"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"],
                name="budget_finding_unique",
                violation_error_message="Un autre constat du calcul a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.message[:80]


class BudgetAnnounced(models.Model):
    """An announced amount of the scenario beside the computed one; `difference` = announced − computed."""

    run = models.ForeignKey(BudgetRun, models.CASCADE, related_name="announced", verbose_name="calcul")
    position = CountField("rang")
    label = models.CharField("intitulé", max_length=200)
    key = models.CharField("clé", max_length=120)
    announced = CentsField("annoncé")
    computed = SignedCentsField("calculé")
    difference = SignedCentsField("écart")
    approximate = models.BooleanField("approché", default=False)
    source = models.CharField("source", max_length=250, blank=True)

    class Meta:
        verbose_name = "montant annoncé et calculé"
        verbose_name_plural = "montants annoncés et calculés"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"],
                name="budget_announced_unique",
                violation_error_message="Un autre montant annoncé du calcul a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class CouncilReport(models.Model):
    run = models.ForeignKey(BudgetRun, models.PROTECT, related_name="reports", verbose_name="calcul")
    document = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="document")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="tâche")
    created_at = models.DateTimeField("établi le")

    class Meta:
        verbose_name = "rapport pour le conseil"
        verbose_name_plural = "rapports pour le conseil"

    def __str__(self) -> str:
        return f"Rapport pour le conseil ({self.run})"
