from schools.models.applications import (
    RANKED,
    Application,
    ApplicationAnswer,
    Attachment,
    Campaign,
    Criterion,
    Departure,
    Mark,
    Opinion,
    RankedPlace,
)
from schools.models.classes import Headcount, SchoolClass
from schools.models.counts import StatedCount
from schools.models.diagnostics import Diagnostic, DiagnosticAnswer, DiagnosticCampaign, Photo, Work
from schools.models.questionnaires import Answer, Question, Questionnaire
from schools.models.school import Commune, FormerUai, School, SchoolAssignment, SocialIndex
from schools.models.site import Room, Site
from schools.models.years import FrozenYear, RollOver, RollOverLine, SchoolStep

__all__ = [
    "RANKED",
    "Answer",
    "Application",
    "ApplicationAnswer",
    "Attachment",
    "Campaign",
    "Commune",
    "Criterion",
    "Departure",
    "Diagnostic",
    "DiagnosticAnswer",
    "DiagnosticCampaign",
    "FormerUai",
    "FrozenYear",
    "Headcount",
    "Mark",
    "Opinion",
    "Photo",
    "Question",
    "Questionnaire",
    "RankedPlace",
    "RollOver",
    "RollOverLine",
    "Room",
    "School",
    "SchoolAssignment",
    "SchoolClass",
    "SchoolStep",
    "Site",
    "SocialIndex",
    "StatedCount",
    "Work",
]
