"""Questionnaires that applications and diagnostics answer: versioned, and fixed once in use."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField
from schools.domain.answers import problem_of_options
from schools.enums import QuestionKind, QuestionnaireKind, QuestionnaireState


class Questionnaire(models.Model):
    """A version of a questionnaire; those of one `code` are versions of the same. Its questions change only while it is a draft."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="questionnaires", verbose_name="collectivité")
    kind = models.CharField("sert à", max_length=12, choices=QuestionnaireKind.choices)
    code = models.SlugField("code", max_length=60)
    title = models.CharField("titre", max_length=160)
    version = CountField("version", default=1, lowest=1, highest=999)
    state = models.CharField(
        "état",
        max_length=8,
        choices=QuestionnaireState.choices,
        default=QuestionnaireState.DRAFT,
        editable=False,
    )
    intro = models.TextField("introduction", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "questionnaire"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code", "version"],
                name="questionnaire_version_unique",
                violation_error_message="Ce questionnaire a déjà cette version.",
            ),
            models.UniqueConstraint(
                fields=["authority", "code"],
                condition=Q(state=QuestionnaireState.DRAFT),
                name="questionnaire_one_draft",
                violation_error_message="Une version de ce questionnaire est déjà en préparation.",
            ),
            models.UniqueConstraint(
                fields=["authority", "code"],
                condition=Q(state=QuestionnaireState.IN_USE),
                name="questionnaire_one_in_use",
                violation_error_message="Une seule version d'un questionnaire est en service.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class Question(models.Model):
    """`code` is the same from one version to the next: answers of two campaigns are compared by it. `options`: a list of
    {"code", "label"}; `lowest` and `highest` bound a number; `works`: a « non » here suggests works."""

    questionnaire = models.ForeignKey(
        Questionnaire, models.CASCADE, related_name="questions", verbose_name="questionnaire"
    )
    position = CountField("rang", default=1, lowest=1, highest=999)
    code = models.SlugField("code", max_length=60)
    section = models.CharField("rubrique", max_length=120, blank=True)
    text = models.CharField("question", max_length=300)
    help = models.TextField("aide", blank=True)
    kind = models.CharField("réponse", max_length=8, choices=QuestionKind.choices, default=QuestionKind.TEXT)
    options = models.JSONField("choix", default=list, blank=True)
    required = models.BooleanField("obligatoire", default=False)
    unit = models.CharField("unité", max_length=40, blank=True)
    lowest = models.IntegerField("minimum", null=True, blank=True)
    highest = models.IntegerField("maximum", null=True, blank=True)
    history = audited()

    class Meta:
        verbose_name = "question"
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire", "code"],
                name="question_code_unique",
                violation_error_message="Une question de ce questionnaire porte déjà ce code.",
            ),
            models.CheckConstraint(
                condition=Q(lowest=None) | Q(highest=None) | Q(lowest__lte=models.F("highest")),
                name="question_bounds_ordered",
                violation_error_message="Le minimum d'une réponse ne dépasse pas son maximum.",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        problem = problem_of_options(self.options)
        if problem:
            raise ValidationError({"options": problem})
        choosing = self.kind in {QuestionKind.CHOICE, QuestionKind.CHOICES}
        if choosing != bool(self.options):
            raise ValidationError({"options": "Des choix se donnent pour une question à choix, et pour elle seule."})


class Answer(models.Model):
    """`value`: text, whole number, boolean, code of an option, list of codes, or a day as 2026-11-23, by the question's kind; an
    empty text once it is taken back (an older answer sent late does not come back).
    `typed_at` is the clock of the device it was typed on: of two answers sent late, the last typed stays."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="question")
    value = models.JSONField("réponse", blank=True)
    typed_at = models.DateTimeField("saisie le")

    class Meta:
        abstract = True
