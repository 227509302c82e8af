"""Mandates that end, and how members are reached."""

from typing import Any

from django import forms

from deliberations import queries
from deliberations.forms.rows import DAY
from deliberations.models import Mandate, MemberContact
from deliberations.queries.members import linkable_users
from plan_numerique.accounts.models import User
from plan_numerique.web.forms import EntityForm, asked_key

END_OF_TABLE, SAME_RANK = "end", "same"


class MandateEndForm(EntityForm):
    class Meta:
        model = Mandate
        fields: tuple[str, ...] = ("ends_on", "end_reason")
        labels = {"ends_on": "Dernier jour du mandat", "end_reason": "Cause"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ends_on", "end_reason"):
            self.fields[name].required = True


class MandateReplaceForm(MandateEndForm):
    """The end of one mandate and the beginning of the next, together."""

    display_name = forms.CharField(
        label="Nom publié du remplaçant", max_length=120, help_text="Tel qu'il figurera dans les actes."
    )
    civility = forms.CharField(label="Civilité", max_length=20, required=False)
    first_name = forms.CharField(label="Prénom", max_length=80, required=False)
    last_name = forms.CharField(label="Nom de famille", max_length=80, required=False)
    group = forms.CharField(label="Groupe politique", max_length=120, required=False)
    side = forms.ChoiceField(label="Majorité ou opposition", required=False)
    starts_on = forms.DateField(
        label="Début du nouveau mandat", required=False, widget=DAY, help_text="Le lendemain de la fin, si vide."
    )
    place = forms.ChoiceField(
        label="Ordre du tableau",
        choices=[(END_OF_TABLE, "Au dernier rang"), (SAME_RANK, "Au rang de la personne remplacée")],
        widget=forms.RadioSelect,
        initial=END_OF_TABLE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"].choices = Mandate._meta.get_field("side").get_choices()
        if self.instance.pk is not None:
            self.fields["group"].initial, self.fields["side"].initial = self.instance.group, self.instance.side

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = (
            ("Fin du mandat", ("ends_on", "end_reason")),
            (
                "Remplaçant",
                ("display_name", "civility", "first_name", "last_name", "group", "side", "starts_on", "place"),
            ),
            ("", ("reason",)),
        )
        return [{"legend": legend, "fields": [self[name] for name in names]} for legend, names in sets]

    def successor(self) -> dict[str, Any]:
        names = ("display_name", "civility", "first_name", "last_name", "group", "side", "starts_on")
        return {name: self.cleaned_data[name] for name in names}


def elected_of(user: Any) -> Any:
    """Narrowed to the authority of the member once it is known."""
    return User.objects.filter(memberships__authority__in=queries.editable_authorities(user)).distinct()


class MemberContactForm(EntityForm):
    scoped = {"mandate": queries.editable_mandates, "user": elected_of}

    class Meta:
        model = MemberContact
        fields = ("mandate", "email", "phone", "on_paper", "user")
        help_texts = {
            "email": "Reçoit la convocation et le lien de réponse. Jamais publiée.",
            "phone": "Jamais publié.",
            "user": "Utilisateur de la collectivité au rôle d'élu : il répond aussi depuis « Mes séances ».",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mandate = self._member()
        users = self.fields["user"].queryset.none() if mandate is None else linkable_users(mandate.assembly.authority)
        self.fields["user"].queryset = users.order_by("full_name", "email")

    def _member(self) -> Mandate | None:
        if self.instance.mandate_id is not None:
            return self.instance.mandate
        key = asked_key(self["mandate"].value())
        return self.fields["mandate"].queryset.select_related("assembly__authority").filter(pk=key).first()
