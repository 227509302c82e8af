"""Each module registers its models."""

from governance.admin import credits, documents, expenses, optimisation, pilotage, programme, subsidies

__all__ = [
    "credits",
    "documents",
    "expenses",
    "optimisation",
    "pilotage",
    "programme",
    "subsidies",
]
