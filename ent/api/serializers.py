from ent import queries
from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.web.api import EntitySerializer


class ProviderSerializer(EntitySerializer):
    scoped = {"authority": queries.editable_authorities}

    class Meta:
        model = Provider
        fields = "__all__"


class OfferSerializer(EntitySerializer):
    scoped = {"provider": queries.editable_providers}

    class Meta:
        model = Offer
        fields = "__all__"


class SubscriptionSerializer(EntitySerializer):
    scoped = {
        "authority": queries.editable_authorities,
        "offer": queries.editable_offers,
        "provider": queries.editable_providers,
    }

    class Meta:
        model = Subscription
        fields = "__all__"


class SubscribedSchoolSerializer(EntitySerializer):
    scoped = {"subscription": queries.editable_subscriptions, "school": queries.subscribable_schools}

    class Meta:
        model = SubscribedSchool
        fields = "__all__"
