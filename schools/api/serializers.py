from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from plan_numerique.accounts.queries import visible_districts
from plan_numerique.web.api import EntitySerializer
from schools import queries
from schools.enums import Level
from schools.models import (
    Commune,
    FormerUai,
    Headcount,
    Room,
    School,
    SchoolAssignment,
    SchoolClass,
    Site,
    SocialIndex,
    StatedCount,
)


class CommuneSerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = Commune
        fields = "__all__"


class SchoolSerializer(EntitySerializer):
    scoped = {
        "authority": queries.editable_authorities,
        "commune": queries.editable_communes,
        "district": visible_districts,
    }

    class Meta:
        model = School
        fields = "__all__"


@extend_schema_field(OpenApiTypes.OBJECT)
class HeadcountsField(serializers.Field):
    """Pupils by level, `{"CP": 12, "CE1": 11}`; the key "" holds pupils of no stated level. Written as a whole."""

    default_error_messages = {
        "shape": 'Les effectifs s\'écrivent par niveau, par exemple {{"CP": 12, "CE1": 11}}.',
        "level": "« {level} » n'est pas un niveau.",
        "pupils": "Le nombre d'élèves de « {level} » est un entier de 0 à 200.",
    }

    def get_attribute(self, instance: SchoolClass) -> SchoolClass:
        return instance

    def to_representation(self, value: SchoolClass) -> dict[str, int]:
        return {row.level: row.pupils for row in value.headcounts.all()}

    def to_internal_value(self, data: Any) -> dict[str, int]:
        if not isinstance(data, dict):
            self.fail("shape")
        for level, pupils in data.items():
            if level and level not in Level.values:
                self.fail("level", level=str(level)[:20])
            if isinstance(pupils, bool) or not isinstance(pupils, int) or not 0 <= pupils <= 200:
                self.fail("pupils", level=level)
        return data


class SchoolClassSerializer(EntitySerializer):
    scoped = {"school": queries.editable_schools}
    headcounts = HeadcountsField(source="pupils_by_level", required=False)

    class Meta:
        model = SchoolClass
        fields = ("id", "school", "school_year", "name", "kind", "volunteer", "estimated", "headcounts")


class HeadcountSerializer(EntitySerializer):
    scoped = {"school_class": queries.editable_classes}

    class Meta:
        model = Headcount
        fields = "__all__"


class SiteSerializer(EntitySerializer):
    scoped = {"school": queries.schools_with_editable_sites}

    class Meta:
        model = Site
        fields = "__all__"


class RoomSerializer(EntitySerializer):
    scoped = {"site": queries.editable_sites}

    class Meta:
        model = Room
        fields = "__all__"


class FormerUaiSerializer(EntitySerializer):
    scoped = {"school": queries.editable_schools}

    class Meta:
        model = FormerUai
        fields = "__all__"


class SocialIndexSerializer(EntitySerializer):
    scoped = {"school": queries.editable_schools}

    class Meta:
        model = SocialIndex
        fields = "__all__"


class SchoolAssignmentSerializer(EntitySerializer):
    """The person is named by e-mail when the row is made, and never changes."""

    scoped = {"school": queries.assignable_schools}
    email = serializers.EmailField(write_only=True, max_length=254)
    full_name = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=160)
    user: Any = serializers.StringRelatedField()

    class Meta:
        model = SchoolAssignment
        fields = ("id", "school", "user", "is_director", "email", "full_name")


class StatedCountSerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = StatedCount
        fields = "__all__"
