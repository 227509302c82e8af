from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from deliberations.enums import BallotMode, StatedResult, VoteChoice
from deliberations.models.act import Act
from deliberations.models.assembly import Mandate
from deliberations.models.sitting import check_members
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField


class Ballot(models.Model):
    """The vote on one act, as stated: a figure that is not written is null, never 0.

    `named_choices`: choices whose list of names is given, be it empty; of the others, nobody knows who."""

    act = models.OneToOneField(Act, models.CASCADE, related_name="ballot", verbose_name="délibération")
    mode = models.CharField("mode", max_length=12, choices=BallotMode.choices)
    secret = models.BooleanField("scrutin secret", default=False)
    public = models.BooleanField(
        "scrutin public", default=False, help_text="Les noms et le sens des votes vont au registre (CGCT L2121-21)."
    )
    requested_by = CountField("demandé par (membres)", null=True, blank=True, highest=1000)
    blank_count = CountField("blancs et nuls", null=True, blank=True, highest=1000)
    proclaimed_at = models.DateTimeField("proclamé à", null=True, blank=True)
    for_count = CountField("pour", null=True, blank=True, highest=1000)
    against_count = CountField("contre", null=True, blank=True, highest=1000)
    abstain_count = CountField("abstentions", null=True, blank=True, highest=1000)
    not_voting_count = CountField("ne prennent pas part au vote", null=True, blank=True, highest=1000)
    voices = CountField("voix écrites", null=True, blank=True, highest=1000)
    chair_vote = models.CharField("vote du président", max_length=10, choices=VoteChoice.choices, blank=True)
    stated_result = models.CharField("résultat écrit", max_length=10, choices=StatedResult.choices, blank=True)
    stated_result_text = models.CharField("résultat, tel qu'écrit", max_length=160, blank=True)
    named_choices = models.JSONField("votes nommés", default=list, blank=True)
    names_cover_proxies = models.BooleanField(
        "un nom vaut aussi pour son pouvoir", default=False, help_text="L'acte écrit « +1 pouvoir »."
    )
    others_voted = models.CharField("les autres ont voté", max_length=10, choices=VoteChoice.choices, blank=True)
    others_voted_note = models.TextField("raison", blank=True)
    note = models.TextField("observation", blank=True)
    history = audited()

    class Meta:
        verbose_name = "vote"
        constraints = [
            models.CheckConstraint(
                condition=Q(secret=False) | ~Q(mode=BallotMode.BY_NAME),
                name="ballot_secret_names_nobody",
                violation_error_message="Un scrutin secret n'est pas nominatif (CGCT, article L2121-21).",
            ),
            models.CheckConstraint(
                condition=Q(secret=False) | Q(public=False),
                name="ballot_secret_or_public",
                violation_error_message="Un scrutin est public ou secret, non les deux (CGCT, article L2121-21).",
            ),
            models.CheckConstraint(
                condition=Q(secret=False) | Q(chair_vote=""),
                name="ballot_secret_hides_chair_vote",
                violation_error_message="Un scrutin secret ne dit pas comment le président a voté (CGCT, article L2121-21).",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=[BallotMode.BY_NAME, BallotMode.TOTALS])
                | Q(for_count=None, against_count=None, abstain_count=None, not_voting_count=None),
                name="ballot_figures_fit_mode",
                violation_error_message="Un résultat seul ou une prise d'acte sans vote n'a pas de décompte.",
            ),
        ]

    def __str__(self) -> str:
        return f"Vote sur {self.act}"

    def clean(self) -> None:
        named = self.named_choices
        if not isinstance(named, list) or any(choice not in VoteChoice.values for choice in named):
            raise ValidationError({"named_choices": f"Liste attendue, parmi : {', '.join(VoteChoice.values)}."})


class Vote(models.Model):
    """How one member voted; `with_proxy`: the record adds « +1 pouvoir » to the name."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="votes", verbose_name="vote")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="votes", verbose_name="membre")
    choice = models.CharField("sens", max_length=10, choices=VoteChoice.choices)
    with_proxy = models.BooleanField("avec son pouvoir", default=False)
    position = CountField("rang dans la liste", null=True, blank=True, lowest=1)
    history = audited()

    class Meta:
        verbose_name = "vote d'un membre"
        verbose_name_plural = "votes des membres"
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "mandate"],
                name="vote_unique",
                violation_error_message="Ce membre a déjà voté.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mandate} : {self.get_choice_display()}"

    def clean(self) -> None:
        check_members(self, self.ballot.act.sitting, "mandate")
        if self.ballot.secret:
            raise ValidationError("Un scrutin secret ne nomme personne (CGCT, article L2121-21).")
