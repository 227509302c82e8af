"""A proposal of the optimiser: kept beside the ranked order, never put in its place."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.domain.weights import DEFAULT_POINTS, EQUITY_CRITERIA, FEWEST_POINTS, MOST_POINTS, EquityPoints
from governance.enums import Objective, RunState
from governance.models.scenario import Scenario
from plan_numerique.jobs.models import Job
from plan_numerique.web.fields import CountField, SignedCentsField, YearField
from schools.models import School


def _points(code: str) -> CountField:
    criterion = next(each for each in EQUITY_CRITERIA if each.code == code)
    label = f"points d'équité : {criterion.label}"
    default = criterion.points_of(DEFAULT_POINTS)
    return CountField(label, default=default, lowest=FEWEST_POINTS, highest=MOST_POINTS)


class Optimisation(models.Model):
    """`reached` and `served` are the two objectives in weights (domain.optimise), `ranked_…` those of the ranked order,
    `bound` what no order can beat, `gap` in ten-thousandths. The points are kept whatever is sought; only equity counts them."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="optimisations", verbose_name="scénario")
    number = CountField("numéro", lowest=1)
    objective = models.CharField("recherche", max_length=6, choices=Objective.choices)
    seconds = CountField("durée au plus (s)", default=15, lowest=1, highest=300)
    points_base = _points("base")
    points_qpv = _points("qpv")
    points_rep = _points("rep")
    points_rep_plus = _points("rep_plus")
    points_low_ips = _points("low_ips")
    points_never_equipped = _points("never_equipped")
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="optimisation", verbose_name="tâche"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="demandé par"
    )
    state = models.CharField("état", max_length=7, choices=RunState.choices, default=RunState.RUNNING)
    input = models.TextField("données de départ")
    input_digest = models.CharField("empreinte des données", max_length=64)
    started_at = models.DateTimeField("demandée le")
    finished_at = models.DateTimeField("terminée le", null=True, blank=True)
    message = models.TextField("raison de l'échec", blank=True)
    reached = models.BigIntegerField("objectif atteint", default=0)
    served = models.BigIntegerField("objectif atteint, compté en années", default=0)
    ranked_reached = models.BigIntegerField("objectif de l'ordre de priorité", default=0)
    ranked_served = models.BigIntegerField("objectif de l'ordre de priorité, en années", default=0)
    pupils = models.BigIntegerField("élèves équipés", default=0)
    ranked_pupils = models.BigIntegerField("élèves équipés par l'ordre de priorité", default=0)
    schools = CountField("écoles équipées", default=0)
    ranked_schools = CountField("écoles équipées par l'ordre de priorité", default=0)
    bound = models.BigIntegerField("borne", default=0)
    gap = models.BigIntegerField("écart à la borne", default=0)
    optimal = models.BooleanField("meilleure possible", default=False)
    stopped = models.BooleanField("arrêtée par la durée", default=False)
    variant = models.ForeignKey(
        Scenario, models.SET_NULL, null=True, blank=True, related_name="proposed_by", verbose_name="variante créée"
    )

    class Meta:
        verbose_name = "optimisation"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "number"],
                name="optimisation_number_unique",
                violation_error_message="Le scénario a déjà une optimisation de ce numéro.",
            ),
            models.CheckConstraint(
                condition=~Q(state=RunState.DONE) | Q(finished_at__isnull=False),
                name="optimisation_done_finished",
                violation_error_message="Une optimisation terminée a une date de fin.",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{each.field}__range": (FEWEST_POINTS, MOST_POINTS) for each in EQUITY_CRITERIA}),
                name="optimisation_points_bounds",
                violation_error_message=f"Les points d'équité vont de {FEWEST_POINTS} à {MOST_POINTS}.",
            ),
        ]

    def __str__(self) -> str:
        return f"Optimisation n° {self.number}"

    @property
    def points(self) -> EquityPoints:
        return EquityPoints.from_fields({each.field: getattr(self, each.field) for each in EQUITY_CRITERIA})

    @property
    def counts_points(self) -> bool:
        return self.objective == Objective.EQUITY


class OptimisationPlace(models.Model):
    """Where the proposal puts a school, beside the ranked order; no exercise: left out. `ttc` is over the whole plan."""

    optimisation = models.ForeignKey(Optimisation, models.CASCADE, related_name="places", verbose_name="optimisation")
    school = models.ForeignKey(School, models.CASCADE, related_name="+", verbose_name="école")
    exercise = YearField("exercice proposé", null=True, blank=True)
    ranked_exercise = YearField("exercice de l'ordre de priorité", null=True, blank=True)
    priority_rank = CountField("rang de priorité", null=True, blank=True)
    pupils = CountField("élèves", default=0)
    weight = models.BigIntegerField("poids", default=0)
    ttc = SignedCentsField("coût TTC", default=0)

    class Meta:
        verbose_name = "place proposée"
        verbose_name_plural = "places proposées"
        constraints = [
            models.UniqueConstraint(
                fields=["optimisation", "school"],
                name="optimisation_place_unique",
                violation_error_message="L'optimisation a déjà une place pour cette école.",
            )
        ]

    def __str__(self) -> str:
        return str(self.school)
