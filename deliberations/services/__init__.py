from deliberations.services.acts import (
    delete_act,
    delete_ballot,
    record_act,
    record_vote,
    save_act,
    save_identifier,
)
from deliberations.services.adoption import adopt_scenario_of, adoption_reason
from deliberations.services.annexes import add_annex, delete_annex, save_annex
from deliberations.services.clauses import delete_clause, move_clause, save_clause
from deliberations.services.entries import Entered, enter
from deliberations.services.figures import freeze_figures
from deliberations.services.legal import load_legal_settings
from deliberations.services.mandates import delete_mandate, require_votes_kept_by, save_assembly, save_mandate
from deliberations.services.minutes import save_minutes
from deliberations.services.rows import (
    delete_assembly,
    delete_budget_line,
    delete_of_act,
    save_budget_line,
    save_of_act,
)
from deliberations.services.session import delete_of_sitting, save_of_sitting
from deliberations.services.sittings import (
    delete_sitting,
    record_members,
    record_sitting,
    save_attendance,
    save_of_attendance,
    save_sitting,
)
from deliberations.services.templates import (
    copy_template,
    delete_template,
    draft_act,
    load_act_templates,
    save_template,
    template_of_act,
)
from deliberations.services.versions import keep_version, restore_version
from deliberations.services.visas import open_circuit, sign_visa

__all__ = [
    "Entered",
    "add_annex",
    "adopt_scenario_of",
    "adoption_reason",
    "copy_template",
    "delete_act",
    "delete_annex",
    "delete_assembly",
    "delete_ballot",
    "delete_budget_line",
    "delete_clause",
    "delete_mandate",
    "delete_of_act",
    "delete_of_sitting",
    "delete_sitting",
    "delete_template",
    "draft_act",
    "enter",
    "freeze_figures",
    "keep_version",
    "load_act_templates",
    "load_legal_settings",
    "move_clause",
    "open_circuit",
    "record_act",
    "record_members",
    "record_sitting",
    "record_vote",
    "require_votes_kept_by",
    "restore_version",
    "save_act",
    "save_annex",
    "save_assembly",
    "save_attendance",
    "save_budget_line",
    "save_clause",
    "save_identifier",
    "save_mandate",
    "save_minutes",
    "save_of_act",
    "save_of_attendance",
    "save_of_sitting",
    "save_sitting",
    "save_template",
    "sign_visa",
    "template_of_act",
]
