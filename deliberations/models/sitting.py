from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from deliberations.enums import AttendanceEvent, PassageKind, PresenceState, ProxyState, SittingState
from deliberations.models.assembly import Assembly, Mandate
from plan_numerique.audit.models import audited
from plan_numerique.web.fields import CountField

KEPT_YEARS = range(1800, 2201)
OTHER_TIMES = f"La date d'une séance est entre {KEPT_YEARS[0]} et {KEPT_YEARS[-1]}."
OTHER_ASSEMBLY = "Ce membre n'est pas de l'assemblée qui siège."


def check_members(row: models.Model, sitting: "Sitting", *fields: str) -> None:
    """Whoever the row names is of the assembly that sits; a field left empty is not looked at."""
    for field in fields:
        if getattr(row, f"{field}_id") is not None and getattr(row, field).assembly_id != sitting.assembly_id:
            raise ValidationError({field: OTHER_ASSEMBLY})


class Sitting(models.Model):
    """One meeting of an assembly. Counts are those its record states, unknown where it says nothing (never 0).

    `past`: held before the product was used, so recorded as it was: faults are findings, not refusals."""

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="sittings", verbose_name="assemblée")
    held_on = models.DateField("date de la séance")
    held_at = models.TimeField("heure", null=True, blank=True)
    convened_on = models.DateField("convocation envoyée le", null=True, blank=True)
    second_convocation = models.BooleanField(
        "seconde convocation", default=False, help_text="Faute de quorum à la première (CGCT L2121-17)."
    )
    first_sitting = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="second_sittings",
        verbose_name="séance restée sans quorum",
    )
    urgent = models.BooleanField("convocation en urgence", default=False)
    urgency_reason = models.TextField("motif de l'urgence", blank=True)
    place = models.CharField("lieu", max_length=160, blank=True)
    closed_doors = models.BooleanField("huis clos", default=False, help_text="Décidé en séance (CGCT L2121-18).")
    state = models.CharField("état", max_length=10, choices=SittingState.choices, default=SittingState.DRAFT)
    opened_at = models.DateTimeField("ouverte à", null=True, blank=True)
    closed_at = models.DateTimeField("levée à", null=True, blank=True)
    sequence = CountField("dernière saisie", default=0)
    minutes = models.TextField("teneur des débats", blank=True)
    minutes_approved_in = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approved_minutes",
        verbose_name="procès-verbal arrêté à la séance",
    )
    chair = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="présidence"
    )
    chair_quality = models.CharField("qualité du président", max_length=120, blank=True)
    past = models.BooleanField(
        "séance reprise",
        default=False,
        help_text="Consignée comme elle fut : les anomalies sont signalées, non refusées.",
    )
    in_office = CountField("membres en exercice", null=True, blank=True, highest=1000)
    present = CountField("présents", null=True, blank=True, highest=1000)
    absent = CountField("absents", null=True, blank=True, highest=1000)
    excused = CountField("excusés", null=True, blank=True, highest=1000)
    represented = CountField("représentés", null=True, blank=True, highest=1000)
    stated_quorum = CountField("quorum écrit", null=True, blank=True, highest=1000)
    counts_note = models.TextField("observation sur les comptes", blank=True)
    members_complete = models.BooleanField(
        "liste des membres complète", default=False, help_text="Tous les membres en exercice figurent à l'émargement."
    )
    members_note = models.TextField("observation sur les membres", blank=True)
    passage_note = models.TextField("ordre de passage", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "séance"
        constraints = [
            models.UniqueConstraint(
                fields=["assembly", "held_on", "held_at"],
                name="sitting_unique",
                violation_error_message="L'assemblée a déjà une séance à cette date et à cette heure.",
            ),
            models.UniqueConstraint(
                fields=["assembly", "held_on"],
                condition=Q(held_at=None),
                name="sitting_without_hour_unique",
                violation_error_message="L'assemblée a déjà une séance sans heure à cette date.",
            ),
        ]
        indexes = [models.Index(fields=["assembly", "-held_on"])]

    def __str__(self) -> str:
        return f"{self.assembly.name}, séance du {self.held_on:%d/%m/%Y}"

    def clean(self) -> None:
        if self.held_on is not None and self.held_on.year not in KEPT_YEARS:
            raise ValidationError({"held_on": OTHER_TIMES})
        if self.assembly_id:
            check_members(self, self, "chair")
        for field in ("first_sitting", "minutes_approved_in"):
            other: Sitting | None = getattr(self, field)
            if other is not None and other.assembly_id != self.assembly_id:
                raise ValidationError({field: "Cette séance est celle d'une autre assemblée."})
        if self.urgent and not self.urgency_reason.strip():
            raise ValidationError(
                {"urgency_reason": "Dire le motif de l'urgence (CGCT, articles L2121-11 et L2121-12)."}
            )


class Secretary(models.Model):
    """A secretary of the sitting (CGCT L2121-15), named as the record writes it."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="secretaries", verbose_name="séance")
    position = CountField("rang", default=1, lowest=1)
    published_name = models.CharField("nom publié", max_length=120)
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="membre")
    history = audited()

    class Meta:
        verbose_name = "secrétaire de séance"
        verbose_name_plural = "secrétaires de séance"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "position"],
                name="secretary_position_unique",
                violation_error_message="Un autre secrétaire de la séance a déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return self.published_name

    def clean(self) -> None:
        if self.sitting_id:
            check_members(self, self.sitting, "mandate")


class Presence(models.Model):
    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="presences", verbose_name="séance")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="presences", verbose_name="membre")
    state = models.CharField("présence", max_length=12, choices=PresenceState.choices)
    stated_as = models.CharField("écrit comme", max_length=40, blank=True)
    position = CountField("rang dans la liste", null=True, blank=True, lowest=1)
    history = audited()

    class Meta:
        verbose_name = "présence"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "mandate"],
                name="presence_unique",
                violation_error_message="Ce membre est déjà à l'émargement de la séance.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mandate} : {self.get_state_display()}"

    def clean(self) -> None:
        if self.sitting_id:
            check_members(self, self.sitting, "mandate")


class Proxy(models.Model):
    """A pouvoir for one sitting (CGCT L2121-20), good from the act `from_act` on (none: from the opening) and before `until_act`.
    One giver gives to one at a time; how many a holder may have depends on the law of the day."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="proxies", verbose_name="séance")
    giver = models.ForeignKey(Mandate, models.PROTECT, related_name="proxies_given", verbose_name="mandant")
    holder = models.ForeignKey(Mandate, models.PROTECT, related_name="proxies_held", verbose_name="mandataire")
    state = models.CharField("état", max_length=8, choices=ProxyState.choices, default=ProxyState.GIVEN)
    reason = models.CharField("motif", max_length=300, blank=True)
    received_on = models.DateField("reçu le", null=True, blank=True)
    from_act = models.ForeignKey(
        "deliberations.Act", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="à partir de l'acte"
    )
    until_act = models.ForeignKey(
        "deliberations.Act",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="jusqu'à l'acte, exclu",
    )
    history = audited()

    class Meta:
        verbose_name = "pouvoir"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "giver"],
                condition=Q(state=ProxyState.GIVEN),
                name="proxy_given_once",
                violation_error_message="Ce membre a déjà donné pouvoir pour la séance (CGCT, article L2121-20).",
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("holder")),
                name="proxy_not_to_self",
                violation_error_message="Un membre ne se donne pas pouvoir à lui-même (CGCT, article L2121-20).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} donne pouvoir à {self.holder}"

    def clean(self) -> None:
        if self.sitting_id:
            check_members(self, self.sitting, "giver", "holder")


