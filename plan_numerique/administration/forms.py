from django import forms

from plan_numerique.accounts.enums import TOWN_ROLES, Role
from plan_numerique.accounts.models import Authority, Membership
from plan_numerique.accounts.permissions import MANAGE_MEMBERS
from plan_numerique.web.forms import EntityForm


class AuthorityForm(EntityForm):
    class Meta:
        model = Authority
        fields = ("name", "siren", "insee", "population", "quorum_population", "accent", "logo")
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}


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
