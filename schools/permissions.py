from plan_numerique.accounts.access import Permission
from plan_numerique.accounts.enums import TOWN_STAFF, Role
from schools.enums import TriggerFamily

VIEW = Permission(
    "schools.view",
    "Voir les écoles, classes et effectifs",
    roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL, Role.ELECTED},
)
EDIT = Permission(
    "schools.edit", "Modifier les écoles, classes et effectifs", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
EDIT_SITE = Permission(
    "schools.edit_site", "Modifier les sites et les salles", roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN}
)
VIEW_PEOPLE = Permission(
    "schools.view_people", "Voir les personnes affectées aux écoles", roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL}
)
ASSIGN = Permission("schools.assign", "Affecter des personnes aux écoles", roles={Role.ADMINISTRATOR, Role.EDUCATION})
ROLL_OVER = Permission(
    "schools.roll_over", "Préparer la rentrée et figer les années passées", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
VIEW_QUESTIONNAIRES = Permission(
    "schools.view_questionnaires", "Voir les questionnaires", roles=TOWN_STAFF | {Role.ACADEMY}
)
EDIT_QUESTIONNAIRES = Permission(
    "schools.edit_questionnaires", "Composer les questionnaires", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
VIEW_CAMPAIGNS = Permission(
    "schools.view_campaigns",
    "Voir les campagnes de candidatures",
    roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL, Role.ELECTED},
)
LEAD_CAMPAIGNS = Permission(
    "schools.lead_campaigns",
    "Conduire les campagnes : critères, classement, réponses",
    roles={Role.ADMINISTRATOR, Role.EDUCATION},
)
VIEW_APPLICATIONS = Permission(
    "schools.view_applications",
    "Voir les candidatures",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN, Role.ACADEMY, Role.SCHOOL},
)
APPLY = Permission("schools.apply", "Candidater au nom d'une école", roles={Role.SCHOOL, Role.EDUCATION})
GIVE_OPINION = Permission(
    "schools.give_opinion", "Donner un avis et noter une candidature (Éducation nationale)", roles={Role.ACADEMY}
)
OPINE = Permission(
    "schools.opine",
    "Donner l'avis et les notes de son étape : IEN, TICE, comité",
    roles=GIVE_OPINION.roles | LEAD_CAMPAIGNS.roles,
)
VIEW_DIAGNOSTICS = Permission(
    "schools.view_diagnostics", "Voir les diagnostics", roles=TOWN_STAFF | {Role.ACADEMY, Role.SCHOOL}
)
LEAD_DIAGNOSTICS = Permission(
    "schools.lead_diagnostics", "Conduire les campagnes de diagnostics", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
TRIGGER_DIAGNOSTIC = Permission(
    "schools.trigger_diagnostic",
    "Déclencher un diagnostic",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.ACADEMY},
)
FILL_TECHNICAL = Permission(
    "schools.fill_technical",
    "Remplir la partie technique d'un diagnostic",
    roles={Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN},
)
FILL_PEDAGOGICAL = Permission(
    "schools.fill_pedagogical", "Remplir la partie pédagogique d'un diagnostic", roles={Role.ACADEMY}
)
SIGN_FOR_TOWN = Permission(
    "schools.sign_for_town", "Valider un diagnostic pour la collectivité", roles={Role.ADMINISTRATOR, Role.EDUCATION}
)
SIGN_FOR_ACADEMY = Permission(
    "schools.sign_for_academy", "Valider un diagnostic pour l'Éducation nationale", roles={Role.ACADEMY}
)
TRIGGERED_BY = {
    TriggerFamily.AUTHORITY: LEAD_DIAGNOSTICS,
    TriggerFamily.EDUCATION: FILL_PEDAGOGICAL,
    TriggerFamily.OWNER: LEAD_DIAGNOSTICS,
}
"""Who records a trigger of each family: the town for its own and for the commune's or the OGEC's, the Éducation nationale for its own."""
