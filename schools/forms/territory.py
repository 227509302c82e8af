from typing import Any

from django import forms

from plan_numerique.accounts.queries import visible_districts
from plan_numerique.web.forms import EntityForm
from schools import queries
from schools.enums import WITHOUT_LEVEL, Level
from schools.models import (
    Commune,
    FormerUai,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)


class ParentForm(EntityForm):
    """The row keeps the parent (`parent`) it was made with."""

    parent = "school"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields[self.parent].disabled = True


class CommuneForm(ParentForm):
    scoped = {"authority": queries.editable_authorities}
    parent = "authority"

    class Meta:
        model = Commune
        fields = ("authority", "insee", "name", "population")


class SchoolForm(ParentForm):
    scoped = {
        "authority": queries.editable_authorities,
        "commune": queries.editable_communes,
        "district": visible_districts,
    }
    parent = "authority"

    class Meta:
        model = School
        fields = (
            "authority",
            "commune",
            "uai",
            "name",
            "kind",
            "sector",
            "status",
            "address",
            "postcode",
            "latitude",
            "longitude",
            "education_priority",
            "priority_district",
            "district",
            "source",
        )
        help_texts = {"uai": "Sept chiffres puis la lettre de contrôle, par exemple 0861030C."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authority = None if self.instance._state.adding else self.instance.authority
        if authority or self.scope.authority:
            communes: Any = self.fields["commune"]
            communes.queryset = communes.queryset.filter(authority=authority or self.scope.authority)

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        sets = (
            ("Identité", ("authority", "uai", "name", "kind", "sector", "status")),
            ("Adresse", ("commune", "address", "postcode", "latitude", "longitude")),
            ("Éducation nationale et territoire", ("district", "education_priority", "priority_district")),
            ("Origine", ("source", "reason")),
        )
        return [{"legend": legend, "fields": [self[n] for n in names if n in self.fields]} for legend, names in sets]


class FormerUaiForm(ParentForm):
    scoped = {"school": queries.editable_schools}

    class Meta:
        model = FormerUai
        fields = ("school", "uai", "until", "cause")
        help_texts = {"cause": "Fusion, nouvelle immatriculation…"}


class SocialIndexForm(ParentForm):
    scoped = {"school": queries.editable_schools}

    class Meta:
        model = SocialIndex
        fields = ("school", "school_year", "value", "source")
        help_texts = {"school_year": "Année de la rentrée : 2022 pour 2022-2023."}


class AssignmentForm(ParentForm):
    """A person known by e-mail; the account is made when it is new, without a password."""

    scoped = {"school": queries.assignable_schools}
    email = forms.EmailField(label="Adresse électronique", max_length=254)
    full_name = forms.CharField(label="Nom", max_length=160, required=False)

    class Meta:
        model = SchoolAssignment
        fields = ("school", "is_director")
        help_texts = {"is_director": "Cette personne dirige l'école."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["email"], self.fields["full_name"]
        self.order_fields(["school", "email", "full_name", "is_director", "reason"])


class SiteForm(ParentForm):
    scoped = {"school": queries.schools_with_editable_sites}

    class Meta:
        model = Site
        fields = ("school", "name", "address", "floors", "connection", "bandwidth", "cabled", "secure_storage")
        help_texts = {"floors": "Rez-de-chaussée compris."}


class RoomForm(ParentForm):
    scoped = {"site": queries.editable_sites}
    parent = "site"

    class Meta:
        model = Room
        fields = ("site", "name", "floor")
        help_texts = {"floor": "0 pour le rez-de-chaussée."}


LEVEL_FIELDS = {f"level_{code}": (code, label) for code, label in Level.choices} | {
    "level_none": (WITHOUT_LEVEL, "Sans niveau")
}


class SchoolClassForm(ParentForm):
    """A class with its pupils, one field per level: empty where the class has not the level."""

    scoped = {"school": queries.editable_schools}

    class Meta:
        model = SchoolClass
        fields = ("school", "school_year", "name", "kind", "volunteer", "estimated")
        help_texts = {"school_year": "Année de la rentrée : 2018 pour 2018-2019."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        present = {} if adding else dict(self.instance.headcounts.values_list("level", "pupils"))
        for name, (level, label) in LEVEL_FIELDS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=200, required=False)
            self.initial.setdefault(name, present.get(level))

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        return [{"legend": "La classe", "fields": [self[name] for name in self.Meta.fields]}]

    @property
    def levels(self) -> list[Any]:
        return [self[name] for name in LEVEL_FIELDS]

    def headcounts(self) -> dict[str, int]:
        """Pupils by level, of the levels that are filled in."""
        given = ((level, self.cleaned_data.get(name)) for name, (level, _) in LEVEL_FIELDS.items())
        return {level: pupils for level, pupils in given if pupils is not None}


class StatedCountForm(ParentForm):
    scoped = {"authority": queries.editable_authorities}
    parent = "authority"

    class Meta:
        model = StatedCount
        fields = ("authority", "code", "label", "value", "unit", "period", "approximate", "computed", "source", "quote")
        help_texts = {
            "code": "En minuscules, sans espace : « ecoles », « classes-equipees ».",
            "approximate": "La source écrit « environ ».",
            "computed": "Le chiffre se déduit de la source, qui ne l'écrit pas.",
            "source": "Le document et sa date.",
            "quote": "La phrase exacte de la source.",
        }
