from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from plan_numerique.accounts.enums import TOWN_ROLES, Role
from plan_numerique.accounts.models import Authority, Membership
from plan_numerique.accounts.permissions import MANAGE_MEMBERS
from plan_numerique.web.forms import EntityForm

MAX_LOGO = 500_000
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def image_type(name: str) -> str:
    return "image/png" if name.lower().endswith(".png") else "image/jpeg"


class AuthorityForm(EntityForm):
    class Meta:
        model = Authority
        fields = ("name", "siren", "insee", "population", "quorum_population", "accent", "logo")
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}

    def clean_logo(self) -> Any:
        logo = self.cleaned_data.get("logo")
        if isinstance(logo, UploadedFile):
            if logo.size > MAX_LOGO:
                raise forms.ValidationError(f"« {logo.name} » dépasse 500 Ko : choisir une image plus petite.")
            head = logo.read(8)
            logo.seek(0)
            if not any(head.startswith(start) and image_type(logo.name) == kind for start, kind in SIGNATURES.items()):
                raise forms.ValidationError(f"« {logo.name} » n'est pas une image PNG ou JPEG.")
        return logo


class MembershipForm(EntityForm):
    """A role given to a person known by e-mail; the account is made when it is new, without a password."""

    email = forms.EmailField(label="Adresse électronique")
    full_name = forms.CharField(label="Nom", max_length=160, required=False)
    scoped = {"authority": MANAGE_MEMBERS.authorities}
    field_order = ("email", "full_name", "role", "authority")

    class Meta:
        model = Membership
        fields = ("role", "authority")

    def __init__(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in TOWN_ROLES]
        self.fields["authority"].required = True
        if self.instance.pk:
            self.initial |= {"email": self.instance.user.email, "full_name": self.instance.user.full_name}
            self.fields["email"].disabled = True
