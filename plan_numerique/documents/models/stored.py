from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

digest_format = RegexValidator(r"\A[0-9a-f]{64}\Z", "Empreinte SHA-256 : 64 chiffres hexadécimaux.")


class StoredDocument(models.Model):
    """A produced file as it was, byte for byte. Once published it never changes: a correction is another document (domain-rules 7.6)."""

    authority = models.ForeignKey("accounts.Authority", models.PROTECT, related_name="+", verbose_name="collectivité")
    title = models.CharField("titre", max_length=200)
    kind = models.SlugField("nature", max_length=40)
    filename = models.CharField("nom du fichier", max_length=150)
    media_type = models.CharField("type de fichier", max_length=100)
    roles = models.JSONField(
        "rôles qui l'ouvrent",
        default=list,
        blank=True,
        help_text="Aucun : tout rôle sur l'ensemble de la collectivité.",
    )
    content = models.BinaryField("contenu")
    size = models.PositiveIntegerField("taille en octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64, validators=[digest_format])
    created_at = models.DateTimeField("produit le")
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="produit par"
    )

    class Meta:
        verbose_name = "document produit"
        verbose_name_plural = "documents produits"
        indexes = [models.Index(fields=["authority", "kind", "created_at"], name="document_authority_kind")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0),
                name="document_not_empty",
                violation_error_message="Un document n'est jamais vide.",
            ),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="document_digest_format",
                violation_error_message="Un document porte son empreinte SHA-256.",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(published_at__gte=models.F("created_at")),
                name="document_published_after_creation",
                violation_error_message="Un document n'est pas publié avant d'être produit.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
