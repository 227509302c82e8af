from collections.abc import Mapping

from deliberations.enums import VisaStage
from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role

VIEW = Permission("deliberations.view", "Voir le conseil", roles=TOWN_STAFF | {Role.ACADEMY, Role.ELECTED})
VIEW_DRAFTS = Permission("deliberations.view_drafts", "Voir les projets d'actes avant la convocation", roles=TOWN_STAFF)
VIEW_CONVENED = Permission(
    "deliberations.view_convened",
    "Voir les projets d'actes une fois la séance convoquée",
    roles=TOWN_STAFF | {Role.ELECTED},
)
EDIT = Permission("deliberations.edit", "Modifier les actes et les séances", roles={Role.ADMINISTRATOR, Role.ASSEMBLY})
SIGN_OFF = Permission(
    "deliberations.sign_off",
    "Viser un projet d'acte",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.FINANCE, Role.ASSEMBLY, Role.ELECTED},
)
FOLLOW_VISAS = Permission(
    "deliberations.follow_visas", "Suivre les visas des projets d'actes", roles=SIGN_OFF.roles - {Role.ELECTED}
)
ANSWER = Permission("deliberations.answer", "Répondre à sa propre convocation", roles={Role.ELECTED})
SIGN_SERVICE = Permission("deliberations.sign_service", "Viser pour le service", roles={Role.EDUCATION})
SIGN_LEGAL = Permission("deliberations.sign_legal", "Viser pour les affaires juridiques", roles={Role.ASSEMBLY})
SIGN_FINANCE = Permission("deliberations.sign_finance", "Viser pour les finances", roles={Role.FINANCE})
SIGN_MANAGEMENT = Permission(
    "deliberations.sign_management", "Viser pour la direction générale", roles={Role.ADMINISTRATOR}
)
SIGN_FOR_MAYOR = Permission(
    "deliberations.sign_for_mayor", "Consigner le visa du maire ou du président", roles={Role.ASSEMBLY}
)
SIGN_MAYOR = Permission(
    "deliberations.sign_mayor", "Viser en qualité de maire ou de président, si son mandat l'est", roles={Role.ELECTED}
)
SIGNERS: Mapping[str, Permission] = {
    VisaStage.SERVICE: SIGN_SERVICE,
    VisaStage.LEGAL: SIGN_LEGAL,
    VisaStage.FINANCE: SIGN_FINANCE,
    VisaStage.MANAGEMENT: SIGN_MANAGEMENT,
    VisaStage.MAYOR: SIGN_FOR_MAYOR,
}
