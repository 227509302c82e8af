from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from deliberations.enums import Answer
from deliberations.models.assembly import Mandate
from deliberations.models.sitting import Sitting, check_members
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.web.fields import CountField


class Convocation(models.Model):
    """What was sent to the members for a sitting: the agenda as it was, frozen. A later one completes or replaces it."""

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="convocations", verbose_name="séance")
    number = CountField("rang", default=1, lowest=1)
    message = models.TextField("message", blank=True)
    agenda = models.JSONField("ordre du jour", default=list, help_text="Liste de {number, title, act}, dans l'ordre.")
    sent_at = models.DateTimeField("envoyée le")
    clear_days = CountField("jours francs laissés", null=True, blank=True)
    required_days = CountField("jours francs exigés", null=True, blank=True)
    document = models.ForeignKey(
        StoredDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="document"
    )
    history = audited()

    class Meta:
        verbose_name = "convocation"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "number"],
                name="convocation_number_unique",
                violation_error_message="La séance a déjà une convocation de ce rang.",
            )
        ]

    def __str__(self) -> str:
        return f"Convocation du {self.sent_at:%d/%m/%Y} ({self.sitting})"


class Invitation(models.Model):
    """A convocation sent to one member, what became of it, and the answer. The link is known by its digest only: it opens for one
    person, until `expires_at`."""

    convocation = models.ForeignKey(Convocation, models.CASCADE, related_name="invitations", verbose_name="convocation")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="invitations", verbose_name="membre")
    email = models.EmailField("adresse", blank=True)
    token_digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    expires_at = models.DateTimeField("lien valable jusqu'au")
    sent_at = models.DateTimeField("remise au serveur le", null=True, blank=True)
    error = models.CharField("échec de l'envoi", max_length=300, blank=True)
    opened_at = models.DateTimeField("ouverte le", null=True, blank=True)
    answer = models.CharField("réponse", max_length=8, choices=Answer.choices, blank=True)
    holder = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="donne pouvoir à"
    )
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.CharField(
        "réponse reçue par", max_length=60, blank=True, help_text="Lien, page de l'élu, service des assemblées."
    )
    history = audited()

    class Meta:
        verbose_name = "convocation d'un membre"
        verbose_name_plural = "convocations des membres"
        constraints = [
            models.UniqueConstraint(
                fields=["convocation", "mandate"],
                name="invitation_unique",
                violation_error_message="Ce membre est déjà convoqué.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="invitation_answer_is_dated",
                violation_error_message="Une réponse porte sa date.",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.PROXY, holder__isnull=False) | ~Q(answer=Answer.PROXY) & Q(holder=None),
                name="invitation_proxy_has_holder",
                violation_error_message="Dire à qui le pouvoir est donné (CGCT, article L2121-20).",
            ),
        ]

    def __str__(self) -> str:
        return f"Convocation de {self.mandate}"

    def clean(self) -> None:
        if self.convocation_id:
            check_members(self, self.convocation.sitting, "mandate", "holder")
        if self.holder_id is not None and self.holder_id == self.mandate_id:
            raise ValidationError({"holder": "Un membre ne se donne pas pouvoir à lui-même (CGCT, article L2121-20)."})
