"""The filing of an act, step by step, and its transmissions."""

from typing import Any

from django.urls import reverse

from deliberations import permissions, queries
from deliberations.enums import CouncilDocumentKind, PublicationMode, TransmissionState
from deliberations.filtersets.filing import TransmissionFilter
from deliberations.forms.filing import AnomalyForm, AnswerForm, PrepareForm, SendingForm
from deliberations.models import Act, Transmission
from deliberations.queries import filing
from deliberations.queries.checking import posted_day
from deliberations.queries.register import is_deliberated
from deliberations.queries.substance import is_stale
from deliberations.services import transmissions
from deliberations.tables.filing import TRANSMISSION_TONES, TransmissionTable
from deliberations.views.base import ActPage, CouncilPage
from plan_numerique.web.templatetags.web import day, moment
from plan_numerique.web.views import Action, AskPage, ListPage

OUTSIDE = "hors de l'application"


class ActFiling(ActPage):
    """What was done and what comes next: nothing is sent from here, and the page says so."""

    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_acts)
    template_name = "deliberations/act_filing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.object
        authority = act.sitting.assembly.authority
        extract, sent = filing.last_extract(act), list(_transmissions(act, self.request.user))
        online = filing.act_publications(act)
        profile = filing.profile_of(authority)
        stale = extract is not None and is_stale(extract)
        may_edit = self.may(permissions.EDIT, act)
        live = [row for row in online if row.withdrawn_at is None]
        return super().get_context_data(
            steps=_steps(act, extract, sent),
            to_do=_to_do(act, None if stale else extract, sent, live) if may_edit else [],
            extract=extract,
            stale=stale,
            attached=filing.annexes_to_send(act),
            transmissions=[(row, TRANSMISSION_TONES[row.state]) for row in sent],
            publications=online,
            missing=filing.missing_of(authority, profile),
            profile_url=_profile_url(profile, authority) if may_edit else "",
            public_url=reverse("deliberations:public_act", args=[authority.slug, act.pk]) if live else "",
            by_posting=by_posting(act),
            may_edit=may_edit,
            **kwargs,
        )


def by_posting(act: Act) -> bool:
    return bool(act.sitting.assembly.publication == PublicationMode.POSTING)


def _transmissions(act: Act, user: Any) -> Any:
    return queries.visible_transmissions(user).filter(act=act).order_by("-number")


def _profile_url(profile: Any, authority: Any) -> str:
    if profile is not None:
        return reverse("deliberations:profile_edit", args=[profile.pk])
    return f"{reverse('deliberations:profile_create')}?authority={authority.pk}"


def _steps(act: Act, extract: Any, sent: list[Transmission]) -> list[dict[str, Any]]:
    last = sent[0] if sent else None
    failed = last is not None and last.state == TransmissionState.REFUSED
    executory, received = queries.executory_day(act), act.received_on is not None
    made_public = min((date for date in (act.published_on, posted_day(act)) if date), default=None)
    outside = OUTSIDE if received and last is None else ""
    rows = [
        ("Extrait", extract is not None, f"version {extract.number}" if extract else ""),
        ("Paquet", received or (last is not None and not failed), outside or ("anomalie signalée" if failed else "")),
        (
            "Remise",
            received or bool(last and last.state == TransmissionState.SENT),
            outside or _when(last and last.sent_on),
        ),
        ("Accusé", received, _when(act.received_on)),
        ("Publication", made_public is not None, _when(made_public)),
        ("Exécutoire", executory is not None, _when(executory)),
    ]
    first = next((label for label, done, _ in rows if not done), None)
    return [
        {"label": label, "detail": detail, "state": "done" if done else "current" if label == first else "todo"}
        for label, done, detail in rows
    ]


def _when(date: Any) -> str:
    return f"{date:%d/%m/%Y}" if date else ""


def _to_do(act: Act, extract: Any, sent: list[Transmission], live: list[Any]) -> list[Action]:
    """What may be done now, the first thing first; without an extract of the text as it is, that one is made."""
    key, last = [act.pk], sent[0] if sent else None
    if not is_deliberated(act):
        return []
    if extract is None:
        make = f"{reverse('deliberations:act_document_make', args=key)}?kind={CouncilDocumentKind.EXTRACT}"
        return [Action("Établir l'extrait", make, "file-text", method="post", primary=True)]
    found = []
    if act.received_on is None and act.state in transmissions.SENT_STATES:
        found += _next_of_transmission(act, last)
    if not any(row.document_id == extract.pk for row in live):
        label = "Mettre en ligne la correction" if live else "Mettre en ligne"
        found.append(Action(label, reverse("deliberations:publication_create", args=[extract.pk]), "globe"))
    if act.posted_on is None and by_posting(act):
        found.append(Action("Consigner l'affichage", reverse("deliberations:act_posting", args=key), "pin"))
    return [Action(row.label, row.url, row.icon, primary=rank == 0) for rank, row in enumerate(found)]


