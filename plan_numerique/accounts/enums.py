from django.db.models import TextChoices


class AuthorityKind(TextChoices):
    COMMUNE = "commune", "Commune"
    EPCI = "epci", "Intercommunalité (EPCI)"


class Role(TextChoices):
    """The nine roles of the product; what each may do is declared beside each permission."""

    ADMINISTRATOR = "administrator", "Administration de l'application"
    EDUCATION = "education", "Service éducation, pilotage du plan"
    TECHNICIAN = "technician", "Informatique des écoles"
    FINANCE = "finance", "Finances"
    ASSEMBLY = "assembly", "Assemblées et affaires juridiques"
    ACADEMY = "academy", "Éducation nationale (DSDEN, TICE, IEN, DAN)"
    SCHOOL = "school", "École (direction, enseignants)"
    ELECTED = "elected", "Élu"
    PARTNER = "partner", "Partenaire (maintenance, Canopé)"


TOWN_ROLES = frozenset(Role) - {Role.ACADEMY}
TOWN_STAFF = frozenset({Role.ADMINISTRATOR, Role.EDUCATION, Role.TECHNICIAN, Role.FINANCE, Role.ASSEMBLY})
# Roles that see no whole authority: their rows are given one by one (school assignments, assigned work).
NARROW_ROLES = frozenset({Role.SCHOOL, Role.PARTNER})
