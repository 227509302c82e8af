from schools.models.classes import Headcount, SchoolClass
from schools.models.counts import StatedCount
from schools.models.school import Commune, FormerUai, School, SchoolAssignment, SocialIndex
from schools.models.site import Room, Site

__all__ = [
    "Commune",
    "FormerUai",
    "Headcount",
    "Room",
    "School",
    "SchoolAssignment",
    "SchoolClass",
    "Site",
    "SocialIndex",
    "StatedCount",
]
