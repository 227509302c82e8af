from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from plan_numerique.accounts.enums import TOWN_ROLES, Role
from plan_numerique.accounts.models.authority import Authority, District, department_code


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. A superuser keeps the installation and administers every authority."""

    email = models.EmailField("adresse électronique", unique=True)
    full_name = models.CharField("nom", max_length=160, blank=True)
    is_staff = models.BooleanField("accès à l'administration technique", default=False)
    is_active = models.BooleanField("actif", default=True)
    date_joined = models.DateTimeField("créé le", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "utilisateur"
        verbose_name_plural = "utilisateurs"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Cette adresse électronique a déjà un compte.",
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email


class Membership(models.Model):
    """A role, in one authority for town roles, over a département or an IEN district for the Éducation nationale."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="utilisateur")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    authority = models.ForeignKey(
        Authority, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name="collectivité"
    )
    department = models.CharField("département", max_length=3, blank=True, validators=[department_code])
    district = models.ForeignKey(
        District, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name="circonscription"
    )

    class Meta:
        verbose_name = "rôle attribué"
        verbose_name_plural = "rôles attribués"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(TOWN_ROLES), authority__isnull=False, department="", district=None)
                | models.Q(role=Role.ACADEMY, authority=None, district=None) & ~models.Q(department="")
                | models.Q(role=Role.ACADEMY, authority=None, department="", district__isnull=False),
                name="membership_scope_fits_role",
                violation_error_message="Un rôle de la collectivité porte sur une collectivité ; celui de l'Éducation nationale, "
                "sur un département ou une circonscription, et un seul des deux.",
            ),
            *(
                models.UniqueConstraint(
                    fields=["user", "role", target],
                    condition=~models.Q(**{target: "" if target == "department" else None}),
                    name=f"membership_{target}_unique",
                    violation_error_message="Cette personne a déjà ce rôle ici.",
                )
                for target in ("authority", "department", "district")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} — {self.authority or self.district or self.department}"
