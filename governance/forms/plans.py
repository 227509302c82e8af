from governance.models import Phase, Plan, PlanCommitment
from governance.queries import editable_authorities, editable_plans
from plan_numerique.web.forms import EntityForm


class PlanForm(EntityForm):
    scoped = {"authority": editable_authorities}

    class Meta:
        model = Plan
        fields = ("authority", "name", "state", "starts", "ends", "period", "summary", "objectives", "source")


class PhaseForm(EntityForm):
    scoped = {"plan": editable_plans}

    class Meta:
        model = Phase
        fields = ("plan", "position", "label", "starts", "ends", "state", "description", "source", "quote")


class PlanCommitmentForm(EntityForm):
    scoped = {"plan": editable_plans}

    class Meta:
        model = PlanCommitment
        fields = ("plan", "position", "topic", "text", "source", "quote")
