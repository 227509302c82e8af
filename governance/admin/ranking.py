from django.contrib import admin

from plan_numerique.web.admin import ReadOnly
from schools.models import Departure, RankedPlace


@admin.register(Departure, RankedPlace)
class RankingAdmin(ReadOnly, admin.ModelAdmin):
    """Read only: places are given on the page of the ranking, frozen by a decision."""

    list_display = ("__str__", "application", "position")
    list_select_related = ("application__school", "application__campaign")
