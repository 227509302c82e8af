"""The files about schools that can be imported, in the order they are offered."""

from plan_numerique.imports.importer import Importer
from schools.imports.classes import ClassImporter
from schools.imports.communes import CommuneImporter
from schools.imports.directory import DirectoryImporter
from schools.imports.national import EducationPriorityImporter, GeolocationImporter, SocialIndexImporter
from schools.imports.rolls import RollsImporter
from schools.imports.schools import SchoolImporter

IMPORTERS: tuple[type[Importer], ...] = (
    SchoolImporter,
    ClassImporter,
    RollsImporter,
    DirectoryImporter,
    GeolocationImporter,
    SocialIndexImporter,
    EducationPriorityImporter,
    CommuneImporter,
)

__all__ = [
    "IMPORTERS",
    "ClassImporter",
    "CommuneImporter",
    "DirectoryImporter",
    "EducationPriorityImporter",
    "GeolocationImporter",
    "RollsImporter",
    "SchoolImporter",
    "SocialIndexImporter",
]
