"""What follows an act: its documents, its transmission to the State's representative, its publication."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from deliberations.enums import ActNature, CouncilDocumentKind, TransmissionState
from deliberations.models.act import Act
from deliberations.models.sitting import Sitting
from plan_numerique.accounts.models import Authority
from plan_numerique.audit.models import audited
from plan_numerique.documents.models import StoredDocument
from plan_numerique.jobs.models import Job
from plan_numerique.web.fields import CountField

trigram = RegexValidator(r"\A[A-Z0-9]{3}\Z", "Trois lettres majuscules ou chiffres : SIC.")
one_digit = RegexValidator(r"\A[0-9]\Z", "Un chiffre.")
two_digits = RegexValidator(r"\A[0-9]{2}\Z", "Deux chiffres.")
siret_format = RegexValidator(r"\A[0-9]{14}\Z", "Quatorze chiffres, sans espace.")


class CouncilDocument(models.Model):
    """A document of the register, made by a job and frozen with its digest: a correction is another one. `created_at`: when what it
    prints was read; `substance`: digest of it (queries.substance)."""

    sitting = models.ForeignKey(Sitting, models.PROTECT, related_name="documents", verbose_name="séance")
    act = models.ForeignKey(
        Act, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="délibération"
    )
    kind = models.CharField("nature", max_length=20, choices=CouncilDocumentKind.choices)
    number = CountField("version", default=1, lowest=1)
    document = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="document")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="tâche")
    created_at = models.DateTimeField("établi le")
    substance = models.CharField("empreinte de ce qui est imprimé", max_length=64, blank=True)

    class Meta:
        verbose_name = "document du conseil"
        verbose_name_plural = "documents du conseil"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "act", "kind", "number"],
                name="council_document_version_unique",
                violation_error_message="Ce document a déjà une version de ce numéro.",
            ),
            models.UniqueConstraint(
                fields=["sitting", "kind", "number"],
                condition=Q(act=None),
                name="sitting_document_version_unique",
                violation_error_message="Ce document de la séance a déjà une version de ce numéro.",
            ),
        ]
        indexes = [models.Index(fields=["sitting", "kind"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"


class TransmissionProfile(models.Model):
    """What the envelope of a transmission says of the authority (domain-rules 3.4), and its SIRET for open data."""

    authority = models.OneToOneField(
        Authority, models.PROTECT, related_name="transmission_profile", verbose_name="collectivité"
    )
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[siret_format])
    operator = models.CharField("opérateur de transmission", max_length=80, blank=True)
    trigram = models.CharField("trigramme de l'opérateur", max_length=3, blank=True, validators=[trigram])
    district = models.CharField("arrondissement", max_length=1, blank=True, validators=[one_digit])
    emitter = models.CharField(
        "nature de l'émetteur",
        max_length=2,
        blank=True,
        validators=[two_digits],
        help_text="Deux chiffres, donnés par l'opérateur.",
    )
    prefecture = models.CharField(
        "identifiant de la préfecture", max_length=9, blank=True, help_text="Pour les données ouvertes : PREF086."
    )
    contact_name = models.CharField("référent", max_length=100, blank=True)
    contact_email = models.EmailField("adresse du référent", blank=True)
    contact_phone = models.CharField("téléphone du référent", max_length=20, blank=True)
    return_emails = models.TextField("adresses de retour", blank=True, help_text="Une par ligne.")
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "profil de transmission"
        verbose_name_plural = "profils de transmission"

    def __str__(self) -> str:
        return f"Transmission de {self.authority}"


class Classification(models.Model):
    """The nomenclature of matters agreed with the prefecture, of a date; without an authority, the national one."""

    authority = models.ForeignKey(
        Authority, models.PROTECT, null=True, blank=True, related_name="classifications", verbose_name="collectivité"
    )
    dated_on = models.DateField("date de la classification")
    source = models.CharField("source", max_length=250, blank=True)
    history = audited()

    class Meta:
        verbose_name = "classification"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "dated_on"],
                name="classification_date_unique",
                violation_error_message="La collectivité a déjà une classification de cette date.",
            ),
            models.UniqueConstraint(
                fields=["dated_on"],
                condition=Q(authority=None),
                name="classification_national_unique",
                violation_error_message="Il y a déjà une classification nationale de cette date.",
            ),
        ]

    def __str__(self) -> str:
        return f"Classification du {self.dated_on:%d/%m/%Y}"


class Matter(models.Model):
    """One line of a classification; `path` sorts 7.10 after 7.9."""

    classification = models.ForeignKey(
        Classification, models.CASCADE, related_name="matters", verbose_name="classification"
    )
    code = models.CharField("code", max_length=20)
    path = models.CharField("tri", max_length=30)
    label = models.CharField("matière", max_length=200)

    class Meta:
        verbose_name = "matière"
        constraints = [
            models.UniqueConstraint(
                fields=["classification", "code"],
                name="matter_code_unique",
                violation_error_message="La classification a déjà ce code.",
            )
        ]
        indexes = [models.Index(fields=["classification", "path"])]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class AttachmentType(models.Model):
    """A code of document that a classification allows for a nature of act: 99_DE for the délibération itself."""

    classification = models.ForeignKey(
        Classification, models.CASCADE, related_name="attachment_types", verbose_name="classification"
    )
    nature = models.CharField("nature", max_length=2, choices=ActNature.choices)
    code = models.CharField("code", max_length=5)
    label = models.CharField("type de pièce", max_length=200)

    class Meta:
        verbose_name = "type de pièce"
        verbose_name_plural = "types de pièces"
        constraints = [
            models.UniqueConstraint(
                fields=["classification", "nature", "code"],
                name="attachment_type_unique",
                violation_error_message="La classification a déjà ce type de pièce pour cette nature.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Transmission(models.Model):
    """A package made for the approved operator, and what the operator answered. Nothing is sent from here."""

    act = models.ForeignKey(Act, models.PROTECT, related_name="transmissions", verbose_name="délibération")
    number = CountField("rang", default=1, lowest=1)
    state = models.CharField(
        "état", max_length=12, choices=TransmissionState.choices, default=TransmissionState.PREPARED
    )
    identifier = models.CharField("identifiant de l'acte", max_length=41)
    prepared_at = models.DateTimeField("préparée le")
    package = models.ForeignKey(StoredDocument, models.PROTECT, related_name="+", verbose_name="paquet")
    extract = models.ForeignKey(CouncilDocument, models.PROTECT, related_name="+", verbose_name="extrait joint")
    sent_on = models.DateField("remise à l'opérateur le", null=True, blank=True)
    received_on = models.DateField("reçue en préfecture le", null=True, blank=True)
    acknowledgement = models.ForeignKey(
        StoredDocument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="accusé de réception"
    )
    anomaly = models.TextField("anomalie", blank=True)
    history = audited()

    class Meta:
        verbose_name = "transmission"
        constraints = [
            models.UniqueConstraint(
                fields=["act", "number"],
                name="transmission_number_unique",
                violation_error_message="L'acte a déjà une transmission de ce rang.",
            ),
            models.CheckConstraint(
                condition=~Q(state=TransmissionState.ACKNOWLEDGED) | Q(received_on__isnull=False),
                name="transmission_acknowledged_is_dated",
                violation_error_message="Un accusé de réception porte sa date.",
            ),
            models.CheckConstraint(
                condition=Q(sent_on=None) | Q(received_on=None) | Q(received_on__gte=F("sent_on")),
                name="transmission_received_after_sent",
                violation_error_message="Un acte n'est pas reçu avant d'être remis à l'opérateur.",
            ),
            models.CheckConstraint(
                condition=~Q(state=TransmissionState.REFUSED) | ~Q(anomaly=""),
                name="transmission_refused_says_why",
                violation_error_message="Dire l'anomalie que l'opérateur ou la préfecture a signalée.",
            ),
        ]

    def __str__(self) -> str:
        return f"Transmission {self.number} : {self.identifier}"


class Publication(models.Model):
    """A document put on the public pages, whole and frozen, with the day it was posted and its author (CGCT R2131-1).
    A correction is another publication; one taken down keeps its trace."""

    document = models.OneToOneField(
        CouncilDocument, models.PROTECT, related_name="publication", verbose_name="document"
    )
    posted_at = models.DateTimeField("mise en ligne le")
    author_name = models.CharField("auteur", max_length=160)
    author_quality = models.CharField("qualité de l'auteur", max_length=160)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)
    withdrawn_reason = models.CharField("motif du retrait", max_length=300, blank=True)
    history = audited()

    class Meta:
        verbose_name = "publication"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="publication_withdrawn_says_why",
                violation_error_message="Un retrait dit pourquoi.",
            )
        ]
        indexes = [models.Index(fields=["-posted_at"])]

    def __str__(self) -> str:
        return f"{self.document} mis en ligne le {self.posted_at:%d/%m/%Y}"

    def clean(self) -> None:
        if self.document_id and self.document.document.published_at is None:
            raise ValidationError({"document": "Seul un document figé est mis en ligne."})
