"""Forms of the rentrée."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils import timezone

from plan_numerique.shared.periods import school_year_label, school_year_of
from plan_numerique.web.forms import asked_key
from schools import queries
from schools.domain.roll_over import SAID
from schools.enums import ClassKind, Level, RollOverMove, SchoolStatus
from schools.forms.territory import ParentForm
from schools.models import Commune, FrozenYear, RollOver, RollOverLine, School

NEEDED = {
    RollOverMove.OPEN_CLASS: ("name", "Donner un nom à la classe qui ouvre."),
    RollOverMove.CLOSE_CLASS: ("school_class", "Choisir la classe qui ferme."),
    RollOverMove.CHANGE_CLASS: ("school_class", "Choisir la classe qui change."),
    RollOverMove.MERGE: ("into", "Choisir l'école qui accueille."),
    RollOverMove.NEW_UAI: ("new_uai", "Donner le nouvel UAI."),
}


class RollOverForm(ParentForm):
    scoped = {"authority": queries.rolling_authorities}
    parent = "authority"

    class Meta:
        model = RollOver
        fields = ("authority", "to_year", "note")
        help_texts = {"to_year": "2027 pour la rentrée de septembre 2027 : les classes de 2026-2027 sont reprises."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            schools = queries.editable_schools(self.user)
            if self.scope.authority:
                schools = schools.filter(authority=self.scope.authority)
            known = queries.school_years(schools)
            latest = known[0].school_year if known else school_year_of(timezone.localdate())
            self.initial.setdefault("to_year", latest + 1)
        else:
            self.fields["to_year"].disabled = True

    def _post_clean(self) -> None:
        if self.cleaned_data.get("to_year") is not None:
            self.instance.from_year = self.cleaned_data["to_year"] - 1
        super()._post_clean()  # type: ignore[misc]


class RollOverLineForm(ParentForm):
    """One movement. Once it is known which (`told_move`: by the address, what is sent, or the row), only what it says is asked;
    until then, the movement and the school."""

    scoped = {
        "roll_over": queries.visible_roll_overs,
        "school": queries.editable_schools,
        "school_class": queries.editable_classes,
        "into": queries.editable_schools,
    }
    parent = "roll_over"
    levels = forms.MultipleChoiceField(
        label="Niveaux", choices=Level.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label="Dispositif", choices=ClassKind.choices, required=False)

    class Meta:
        model = RollOverLine
        fields = ("roll_over", "move", "school", "school_class", "name", "kind", "levels", "into", "new_uai", "reason")
        labels = {"new_uai": "Nouvel UAI", "reason": "Motif"}
        help_texts = {"new_uai": "Sept chiffres puis la lettre de contrôle, par exemple 0861030C."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = forms.CharField(
            label="Motif", max_length=250, required=False, help_text="Décision, carte scolaire, délibération…"
        )
        self.told_move = self._move()
        self._keep_what_is_told()
        if not self.instance._state.adding:
            self.fields["move"].disabled = self.fields["school"].disabled = True
        self._narrow(self._known("roll_over"), self._known("school"))

    def _given(self, name: str) -> Any:
        if not self.instance._state.adding:
            return getattr(self.instance, self.instance._meta.get_field(name).attname)
        return self.data.get(name) or self.initial.get(name)

    def _move(self) -> RollOverMove | None:
        given = str(self._given("move") or "")
        return RollOverMove(given) if given in RollOverMove.values else None

    def _known(self, name: str) -> Any:
        key = asked_key(self._given(name))
        return self.fields[name].queryset.filter(pk=key).first() if key is not None else None

    def _keep_what_is_told(self) -> None:
        if self.told_move is None:
            told: tuple[str, ...] = ()
            del self.fields["reason"]
        else:
            told = SAID[self.told_move]
            self.fields["move"].widget = forms.HiddenInput()
        for name in {"school_class", "name", "kind", "levels", "into", "new_uai"} - set(told):
            del self.fields[name]
        if self.told_move in NEEDED:
            name, message = NEEDED[self.told_move]
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = message
        if self.told_move == RollOverMove.CHANGE_CLASS:
            self.fields["kind"].choices = [("", "Inchangé"), *ClassKind.choices]
            self.fields["name"].label = "Nouveau nom"
            self.fields["name"].help_text = "Vide : la classe garde son nom."
            self.fields[
                "levels"
            ].help_text = "Aucun coché : elle garde ses niveaux. Ceux qu'elle perd laissent leurs élèves à placer."

    def _narrow(self, roll_over: RollOver | None, school: School | None) -> None:
        """Rows of the rentrée's own authority, of its year and of the school."""
        for name in {"school", "into"} & set(self.fields):
            rows = self.fields[name].queryset
            if self.instance._state.adding:
                rows = rows.filter(status=SchoolStatus.OPEN)
            self.fields[name].queryset = rows.filter(authority=roll_over.authority_id) if roll_over else rows
        if school is not None:
            self.fields["school"].widget = forms.HiddenInput()
            if "into" in self.fields:
                self.fields["into"].queryset = self.fields["into"].queryset.exclude(pk=school.pk)
        if roll_over is not None and "school_class" in self.fields:
            field = self.fields["school_class"]
            rows = field.queryset.filter(school__authority=roll_over.authority_id, school_year=roll_over.from_year)
            field.queryset = (rows.filter(school=school) if school else rows).order_by("school__name", "name")
            field.help_text = f"Une classe de {school_year_label(roll_over.from_year)}."
            field.label_from_instance = (lambda row: row.name) if school else str
        self.told_school = school

    def clean_new_uai(self) -> str:
        return str(self.cleaned_data["new_uai"]).strip().upper()


class ReopenYearForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        error_messages={"required": "Rouvrir une année figée se motive : écrire pourquoi."},
        help_text="Gardé dans l'historique. Figer de nouveau l'année une fois la correction faite.",
    )


class ApplyForm(forms.Form):
    freeze = forms.BooleanField(required=False)
    keep_known = forms.BooleanField(required=False)


class ShownSchoolsForm(forms.Form):
    """Which schools of a rentrée are shown; what it does not know narrows to nothing, and says so."""

    q = forms.CharField(label="École ou UAI", max_length=80, required=False)
    commune = forms.ChoiceField(label="Commune", required=False)
    move = forms.ChoiceField(
        label="Mouvements",
        required=False,
        choices=[("", "Toutes les écoles"), ("any", "Celles qui changent"), *RollOverMove.choices],
    )

    def __init__(self, *args: Any, communes: Iterable[Commune], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commune"].choices = [("", "Toutes"), *((str(row.pk), row.name) for row in communes)]  # type: ignore[attr-defined]

    @property
    def narrows(self) -> bool:
        return bool(self.errors) or any(self.cleaned_data.values())

    def shows(self, school: School, moves: Collection[str]) -> bool:
        if not self.is_valid():
            return False
        asked = self.cleaned_data
        sought, commune, move = asked["q"].casefold(), asked["commune"], asked["move"]
        return (
            (not sought or sought in f"{school.name} {school.uai}".casefold())
            and (not commune or str(school.commune_id) == commune)
            and (not move or bool(moves if move == "any" else move in moves))
        )


class FrozenYearForm(ParentForm):
    scoped = {"authority": queries.rolling_authorities}
    parent = "authority"

    class Meta:
        model = FrozenYear
        fields = ("authority", "school_year")
        help_texts = {"school_year": "Ses classes et ses effectifs ne changeront plus, ni par import ni par l'API."}
