from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from deliberations import permissions, queries
from deliberations.domain.contacts import Found, told
from deliberations.domain.messages import LARGEST_MESSAGE
from deliberations.domain.transmission import main_type
from deliberations.forms.rows import DAY
from deliberations.models import TransmissionProfile
from plan_numerique.shared.errors import DomainError
from plan_numerique.web.forms import EntityForm

LARGEST_TABLE = 5_000_000
PROFILE_SETS = (
    ("Opérateur de transmission", ("authority", "operator", "trigram")),
    ("Enveloppe", ("district", "emitter", "return_emails", "contact_name", "contact_email", "contact_phone")),
    ("Données ouvertes", ("siret", "prefecture")),
    ("", ("source",)),
)


class TransmissionProfileForm(EntityForm):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = TransmissionProfile
        fields = tuple(name for _, names in PROFILE_SETS for name in names)
        widgets = {"return_emails": forms.Textarea(attrs={"rows": 3})}

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        shown = [{"legend": legend, "fields": [self[name] for name in names]} for legend, names in PROFILE_SETS]
        if "reason" in self.fields:
            shown[-1]["fields"].append(self["reason"])  # type: ignore[attr-defined]
        return shown


class FileForm(forms.Form):
    """`content` is read once, within a size."""

    largest = LARGEST_MESSAGE

    def content(self) -> bytes:
        file = self.cleaned_data.get("file")
        if not file:
            return b""
        if file.size > self.largest:
            raise DomainError(
                f"« {file.name[:80]} » pèse {file.size // 1_000_000} Mo : {self.largest // 1_000_000} Mo au plus.",
                field="file",
            )
        return bytes(file.read())


class ClassificationForm(FileForm):
    largest = LARGEST_TABLE
    authority = forms.ModelChoiceField(queryset=None, label="Collectivité")
    file = forms.FileField(
        label="Fichier",
        help_text="Message RetourClassification (XML) donné par l'opérateur, ou tableau de codes et de libellés (CSV, XLSX, ODS).",
    )
    dated_on = forms.DateField(
        label="Date de la classification",
        required=False,
        widget=DAY,
        help_text="Pour un tableau : le XML porte la sienne.",
    )
    source = forms.CharField(label="Source", max_length=250, required=False)

    def __init__(self, *args: Any, user: Any, authority: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = permissions.EDIT.authorities(user).order_by("name")  # type: ignore[attr-defined]
        self.fields["authority"].initial = authority


class PrepareForm(forms.Form):
    """The type of each document, in the order of the package: `documents` are their titles, the extract first."""

    def __init__(self, *args: Any, documents: list[str], choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        general = main_type([code for code, _ in choices])
        for rank, title in enumerate(documents if choices else ()):
            self.fields[f"type_{rank}"] = forms.ChoiceField(
                label=f"Type de pièce de « {title} »", choices=choices, initial=general
            )


class SendingForm(forms.Form):
    sent_on = forms.DateField(label="Remise à l'opérateur le", widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sent_on"].initial = timezone.localdate


class AnswerForm(FileForm):
    file = forms.FileField(
        label="Message reçu (XML)",
        required=False,
        help_text="ARActe ou AnomalieActe : l'identifiant et la date y sont lus. Sans fichier, les saisir ci-dessous.",
    )
    identifier = forms.CharField(label="Identifiant de l'acte", max_length=60, required=False)
    received_on = forms.DateField(label="Reçue en préfecture le", required=False, widget=DAY)
    renumbered = forms.BooleanField(
        label="L'opérateur a donné un autre numéro à l'acte",
        required=False,
        help_text="Le département, le SIREN, la date et la nature restent ceux de l'acte.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("file"):
            for name in ("identifier", "received_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Sans le message XML, ce champ est obligatoire.")
        return data


class AnomalyForm(forms.Form):
    anomaly = forms.CharField(label="Anomalie signalée", max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}))


class PublicationForm(forms.Form):
    author_name = forms.CharField(label="Auteur : prénom et nom", max_length=160)
    author_quality = forms.CharField(label="Qualité de l'auteur", max_length=160, help_text="Par exemple : maire.")
    contacts_checked = forms.BooleanField(
        label="Les coordonnées écrites dans le texte sont celles d'un service, non d'une personne", required=False
    )

    def __init__(self, *args: Any, found: Sequence[Found], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if found:
            self.fields["contacts_checked"].help_text = f"Trouvées : {told(found)}."
        else:
            del self.fields["contacts_checked"]


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label="Motif du retrait",
        max_length=300,
        help_text="Gardé dans l'application ; la page publique dit seulement que le document est retiré.",
    )


class PostingForm(forms.Form):
    posted_on = forms.DateField(label="Affichée le", widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["posted_on"].initial = timezone.localdate
