from typing import Any

from django import forms
from django.db.models import Q

from ent import queries
from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.web.forms import EntityForm
from schools.enums import SchoolStatus
from schools.models import School


class ParentForm(EntityForm):
    """The row keeps the parent (`parent`) it was made with."""

    parent = "authority"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields[self.parent].disabled = True


class ProviderForm(ParentForm):
    scoped = {"authority": queries.editable_authorities}
    website = forms.URLField(label="Site internet", required=False, assume_scheme="https", max_length=200)

    class Meta:
        model = Provider
        fields = ("authority", "name", "product", "website")


class OfferForm(ParentForm):
    scoped = {"provider": queries.editable_providers}
    parent = "provider"

    class Meta:
        model = Offer
        fields = ("provider", "label", "per", "unit_price_ht", "vat_rate", "starts_on", "ends_on", "source")
        help_texts = {"ends_on": "Vide tant que le prix tient. Un nouveau prix est une nouvelle offre."}


class SubscriptionForm(ParentForm):
    scoped = {
        "authority": queries.editable_authorities,
        "offer": queries.editable_offers,
        "provider": queries.editable_providers,
        "schools": queries.subscribable_schools,
    }
    schools = forms.ModelMultipleChoiceField(
        label="Écoles abonnées", queryset=School.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Subscription
        fields = (
            "authority",
            "label",
            "school_year",
            "state",
            "offer",
            "provider",
            "payer",
            "payer_name",
            "stated_pupils",
            "counted_on",
            "announced_ttc",
            "announced_approximate",
            "source",
            "quote",
        )
        help_texts = {
            "school_year": "Année de la rentrée : 2018 pour 2018-2019.",
            "offer": "Vide quand le prix n'est pas connu.",
            "payer_name": "Obligatoire quand le payeur est « Autre ».",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        held = [] if adding else list(self.instance.subscribed.values_list("school", flat=True))
        self.initial.setdefault("schools", held)
        schools: Any = self.fields["schools"]
        schools.queryset = schools.queryset.filter(Q(status=SchoolStatus.OPEN) | Q(pk__in=held))
        authority = self.scope.authority if adding else self.instance.authority
        if authority:
            within = {"schools": "authority", "offer": "provider__authority", "provider": "authority"}
            for name, path in within.items():
                choice: Any = self.fields[name]
                choice.queryset = choice.queryset.filter(**{path: authority})

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = (
            (
                "L'abonnement",
                ("authority", "label", "school_year", "state", "offer", "provider", "payer", "payer_name"),
            ),
            ("Écoles et effectifs", ("schools", "stated_pupils", "counted_on")),
            ("Ce que la source annonce", ("announced_ttc", "announced_approximate", "source", "quote", "reason")),
        )
        return [{"legend": legend, "fields": [self[n] for n in names if n in self.fields]} for legend, names in sets]


class SubscribedSchoolForm(EntityForm):
    scoped = {"subscription": queries.editable_subscriptions, "school": queries.subscribable_schools}

    class Meta:
        model = SubscribedSchool
        fields = ("subscription", "school", "pupils")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["subscription"].disabled = self.fields["school"].disabled = True
