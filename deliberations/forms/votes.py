from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from deliberations import queries
from deliberations.enums import BallotMode, PresenceState, ProxyState, VoteChoice
from deliberations.forms.rows import LIST_OF_LINES, OfActForm, Sets, fields_of
from deliberations.models import Act, Ballot, Mandate, Sitting
from deliberations.queries.reading import shown_state
from plan_numerique.web.forms import EntityForm, asked_key

BALLOT_SETS: Sets = (
    (
        "Décompte",
        ("mode", "secret", "for_count", "against_count", "abstain_count", "not_voting_count", "voices", "chair_vote"),
    ),
    ("Résultat écrit", ("stated_result", "stated_result_text")),
    ("Noms", ("others_voted", "named_choices", "names_cover_proxies", "others_voted_note")),
    ("Observation", ("note",)),
)


class AttendanceForm(EntityForm):
    """Every member in office on one page: a state, and for those represented who holds their proxy."""

    class Meta:
        model = Sitting
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sitting: Sitting = self.instance
        held = {presence.mandate_id: presence.state for presence in sitting.presences.all()}
        given = {proxy.giver_id: proxy.holder_id for proxy in sitting.proxies.filter(state=ProxyState.GIVEN)}
        active = queries.active_mandates(sitting)
        known = {mandate.pk for mandate in active}
        gone = {*held, *given, *given.values()} - known
        self.called = held
        self.members = active + list(Mandate.objects.filter(pk__in=gone).order_by("rank", "pk"))
        names = [("", "—"), *((str(member.pk), member.display_name) for member in self.members)]
        states = [("", "Non relevé"), *PresenceState.choices]
        for member in self.members:
            self.fields[f"state_{member.pk}"] = forms.ChoiceField(
                label=f"Présence de {member.display_name}",
                choices=states,
                required=False,
                initial=shown_state(held.get(member.pk, ""), given=member.pk in given),
            )
            self.fields[f"holder_{member.pk}"] = forms.ChoiceField(
                label=f"Pouvoir de {member.display_name} donné à",
                choices=names,
                required=False,
                initial=str(given.get(member.pk, "")),
            )

    def rows(self) -> list[tuple[Mandate, forms.BoundField, forms.BoundField]]:
        return [(member, self[f"state_{member.pk}"], self[f"holder_{member.pk}"]) for member in self.members]

    def clean(self) -> dict[str, Any]:
        """What is left as it was is not told again: a member called present may have left and given a proxy since."""
        data = super().clean() or self.cleaned_data
        for member in self.members:
            if not {f"state_{member.pk}", f"holder_{member.pk}"} & set(self.changed_data):
                continue
            represented = data.get(f"state_{member.pk}") == PresenceState.REPRESENTED
            if represented != bool(data.get(f"holder_{member.pk}")):
                sentence = "dire à qui il donne pouvoir" if represented else "seul un membre représenté donne pouvoir"
                self.add_error(f"holder_{member.pk}", f"{member.display_name} : {sentence} (CGCT, article L2121-20).")
        return data

    def states(self) -> dict[Mandate, str]:
        """Of a member shown as represented by a proxy given after the call, what the call said is kept."""
        return {member: self._state_of(member) for member in self.members}

    def _state_of(self, member: Mandate) -> str:
        name = f"state_{member.pk}"
        called = self.called.get(member.pk, "")
        chosen: str = self.cleaned_data[name]
        return called if called and name not in self.changed_data else chosen

    def proxies(self) -> dict[Mandate, Mandate]:
        by_key = {str(member.pk): member for member in self.members}
        chosen = {member: self.cleaned_data[f"holder_{member.pk}"] for member in self.members}
        return {giver: by_key[holder] for giver, holder in chosen.items() if holder}

    def is_complete(self) -> bool:
        return bool(self.members) and all(self.states().values())


class BallotForm(OfActForm):
    """The vote and, one line a voter, its names. « Les autres ont voté » says how those without a choice voted."""

    sets = BALLOT_SETS
    named_choices = forms.MultipleChoiceField(
        label="Listes de noms données",
        choices=VoteChoice.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Une liste cochée et vide dit : personne. Une liste non cochée est inconnue.",
    )

    class Meta:
        model = Ballot
        fields = ("act", *fields_of(BALLOT_SETS))
        widgets = {"others_voted_note": LIST_OF_LINES, "note": LIST_OF_LINES}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        act = self.fields["act"].queryset.filter(pk=asked_key(self["act"].value())).first()
        self.voters = _voters(act) if act else []
        held = {vote.mandate_id: vote for vote in self.instance.votes.all()} if self.instance.pk else {}
        for voter in self.voters:
            vote = held.get(voter.pk)
            self.fields[f"choice_{voter.pk}"] = forms.ChoiceField(
                label=f"Vote de {voter.display_name}",
                choices=[("", "—"), *VoteChoice.choices],
                required=False,
                initial=vote.choice if vote else "",
            )
            self.fields[f"proxy_{voter.pk}"] = forms.BooleanField(
                label=f"{voter.display_name} : +1 pouvoir", required=False, initial=bool(vote and vote.with_proxy)
            )

    def is_named(self) -> bool:
        return bool(self.errors) or any(self[f"choice_{voter.pk}"].value() for voter in self.voters)

    def rows(self) -> list[tuple[Mandate, forms.BoundField, forms.BoundField]]:
        return [(voter, self[f"choice_{voter.pk}"], self[f"proxy_{voter.pk}"]) for voter in self.voters]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.votes() and data.get("mode") != BallotMode.BY_NAME:
            raise ValidationError("Des membres sont nommés : le vote est nominatif, ou ne nomme personne.")
        return data

    def ballot_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name != "act"}

    def votes(self) -> list[tuple[Mandate, str, bool]]:
        data = self.cleaned_data
        chosen = [(voter, data.get(f"choice_{voter.pk}"), bool(data.get(f"proxy_{voter.pk}"))) for voter in self.voters]
        return [(voter, choice, proxy) for voter, choice, proxy in chosen if choice]


def _voters(act: Act) -> list[Mandate]:
    """Those present or represented, and whoever the recorded vote names."""
    states = (PresenceState.PRESENT, PresenceState.REPRESENTED)
    seated = Mandate.objects.filter(presences__sitting=act.sitting_id, presences__state__in=states)
    named = Mandate.objects.filter(votes__ballot__act=act)
    return list((seated | named).distinct().order_by("rank", "pk"))
