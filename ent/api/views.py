from ent import filtersets, permissions, queries, services
from ent.api import serializers
from plan_numerique.web.api import EntityViewSet


class ProviderViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_providers)
    serializer_class, filterset_class = serializers.ProviderSerializer, filtersets.ProviderFilter
    save_service, delete_service = staticmethod(services.save_provider), staticmethod(services.delete_provider)


class OfferViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "provider__authority"
    rows = staticmethod(queries.visible_offers)
    serializer_class, filterset_class = serializers.OfferSerializer, filtersets.OfferFilter
    save_service, delete_service = staticmethod(services.save_offer), staticmethod(services.delete_offer)


class SubscriptionViewSet(EntityViewSet):
    permission, write_permission = permissions.VIEW, permissions.EDIT
    rows = staticmethod(queries.visible_subscriptions)
    serializer_class, filterset_class = serializers.SubscriptionSerializer, filtersets.SubscriptionFilter
    save_service, delete_service = staticmethod(services.save_subscription), staticmethod(services.delete_subscription)


class SubscribedSchoolViewSet(EntityViewSet):
    permission, write_permission, authority_path = permissions.VIEW, permissions.EDIT, "subscription__authority"
    rows = staticmethod(queries.visible_subscribed_schools)
    serializer_class, filterset_class = serializers.SubscribedSchoolSerializer, filtersets.SubscribedSchoolFilter
    save_service = staticmethod(services.save_subscribed_school)
    delete_service = staticmethod(services.delete_subscribed_school)