def _next_of_transmission(act: Act, last: Transmission | None) -> list[Action]:
    prepare = reverse("deliberations:transmission_prepare", args=[act.pk])
    if last is None or last.state == TransmissionState.REFUSED:
        return [Action("Préparer le paquet", prepare, "package")]
    if last.state == TransmissionState.PREPARED:
        return [
            Action("Consigner la remise", reverse("deliberations:transmission_sending", args=[last.pk]), "send"),
            Action("Refaire le paquet", prepare, "package"),
        ]
    return [
        Action("Consigner l'accusé", reverse("deliberations:transmission_answer", args=[last.pk]), "mail-check"),
        Action(
            "Signaler une anomalie", reverse("deliberations:transmission_anomaly", args=[last.pk]), "triangle-alert"
        ),
    ]


class OfActAsk(AskPage):
    """A question asked about an act, back to its filing."""

    permission, queryset = permissions.EDIT, staticmethod(queries.visible_acts)
    authority_path = "sitting__assembly__authority"

    @property
    def act(self) -> Act:
        act: Act = self.object
        return act

    def get_success_url(self) -> str:
        return reverse("deliberations:act_filing", args=[self.act.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [("Délibérations", reverse("deliberations:act_list")), (str(self.act), self.get_success_url())]


class TransmissionPrepare(OfActAsk):
    form_class, title, submit_label = PrepareForm, "Préparer le paquet de transmission", "Préparer le paquet"
    done = "Le paquet est prêt : le télécharger, puis le déposer chez l'opérateur de transmission."

    def get_form_kwargs(self) -> dict[str, Any]:
        act = self.act
        titles = ["l'extrait du registre", *(row.title for row in filing.annexes_to_send(act).joined)]
        choices = filing.attachment_choices(act.sitting.assembly.authority, act.nature)
        return {**super().get_form_kwargs(), "documents": titles, "choices": choices}

    def perform(self, data: dict[str, Any]) -> Any:
        return transmissions.prepare_transmission(act=self.act, types=list(data.values()), by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = (
            "Le paquet réunit l'enveloppe, le message et les PDF figés. Rien n'est envoyé d'ici : il se dépose chez "
            "l'opérateur de transmission homologué de la collectivité."
        )
        return super().get_context_data(intro=intro, **kwargs)


class TransmissionList(ListPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_transmissions)
    authority_path = "act__sitting__assembly__authority"
    filterset_class, table_class = TransmissionFilter, TransmissionTable
    title, search_placeholder = "Transmissions", "Identifiant, délibération"
    intro = "Les paquets préparés pour l'opérateur de transmission et ce qu'il a répondu. Rien n'est envoyé par cette application."
    empty_text = "Un paquet se prépare depuis la page « Dépôt et publication » d'une délibération adoptée."


class TransmissionDetail(CouncilPage):
    permission, queryset = permissions.VIEW_DRAFTS, staticmethod(queries.visible_transmissions)
    authority_path = "act__sitting__assembly__authority"
    template_name = "deliberations/transmission_detail.html"
    crumbs = (("Transmissions", "/transmissions/"),)

    def state(self) -> dict[str, str]:
        return {"label": self.object.get_state_display(), "tone": TRANSMISSION_TONES[self.object.state]}

    def summary(self) -> list[tuple[str, Any]]:
        row = self.object
        return [
            ("Rang", row.number),
            ("Préparée", moment(row.prepared_at)),
            ("Remise à l'opérateur", day(row.sent_on)),
            ("Reçue en préfecture", day(row.received_on)),
        ]

    def actions(self) -> list[Action]:
        history = self.history("deliberations:transmission_history")
        if not self.may(permissions.EDIT, self.object) or self.object.state == TransmissionState.ACKNOWLEDGED:
            return history
        return [*history, *_next_of_transmission(self.object.act, self.object)]


class OfTransmissionAsk(OfActAsk):
    queryset = staticmethod(queries.visible_transmissions)
    authority_path = "act__sitting__assembly__authority"

    @property
    def act(self) -> Act:
        act: Act = self.object.act
        return act


class TransmissionSending(OfTransmissionAsk):
    form_class, title, submit_label = SendingForm, "Remise à l'opérateur", "Consigner la remise"
    done = "La remise à l'opérateur est consignée."

    def perform(self, data: dict[str, Any]) -> Any:
        return transmissions.record_sending(transmission=self.object, sent_on=data["sent_on"], by=self.request.user)


class TransmissionAnswer(OfTransmissionAsk):
    form_class, title, submit_label = AnswerForm, "Accusé de réception", "Consigner l'accusé"
    done = "La réponse de l'opérateur est consignée."

    def get_initial(self) -> dict[str, Any]:
        return {"identifier": self.object.identifier}

    def perform(self, data: dict[str, Any]) -> Any:
        row, by, renumbered = self.object, self.request.user, data["renumbered"]
        if data.get("file"):
            content = self.asked.content()
            return transmissions.record_answer(transmission=row, file=content, renumbered=renumbered, by=by)
        return transmissions.record_acknowledgement(
            transmission=row,
            identifier=data["identifier"],
            received_on=data["received_on"],
            renumbered=renumbered,
            by=by,
        )

    def form_valid(self, form: Any) -> Any:
        self.asked = form
        return super().form_valid(form)


class TransmissionAnomaly(OfTransmissionAsk):
    form_class, title, submit_label = AnomalyForm, "Anomalie de transmission", "Consigner l'anomalie"
    done = "L'anomalie est consignée : corriger, puis préparer un nouveau paquet."

    def perform(self, data: dict[str, Any]) -> Any:
        return transmissions.record_anomaly(transmission=self.object, anomaly=data["anomaly"], by=self.request.user)
