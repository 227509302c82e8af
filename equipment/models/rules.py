from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from equipment.enums import RulePer
from equipment.models.catalogue import ItemType, Pack
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField, YearField
from schools.enums import ClassKind, Level, SchoolKind, Sector

LISTED = {"school_kinds": SchoolKind, "sectors": Sector, "levels": Level, "class_kinds": ClassKind}


class RuleSet(models.Model):
    """A version of the allocation rules, with the day of the prices they are costed at.

    Once a computation uses it, it is locked: `snapshot` then keeps its items with their prices, its packs and its rules, in the
    vocabulary of interchange 1 (plus `hypotheses`, the codes of the items whose price is one), and every computation reads the
    snapshot. Packs and prices therefore stay free to change: what was computed, voted or printed does not move with them."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="rule_sets", verbose_name="collectivité")
    name = models.CharField("nom", max_length=120)
    version = CountField("version", default=1, lowest=1, highest=9999)
    school_year = YearField(
        "année scolaire", null=True, blank=True, help_text="Année de la rentrée : 2018 pour 2018-2019."
    )
    note = models.TextField("note", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    price_date = models.DateField("prix au", help_text="Les articles sont comptés à leur prix de ce jour.")
    locked_at = models.DateTimeField("figé le", null=True, blank=True, editable=False)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="figé par",
    )
    snapshot = models.JSONField("contenu figé", null=True, blank=True, editable=False)
    history = audited()

    class Meta:
        verbose_name = "jeu de règles"
        verbose_name_plural = "jeux de règles"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name", "version"],
                name="rule_set_version_unique",
                violation_error_message="Cette version du jeu de règles existe déjà.",
            ),
            models.CheckConstraint(
                condition=models.Q(locked_at=None, snapshot__isnull=True)
                | models.Q(locked_at__isnull=False, snapshot__isnull=False),
                name="rule_set_locked_with_snapshot",
                violation_error_message="Un jeu de règles figé garde son contenu, et lui seul.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"


class AllocationRule(models.Model):
    """How much of a pack or of an item, for what; an empty list of codes means all (interchange 1, rule 2)."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules", verbose_name="jeu de règles")
    position = CountField("ordre", default=1, highest=9999)
    code = models.SlugField("code", max_length=60)
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="pack")
    item_type = models.ForeignKey(
        ItemType, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="article"
    )
    per = models.CharField("dotation", max_length=16, choices=RulePer.choices)
    quantity = CountField("quantité", default=1, highest=100_000)
    group_size = CountField(
        "pour combien", default=1, lowest=1, help_text="Classes ou élèves par dotation : 6 donne une dotation pour six."
    )
    max_per_school = CountField("plafond par école", null=True, blank=True)
    max_members = CountField(
        "classes volontaires au plus",
        null=True,
        blank=True,
        help_text="Par école ; pour une dotation par classe volontaire.",
    )
    school_kinds = models.JSONField("types d'école", default=list, blank=True)
    sectors = models.JSONField("secteurs", default=list, blank=True)
    levels = models.JSONField("niveaux", default=list, blank=True)
    class_kinds = models.JSONField("dispositifs", default=list, blank=True)
    quote = models.TextField("texte de la source", blank=True, help_text="La règle telle que la source l'écrit.")
    choice_group = models.SlugField(
        "au choix",
        max_length=40,
        blank=True,
        db_index=False,
        help_text="Les règles d'un même groupe s'excluent : le diagnostic de l'école retient l'une ou l'autre.",
    )
    history = audited()

    class Meta:
        verbose_name = "règle de dotation"
        verbose_name_plural = "règles de dotation"
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "code"],
                name="allocation_rule_code_unique",
                violation_error_message="Une règle de ce jeu porte déjà ce code.",
            ),
            models.CheckConstraint(
                condition=models.Q(pack__isnull=False, item_type=None) | models.Q(pack=None, item_type__isnull=False),
                name="allocation_rule_one_target",
                violation_error_message="Une règle donne un pack ou un article, l'un des deux et pas les deux.",
            ),
            models.CheckConstraint(
                condition=models.Q(group_size__gte=1),
                name="allocation_rule_group_positive",
                violation_error_message="Une dotation est pour une classe ou un élève au moins.",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        errors = {name: message for name in LISTED if (message := _unknown(name, getattr(self, name)))}
        for name in ("pack", "item_type"):
            target = getattr(self, name)
            if target and self.rule_set_id and target.authority_id != self.rule_set.authority_id:
                errors[name] = "La règle et ce qu'elle donne sont de deux collectivités différentes."
        if errors:
            raise ValidationError(errors)


def _unknown(name: str, values: object) -> str:
    """Why a list of codes is refused, empty when it is not."""
    known = LISTED[name].values
    if not isinstance(values, list):
        return f"Une liste de codes est attendue : {', '.join(known)}."
    wrong = [str(value)[:40] for value in values if value not in known]
    return f"Valeur inconnue « {wrong[0]} » : choisir parmi {', '.join(known)}." if wrong else ""
