"""Long work of the app. Each task has its `start_…` beside it."""

from governance.tasks.budget import budget_run_task, council_report_task, start_budget_run, start_council_report
from governance.tasks.comparison import comparison_task, start_comparison
from governance.tasks.credits import credits_table_task, start_credits_table
from governance.tasks.documents import funding_plan_task, posting_task, start_funding_plan, start_posting
from governance.tasks.optimisation import optimisation_task, start_optimisation
from governance.tasks.ranking import (
    ranking_letters_task,
    ranking_list_task,
    start_ranking_letters,
    start_ranking_list,
)

__all__ = [
    "budget_run_task",
    "comparison_task",
    "council_report_task",
    "credits_table_task",
    "funding_plan_task",
    "optimisation_task",
    "posting_task",
    "ranking_letters_task",
    "ranking_list_task",
    "start_budget_run",
    "start_comparison",
    "start_council_report",
    "start_credits_table",
    "start_funding_plan",
    "start_optimisation",
    "start_posting",
    "start_ranking_letters",
    "start_ranking_list",
]
