from typing import Any

from plan_numerique.web.api import EntityViewSet
from schools import filtersets, permissions, queries, services
from schools.api import serializers
from schools.models import SchoolAssignment, SchoolClass


class CommuneViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_communes)
    serializer_class, filterset_class = serializers.CommuneSerializer, filtersets.CommuneFilter
    save_service, delete_service = staticmethod(services.save_commune), staticmethod(services.delete_commune)


class SchoolViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_schools)
    serializer_class, filterset_class = serializers.SchoolSerializer, filtersets.SchoolFilter
    save_service, delete_service = staticmethod(services.save_school), staticmethod(services.delete_school)


def save_class(*, instance: SchoolClass, by: Any, reason: str, m2m: Any) -> SchoolClass:
    given = getattr(instance, "pupils_by_level", None)
    return services.save_class(instance=instance, headcounts=given, by=by, reason=reason)


class SchoolClassViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "school__authority"
    rows = staticmethod(queries.classes_listed)
    serializer_class, filterset_class = serializers.SchoolClassSerializer, filtersets.SchoolClassFilter
    save_service, delete_service = staticmethod(save_class), staticmethod(services.delete_of_school)


class HeadcountViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    authority_path = "school_class__school__authority"
    rows = staticmethod(queries.visible_headcounts)
    serializer_class, filterset_class = serializers.HeadcountSerializer, filtersets.HeadcountFilter
    save_service, delete_service = staticmethod(services.save_headcount), staticmethod(services.delete_headcount)


class SiteViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT_SITE, "school__authority"
    rows = staticmethod(queries.visible_sites)
    serializer_class, filterset_class = serializers.SiteSerializer, filtersets.SiteFilter
    save_service, delete_service = staticmethod(services.save_site), staticmethod(services.delete_of_school)


class RoomViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT_SITE, "site__school__authority"
    rows = staticmethod(queries.visible_rooms)
    serializer_class, filterset_class = serializers.RoomSerializer, filtersets.RoomFilter
    save_service, delete_service = staticmethod(services.save_room), staticmethod(services.delete_room)


class FormerUaiViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "school__authority"
    rows = staticmethod(queries.visible_former_uais)
    serializer_class, filterset_class = serializers.FormerUaiSerializer, filtersets.FormerUaiFilter
    save_service, delete_service = staticmethod(services.save_former_uai), staticmethod(services.delete_of_school)


class SocialIndexViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "school__authority"
    rows = staticmethod(queries.visible_social_indexes)
    serializer_class, filterset_class = serializers.SocialIndexSerializer, filtersets.SocialIndexFilter
    save_service, delete_service = staticmethod(services.save_social_index), staticmethod(services.delete_of_school)


def assign(*, instance: SchoolAssignment, by: Any, reason: str, m2m: Any) -> SchoolAssignment:
    person = instance.user if instance.user_id else None
    return services.assign(
        school=instance.school,
        user=person,
        email=getattr(instance, "email", ""),
        full_name=getattr(instance, "full_name", ""),
        is_director=instance.is_director,
        by=by,
        reason=reason,
    )


class SchoolAssignmentViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW_PEOPLE, permissions.ASSIGN, "school__authority"
    rows = staticmethod(queries.visible_assignments)
    http_method_names = ("get", "post", "delete", "head", "options")
    serializer_class, filterset_class = serializers.SchoolAssignmentSerializer, filtersets.SchoolAssignmentFilter
    save_service, delete_service = staticmethod(assign), staticmethod(services.unassign)


class StatedCountViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_stated_counts)
    serializer_class, filterset_class = serializers.StatedCountSerializer, filtersets.StatedCountFilter
    save_service, delete_service = staticmethod(services.save_stated_count), staticmethod(services.delete_stated_count)
