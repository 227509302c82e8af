from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission("governance.view", "Voir le pilotage", roles=TOWN_STAFF | {Role.ACADEMY, Role.ELECTED})
EDIT = Permission("governance.edit", "Modifier le pilotage", roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.FINANCE})
COMPUTE = Permission(
    "governance.compute", "Calculer le budget d'un scénario", roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.FINANCE}
)
REPORT = Permission(
    "governance.report",
    "Établir le rapport pour le conseil",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.FINANCE, Role.ASSEMBLY},
)
ADOPT = Permission("governance.adopt", "Adopter ou archiver un scénario", roles={Role.ADMINISTRATOR, Role.EDUCATION})
STEER = Permission(
    "governance.steer",
    "Conduire le programme : phases, écoles équipées, suite des pilotes",
    roles={Role.ADMINISTRATOR, Role.EDUCATION},
)
VIEW_MONEY = Permission(
    "governance.view_money", "Voir les crédits, les dépenses et les subventions", roles=TOWN_STAFF | {Role.ELECTED}
)
EDIT_MONEY = Permission(
    "governance.edit_money",
    "Tenir les crédits, les dépenses et les subventions",
    roles={Role.ADMINISTRATOR, Role.FINANCE},
)
EDIT_REFERENCE = Permission(
    "governance.edit_reference", "Tenir les comptes et les dispositifs d'aide", roles={Role.ADMINISTRATOR}
)
VIEW_RANKING = Permission(
    "governance.view_ranking",
    "Voir le classement des candidatures (la liste arrêtée, pour les élus)",
    roles=TOWN_STAFF | {Role.ACADEMY, Role.ELECTED},
)
