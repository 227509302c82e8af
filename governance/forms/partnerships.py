from django.forms import CheckboxSelectMultiple

from governance.models import Convention, ConventionCommitment, Partner
from governance.queries import editable_authorities, editable_conventions, visible_partners
from plan_numerique.web.forms import EntityForm
from schools.queries import visible_schools


class PartnerForm(EntityForm):
    scoped = {"authority": editable_authorities}

    class Meta:
        model = Partner
        fields = ("authority", "name", "kind", "role", "source")


class ConventionForm(EntityForm):
    scoped = {"authority": editable_authorities, "partners": visible_partners, "schools": visible_schools}

    class Meta:
        model = Convention
        fields = (
            "authority",
            "title",
            "partners",
            "other_parties",
            "purpose",
            "state",
            "school_year",
            "starts_on",
            "ends_on",
            "approved_on",
            "signed_on",
            "schools",
            "note",
            "source",
            "quote",
        )
        widgets = {"partners": CheckboxSelectMultiple, "schools": CheckboxSelectMultiple}


class ConventionCommitmentForm(EntityForm):
    scoped = {"convention": editable_conventions}

    class Meta:
        model = ConventionCommitment
        fields = ("convention", "position", "party", "domain", "text", "source", "quote")
