"""What happens from one school year to the next, and where each school stands in the plan."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import YearField
from schools.enums import RollOverMove, RollOverState, Step
from schools.models.classes import SchoolClass
from schools.models.school import School, validate_uai


class FrozenYear(models.Model):
    """A school year whose classes and headcounts no longer change; opened again only with a reason."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="frozen_years", verbose_name="collectivité")
    school_year = YearField("année scolaire")
    frozen_at = models.DateTimeField("figée le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="par"
    )
    history = audited()

    class Meta:
        verbose_name = "année scolaire figée"
        verbose_name_plural = "années scolaires figées"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "school_year"],
                name="frozen_year_unique",
                violation_error_message="Cette année scolaire est déjà figée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_year}-{self.school_year + 1}"


class RollOver(models.Model):
    """« Préparer la rentrée » : the classes of one year carried to the next, with the changes told beside."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="roll_overs", verbose_name="collectivité")
    from_year = YearField("année scolaire reprise")
    to_year = YearField("rentrée préparée")
    state = models.CharField(
        "état", max_length=8, choices=RollOverState.choices, default=RollOverState.PREPARED, editable=False
    )
    applied_at = models.DateTimeField("faite le", null=True, blank=True, editable=False)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "préparation de rentrée"
        verbose_name_plural = "préparations de rentrée"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "to_year"],
                name="roll_over_unique",
                violation_error_message="Cette rentrée est déjà préparée.",
            ),
            models.CheckConstraint(
                condition=Q(to_year=F("from_year") + 1),
                name="roll_over_next_year",
                violation_error_message="Une rentrée se prépare depuis l'année scolaire précédente.",
            ),
            models.CheckConstraint(
                condition=Q(state=RollOverState.PREPARED, applied_at=None)
                | Q(state=RollOverState.APPLIED, applied_at__isnull=False),
                name="roll_over_applied_dated",
                violation_error_message="Une rentrée faite est datée.",
            ),
        ]

    def __str__(self) -> str:
        return f"Rentrée {self.to_year}"


class RollOverLine(models.Model):
    """One opening, closing or merger. `levels` and `pupils` are those of an opened or changed class."""

    roll_over = models.ForeignKey(RollOver, models.CASCADE, related_name="lines", verbose_name="rentrée")
    move = models.CharField("mouvement", max_length=12, choices=RollOverMove.choices)
    school = models.ForeignKey(School, models.PROTECT, related_name="roll_over_lines", verbose_name="école")
    school_class = models.ForeignKey(
        SchoolClass, models.PROTECT, null=True, blank=True, related_name="roll_over_lines", verbose_name="classe"
    )
    name = models.CharField("nom de la classe", max_length=60, blank=True)
    kind = models.CharField("dispositif", max_length=10, blank=True)
    levels = models.JSONField("niveaux", default=list, blank=True)
    into = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="école qui accueille"
    )
    new_uai = models.CharField("nouvel UAI", max_length=8, blank=True, validators=[validate_uai])
    reason = models.CharField("motif", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "mouvement de rentrée"
        verbose_name_plural = "mouvements de rentrée"
        constraints = [
            models.UniqueConstraint(
                fields=["roll_over", "school_class"],
                name="roll_over_line_class_once",
                violation_error_message="Cette classe a déjà un mouvement pour cette rentrée.",
            ),
            models.CheckConstraint(
                condition=~Q(move__in=[RollOverMove.CLOSE_CLASS, RollOverMove.CHANGE_CLASS])
                | Q(school_class__isnull=False),
                name="roll_over_line_names_class",
                violation_error_message="Une fermeture ou un changement de classe nomme la classe.",
            ),
            models.CheckConstraint(
                condition=~Q(move=RollOverMove.MERGE) | Q(into__isnull=False) & ~Q(into=F("school")),
                name="roll_over_line_names_host",
                violation_error_message="Une fusion nomme l'école qui accueille, et c'est une autre école.",
            ),
            models.CheckConstraint(
                condition=~Q(move=RollOverMove.NEW_UAI) | ~Q(new_uai=""),
                name="roll_over_line_names_uai",
                violation_error_message="Un changement d'UAI donne le nouvel UAI.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_move_display()} — {self.school}"


class SchoolStep(models.Model):
    """A step of the plan that a school has reached. `cause` says in a few words what reached it, `url` where to read it."""

    school = models.ForeignKey(School, models.CASCADE, related_name="steps", verbose_name="école")
    step = models.CharField("étape", max_length=10, choices=Step.choices)
    reached_on = models.DateField("depuis le")
    cause = models.CharField("au titre de", max_length=200, blank=True)
    url = models.CharField("page", max_length=200, blank=True)
    history = audited()

    class Meta:
        verbose_name = "étape d'une école"
        verbose_name_plural = "étapes des écoles"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "step"],
                name="school_step_once",
                violation_error_message="L'école a déjà franchi cette étape.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} — {self.school}"
