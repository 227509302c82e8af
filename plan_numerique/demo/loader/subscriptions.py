"""Providers, offers and subscriptions of the ENT: groups where a figure is only given for several schools together."""

from datetime import date
from typing import Any

from ent import services
from ent.models import Offer, Provider, SubscribedSchool, Subscription
from plan_numerique.accounts.models import Authority
from plan_numerique.demo.loader.files import cents, rate, school_year
from schools.models import School

PAYERS = {"academy": "academie", "authority": "commune", "commune": "commune"}


def load_ent(authority: Authority, data: dict[str, Any], schools: dict[str, School]) -> dict[str, Offer]:
    ent = data["ent"]
    providers = {
        row["code"]: services.save_provider(instance=Provider(authority=authority, name=row["name"]), by=None)
        for row in ent["providers"]
    }
    offers = {row["code"]: _offer(providers[row["provider"]], row) for row in ent["offers"]}
    grouped: set[tuple[str, str]] = set()
    for row in ent["subscription_groups"]:
        grouped |= {(uai, row["school_year"]) for uai in row["schools"]}
        kind = next((s["payer_kind"] for s in ent["subscriptions"] if s["uai"] in row["schools"]), "authority")
        _subscription(authority, row, kind, row["schools"], providers, offers, schools)
    for row in ent["subscriptions"]:
        if (row["uai"], row["school_year"]) not in grouped:
            named = {**row, "label": f"ENT : {schools[row['uai']].name}"}
            _subscription(authority, named, row["payer_kind"], [row["uai"]], providers, offers, schools)
    return offers


def _offer(provider: Provider, row: dict[str, Any]) -> Offer:
    years = [school_year(label) or 0 for label in row["valid_school_years"]]
    first, last = min(years), max(years)
    return services.save_offer(
        instance=Offer(
            provider=provider,
            label=row["label"],
            per={"pupil_year": "pupil", "class_year": "class", "school_year": "school"}[row["unit"]],
            unit_price_ht=cents(row["unit_price_ht"]),
            vat_rate=rate(row["vat_rate"]),
            starts_on=date(first, 9, 1),
            ends_on=date(last + 1, 8, 31),
            source=row["source"],
        ),
        by=None,
    )


def _subscription(
    authority: Authority,
    row: dict[str, Any],
    payer_kind: str,
    uais: list[str],
    providers: dict[str, Provider],
    offers: dict[str, Offer],
    schools: dict[str, School],
) -> None:
    subscription = services.save_subscription(
        instance=Subscription(
            authority=authority,
            provider=None if row["offer"] else providers.get(row["provider"]),
            offer=offers.get(row["offer"]),
            label=row["label"][:160],
            school_year=school_year(row["school_year"]),
            payer=PAYERS.get(payer_kind, "autre"),
            payer_name=row["payer"],
            state="pilote",
            stated_pupils=row["pupils"],
            announced_ttc=cents(row.get("announced_ttc") or row.get("authority_cost_ttc")),
            announced_approximate=bool(row.get("announced_approximate")),
            source=row["source"],
            quote=row["quote"],
        ),
        by=None,
    )
    for uai in uais:
        services.save_subscribed_school(
            instance=SubscribedSchool(subscription=subscription, school=schools[uai]), by=None
        )
