"""Each module registers its models."""

from governance.admin import credits, documents, expenses, optimisation, pilotage, programme, ranking, subsidies

__all__ = [
    "credits",
    "documents",
    "expenses",
    "optimisation",
    "pilotage",
    "programme",
    "ranking",
    "subsidies",
]
