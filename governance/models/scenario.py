from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from equipment.models import RuleSet
from governance.enums import ScenarioNature, ScenarioState, Strategy
from governance.models.checks import check_levels, check_same_authority, check_schedule
from governance.models.plan import Plan
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CentsField, CountField, RateField, YearField
from schools.enums import SchoolKind
from schools.models import School, SchoolClass

LONGEST_PLAN = 30
ONLY_PERIMETER = "Les écoles d'une phase sont prises dans le périmètre du scénario."


class Scenario(models.Model):
    """One hypothesis of a plan: who is equipped when, by which rules, at which costs, paid by whom. Its figures are those
    of its latest finished run."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="scenarios", verbose_name="plan")
    name = models.CharField("nom", max_length=160)
    hypothesis = models.TextField("hypothèses et remarques", blank=True, help_text="Une par ligne.")
    nature = models.CharField("nature", max_length=10, choices=ScenarioNature.choices, default=ScenarioNature.PROJECT)
    state = models.CharField(
        "état", max_length=10, choices=ScenarioState.choices, default=ScenarioState.DRAFT, editable=False
    )
    strategy = models.CharField("montée en charge", max_length=9, choices=Strategy.choices, default=Strategy.BY_SCHOOL)
    first_exercise = YearField("premier exercice")
    last_exercise = YearField("dernier exercice")
    school_year = YearField(
        "année scolaire des classes",
        null=True,
        blank=True,
        help_text="2018 pour 2018-2019 : classes et effectifs pris en compte.",
    )
    rule_set = models.ForeignKey(
        RuleSet, models.PROTECT, null=True, blank=True, related_name="scenarios", verbose_name="règles de dotation"
    )
    price_revision_rate = RateField("révision annuelle des prix", default=0)
    renewals = models.BooleanField("compter les renouvellements", default=False)
    fill_gaps = models.BooleanField(
        "une école plus petite peut passer avant",
        default=False,
        help_text="Quand la suivante ne tient pas sous le plafond.",
    )
    yearly_cap_ttc = CentsField("plafond annuel TTC", null=True, blank=True)
    payment_schedule = models.JSONField(
        "échéancier de paiement",
        default=list,
        blank=True,
        help_text="Part payée l'année même, puis les suivantes ; vide : tout l'année même.",
    )
    fctva_rate = RateField("taux du FCTVA", null=True, blank=True)
    fctva_lag_years = CountField("délai du FCTVA (années)", default=2, highest=20)
    simulation_notice = models.CharField(
        "avertissement",
        max_length=250,
        blank=True,
        help_text="Affiché sur chaque page et chaque rapport, quand les prix sont des hypothèses.",
    )
    source = models.CharField("source", max_length=250, blank=True)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "scénario"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "name"],
                name="scenario_name_unique",
                violation_error_message="Le plan a déjà un scénario de ce nom.",
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state=ScenarioState.ADOPTED),
                name="scenario_one_adopted",
                violation_error_message="Un seul scénario du plan peut être adopté.",
            ),
            models.CheckConstraint(
                condition=Q(last_exercise__gte=F("first_exercise"))
                & Q(last_exercise__lt=F("first_exercise") + LONGEST_PLAN),
                name="scenario_exercises_in_order",
                violation_error_message=f"Un scénario couvre de 1 à {LONGEST_PLAN} exercices, du premier au dernier.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        check_schedule(self.payment_schedule)
        if self.plan_id and self.rule_set_id:
            check_same_authority(
                "rule_set", "Ces règles de dotation sont celles", self.rule_set, self.plan.authority_id
            )

    @property
    def exercises(self) -> range:
        return range(self.first_exercise, self.last_exercise + 1)


class ScenarioCap(models.Model):
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="caps", verbose_name="scénario")
    exercise = YearField("exercice")
    amount = CentsField("plafond TTC")
    history = audited()

    class Meta:
        verbose_name = "plafond d'un exercice"
        verbose_name_plural = "plafonds par exercice"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "exercise"],
                name="scenario_cap_exercise_unique",
                violation_error_message="Cet exercice a déjà un plafond.",
            )
        ]

    def __str__(self) -> str:
        return f"Plafond {self.exercise}"


class ScenarioSchool(models.Model):
    """A school of the perimeter. Its classes are those of the scenario's school year."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="perimeter", verbose_name="scénario")
    school = models.ForeignKey(School, models.PROTECT, related_name="scenario_places", verbose_name="école")
    priority_rank = CountField("rang de priorité", null=True, blank=True, lowest=1)
    group = models.SlugField(
        "groupe",
        max_length=40,
        blank=True,
        db_index=False,
        help_text="Les écoles d'un même groupe entrent ensemble : même site, même marché de travaux.",
    )
    history = audited()

    class Meta:
        verbose_name = "école du périmètre"
        verbose_name_plural = "écoles du périmètre"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "school"],
                name="scenario_school_unique",
                violation_error_message="Cette école est déjà dans le périmètre du scénario.",
            )
        ]

    def __str__(self) -> str:
        return str(self.school)

    def clean(self) -> None:
        if self.scenario_id and self.school_id:
            check_same_authority("school", "Cette école est celle", self.school, self.scenario.plan.authority_id)


class StatedPerimeter(models.Model):
    """Schools that a source gives only as a total: counted as announced, never turned into schools or classes."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="stated_perimeters", verbose_name="scénario")
    code = models.SlugField("code", max_length=40)
    label = models.CharField("intitulé", max_length=160)
    kind = models.CharField("type", max_length=12, choices=SchoolKind.choices, default=SchoolKind.PRIMAIRE)
    schools_count = CountField("écoles annoncées", null=True, blank=True)
    pupils = CountField("élèves annoncés")
    note = models.TextField("observation", blank=True)
    source = models.CharField("source", max_length=250)
    quote = models.TextField("citation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "périmètre annoncé en total"
        verbose_name_plural = "périmètres annoncés en total"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "code"],
                name="stated_perimeter_code_unique",
                violation_error_message="Le scénario a déjà un périmètre annoncé de ce code.",
            )
        ]

    def __str__(self) -> str:
        return self.label


class ScenarioPhase(models.Model):
    """Who enters in an exercise: the schools named, the classes of some levels, or everyone."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="phases", verbose_name="scénario")
    position = CountField("rang", default=1, lowest=1)
    exercise = YearField("exercice")
    covers_all = models.BooleanField("tout le périmètre", default=False)
    levels = models.JSONField("niveaux", default=list, blank=True)
    schools = models.ManyToManyField(School, blank=True, related_name="scenario_phases", verbose_name="écoles")
    classes = models.ManyToManyField(
        SchoolClass,
        blank=True,
        related_name="scenario_phases",
        verbose_name="classes",
        help_text="Classes nommées une à une.",
    )
    school_year = YearField(
        "année scolaire servie",
        null=True,
        blank=True,
        help_text="2018 pour 2018-2019. Vide : la rentrée de l'exercice.",
    )
    history = audited(m2m_fields=[schools, classes])

    class Meta:
        verbose_name = "phase du scénario"
        verbose_name_plural = "phases du scénario"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "position"],
                name="scenario_phase_position_unique",
                violation_error_message="Une autre phase du scénario a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return f"Phase {self.position} ({self.exercise})"

    def clean(self) -> None:
        check_levels(self.levels)
        if self.scenario_id and self.exercise is not None and self.exercise not in self.scenario.exercises:
            raise ValidationError({"exercise": outside(self.scenario)})


def outside(scenario: Scenario) -> str:
    return f"Le scénario va de l'exercice {scenario.first_exercise} à l'exercice {scenario.last_exercise}."