class PassageRange(models.Model):
    """Numbers taken one after the other: the order of passage is not that of the numbers."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="passage_ranges", verbose_name="séance")
    position = CountField("rang", default=1, lowest=1)
    kind = models.CharField("nature", max_length=10, choices=PassageKind.choices, default=PassageKind.RANGE)
    first = CountField("du numéro", lowest=1)
    last = CountField("au numéro", lowest=1)
    history = audited()

    class Meta:
        verbose_name = "ordre de passage"
        verbose_name_plural = "ordres de passage"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "position"],
                name="passage_position_unique",
                violation_error_message="Un autre passage de la séance a déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="passage_numbers_in_order",
                violation_error_message="Le dernier numéro ne précède pas le premier.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} à {self.last}"


class AttendanceChange(models.Model):
    """Who came, left or withdrew during the sitting; with an act, for that act."""

    sitting = models.ForeignKey(Sitting, models.CASCADE, related_name="attendance_changes", verbose_name="séance")
    act = models.ForeignKey(
        "deliberations.Act",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="attendance_changes",
        verbose_name="acte",
    )
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+", verbose_name="membre")
    event = models.CharField("mouvement", max_length=12, choices=AttendanceEvent.choices)
    at = models.TimeField("heure", null=True, blank=True)
    quote = models.TextField("citation", blank=True)
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "mouvement en séance"
        verbose_name_plural = "mouvements en séance"
        constraints = [
            models.CheckConstraint(
                condition=~Q(event=AttendanceEvent.WITHDRAWAL) | Q(act__isnull=False),
                name="withdrawal_names_its_act",
                violation_error_message="Un membre se retire pour une délibération : dire laquelle (CGCT, article L2131-11).",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} : {self.mandate}"

    def clean(self) -> None:
        if self.sitting_id:
            check_members(self, self.sitting, "mandate")
        if self.act is not None and self.act.sitting_id != self.sitting_id:
            raise ValidationError({"act": "Cet acte n'est pas de la séance."})
