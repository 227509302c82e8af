from deliberations.admin import convocations as convocations
from deliberations.admin import council as council
from deliberations.admin import documents as documents
from deliberations.admin import drafting as drafting
from deliberations.admin import entries as entries
from deliberations.admin import filing as filing
