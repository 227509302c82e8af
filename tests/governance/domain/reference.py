"""The budget once more, written from the text of interchange 1 alone: plain dicts, fractions, one line at a time.

Slow and without any check of its input. It shares nothing with the product, so that an error must be made twice to pass.
"""

from collections import defaultdict
from fractions import Fraction
from math import ceil, floor

INV = "investissement"


def dec(text):
    return Fraction(text)


def half_up(value, step=Fraction(1, 100)):
    """Half away from zero."""
    units = value / step
    sign = -1 if units < 0 else 1
    return sign * floor(abs(units) + Fraction(1, 2)) * step


def money(value):
    cents = value * 100
    assert cents.denominator == 1, value
    cents = cents.numerator
    return ("-" if cents < 0 else "") + f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def or_default(holder, key, default):
    value = holder.get(key)
    return default if value is None else value


class Line:
    def __init__(self, exercise, school, source, quantity, unit):
        self.exercise, self.school, self.id = exercise, school, source["id"]
        self.kind = "recurring" if "per" in source else "lump" if "amount_ht" in source else "item"
        self.heading, self.section = source["heading"], source["section"]
        self.account, self.payer = or_default(source, "account", ""), or_default(source, "payer", "")
        self.fctva = self.kind != "recurring" and or_default(source, "fctva", False)
        self.quantity = quantity
        self.ht = quantity * unit
        self.vat = half_up(self.ht * dec(source["vat_rate"]) / 100)
        self.ttc = self.ht + self.vat


class Reference:
    def __init__(self, doc):
        self.doc = doc
        self.years = doc["exercises"]
        self.items = {item["id"]: item for item in self.list("items")}
        self.packs = {pack["id"]: pack for pack in self.list("packs")}
        self.schools = {school["id"]: school for school in self.list("schools")}
        self.findings = []

    def list(self, key):
        return or_default(self.doc, key, [])

    def price(self, source, year):
        rate = dec(or_default(self.doc, "price_revision_rate", "0"))
        return half_up(dec(source["unit_price_ht"]) * (1 + rate / 100) ** (year - self.years[0]))

    # Rule 1

    def reaches(self, phase, school, each):
        return (
            bool(phase.get("all"))
            or school["id"] in or_default(phase, "schools", [])
            or bool(set(or_default(phase, "levels", [])) & set(or_default(each, "levels", [])))
        )

    def entries(self):
        """[(phase position, school id, [classes])] in the order of phases."""
        phases = self.list("phases")
        taken = set()
        result = []
        for position in sorted(range(len(phases)), key=lambda p: (phases[p]["exercise"], p)):
            for school in self.schools.values():
                entering = []
                for each in or_default(school, "classes", []):
                    if (school["id"], each["id"]) not in taken and self.reaches(phases[position], school, each):
                        taken.add((school["id"], each["id"]))
                        entering.append(each)
                if entering:
                    result.append((position, school["id"], entering))
        return result

    # Rule 2

    def matches(self, rule, school, each):
        filters = or_default(rule, "filters", {})

        def passes(key, values):
            wanted = or_default(filters, key, [])
            return not wanted or any(value in wanted for value in values)

        return (
            passes("school_kinds", [school["kind"]])
            and passes("sectors", [or_default(school, "sector", "public")])
            and passes("levels", or_default(each, "levels", []))
            and passes("class_kinds", [or_default(each, "kind", "ordinaire")])
        )

    def school_quantities(self, school, batches, findings):
        """{(batch, item): quantity} of one school whose classes enter in these batches, earliest first."""
        bought = defaultdict(int)
        for position, rule in enumerate(self.list("rules")):
            for batch, quantity in self.rule_quantities(position, rule, school, batches, findings):
                if rule.get("pack") is not None:
                    for line in self.packs[rule["pack"]]["lines"]:
                        bought[batch, line["item"]] += quantity * line["quantity"]
                else:
                    bought[batch, rule["item"]] += quantity
        return bought

    def rule_quantities(self, position, rule, school, batches, findings):
        per, quantity = rule["per"], or_default(rule, "quantity", 1)
        group = or_default(rule, "group_size", 1)
        if per == "plan":
            return []
        matching = [[each for each in classes if self.matches(rule, school, each)] for classes in batches]
        if per == "volunteer_class":
            matching = [[each for each in classes if each.get("volunteer")] for classes in matching]
            limit = rule.get("max_members")
            count = sum(len(classes) for classes in matching)
            if limit is not None and count > limit:
                findings.append(
                    ("MEMBERS_OVER_LIMIT", "error", f"rules[{position}]", str(limit), str(count), str(count - limit))
                )
                room = limit
                for batch, classes in enumerate(matching):
                    matching[batch] = sorted(classes, key=lambda each: each["id"])[:room]
                    room -= len(matching[batch])
        given = []
        already = False
        for classes in matching:
            if per in ("class", "volunteer_class"):
                given.append(ceil(Fraction(len(classes), group)) * quantity)
            elif per == "pupil":
                pupils = sum(or_default(each, "pupils", 0) for each in classes)
                given.append(ceil(Fraction(pupils, group)) * quantity)
            else:
                times = 1 if per == "school" else or_default(school, "floors", 1)
                given.append(quantity * times if classes and not already else 0)
                already = already or bool(classes)
        bound = rule.get("max_per_school")
        if bound is not None:
            for batch, value in enumerate(given):
                given[batch] = min(value, bound)
                bound -= given[batch]
        return list(enumerate(given))

    # Rules 3 to 5

    def with_renewals(self, exercise, school, item, quantity):
        if quantity == 0:
            return []
        years = [exercise]
        life = item.get("life_years")
        if self.doc.get("renewals") and life is not None:
            years = [year for year in self.years if year >= exercise and (year - exercise) % life == 0]
        return [Line(year, school, item, quantity, self.price(item, year)) for year in years]

    def common_lines(self):
        lump_sums = [Line(lump["exercise"], None, lump, 1, dec(lump["amount_ht"])) for lump in self.list("lump_sums")]
        return lump_sums + self.recurring_lines() + self.plan_lines()

    def recurring_lines(self):
        lines = []
        for cost in self.list("recurring"):
            for year in self.years:
                if not or_default(cost, "exercises", []) or year in cost["exercises"]:
                    lines += self.recurring_year(cost, year)
        return lines

    def recurring_year(self, cost, year):
        if cost["per"] == "plan":
            return [Line(year, None, cost, 1, self.price(cost, year))]
        lines = []
        for school in self.schools.values():
            if or_default(cost, "schools", []) and school["id"] not in cost["schools"]:
                continue
            classes = or_default(school, "classes", [])
            pupils = sum(or_default(each, "pupils", 0) for each in classes)
            quantity = {"pupil": pupils, "class": len(classes), "school": 1}[cost["per"]]
            if quantity:
                lines.append(Line(year, school["id"], cost, quantity, self.price(cost, year)))
        return lines

    def plan_lines(self):
        bought = defaultdict(int)
        for rule in self.list("rules"):
            if rule["per"] == "plan":
                quantity = or_default(rule, "quantity", 1)
                if rule.get("pack") is not None:
                    for line in self.packs[rule["pack"]]["lines"]:
                        bought[line["item"]] += quantity * line["quantity"]
                else:
                    bought[rule["item"]] += quantity
        lines = []
        for item, quantity in bought.items():
            lines += self.with_renewals(self.years[0], None, self.items[item], quantity)
        return lines

    def lines_of(self, school, batches, findings):
        """Lines of a school for [(exercise, classes)], a batch for each phase."""
        bought = self.school_quantities(school, [classes for _, classes in batches], findings)
        lines = []
        for (batch, item), quantity in bought.items():
            exercise, _ = batches[batch]
            lines += self.with_renewals(exercise, school["id"], self.items[item], quantity)
        return lines

    # Rule 6

    def cap_of(self, year):
        cap = self.doc["yearly_cap_ttc"]
        if isinstance(cap, dict):
            cap = cap.get(str(year))
        return None if cap is None else dec(cap)

    def over(self, lines, spent):
        """(year, total) of the first year these lines take over its cap."""
        for year in self.years:
            ttc = sum(line.ttc for line in lines if line.exercise == year)
            cap = self.cap_of(year)
            if ttc > 0 and cap is not None and spent[year] + ttc > cap:
                return year, spent[year] + ttc
        return None

    def capped(self, common):
        phases = self.list("phases")
        whole = {}
        for phase, school, classes in self.entries():
            whole.setdefault(school, (phase, []))[1].extend(classes)
        ids = list(self.schools)

        def order(school):
            rank = self.schools[school].get("priority_rank")
            return (rank is None, rank or 0, school)

        load = {year: sum((line.ttc for line in common if line.exercise == year), Fraction(0)) for year in self.years}
        spent = dict(load)
        refused_in = set()
        refusals, entered, lines = [], [], []
        for place, school in enumerate(sorted(whole, key=order)):
            phase, classes = whole[school]
            open_years = [year for year in self.years if year >= phases[phase]["exercise"]]

            def lines_at(year, school=school, classes=classes, findings=None):
                return self.lines_of(self.schools[school], [(year, classes)], [] if findings is None else findings)

            if all(self.over(lines_at(year), load) for year in open_years):
                year, total = self.over(lines_at(open_years[0]), load)
                self.finding("NEVER_FITS", "error", f"schools[{ids.index(school)}]", self.cap_of(year), total)
                continue
            for year in open_years:
                if year in refused_in and not self.doc.get("fill_gaps"):
                    continue
                over = self.over(lines_at(year), spent)
                if over:
                    refused_in.add(year)
                    refusals.append((year, place, school, *over))
                    continue
                entered.append((year, school, classes))
                for line in lines_at(year, findings=self.findings):
                    lines.append(line)
                    spent[line.exercise] += line.ttc
                break
        if refusals:
            _, _, school, year, total = min(refusals)
            self.finding("CAP_FIRST_UNFIT", "warning", f"schools[{ids.index(school)}]", self.cap_of(year), total)
        return lines, entered

    def uncapped(self):
        phases = self.list("phases")
        by_school = defaultdict(list)
        for phase, school, classes in self.entries():
            by_school[school].append((phases[phase]["exercise"], classes))
        lines, entered = [], []
        for school, batches in by_school.items():
            lines += self.lines_of(self.schools[school], batches, self.findings)
            entered += [(exercise, school, classes) for exercise, classes in batches]
        return lines, entered

    # Rules 7 to 10

    def finding(self, code, severity, path, expected, stated):
        self.findings.append((code, severity, path, money(expected), money(stated), money(stated - expected)))

    @staticmethod
    def split(amount, weights):
        cents, whole = amount * 100, sum(weights)
        if whole == 0:
            return [amount] + [Fraction(0)] * (len(weights) - 1)
        exact = [cents * weight / whole for weight in weights]
        shares = [floor(each) for each in exact]
        while sum(shares) < cents:
            best = max(range(len(exact)), key=lambda i: (exact[i] - shares[i], -i))
            shares[best] += 1
        return [Fraction(share, 100) for share in shares]

    def grant(self, position, rule, lines, entered):
        def eligible(line):
            headings, sections = or_default(rule, "headings", []), or_default(rule, "sections", [])
            return (not headings or line.heading in headings) and (not sections or line.section in sections)

        what = or_default(rule, "base", "ht")
        weights = [
            sum((getattr(line, what) for line in lines if line.exercise == year and eligible(line)), Fraction(0))
            for year in self.years
        ]
        base = sum(weights)
        if rule.get("base_cap") is not None:
            counts = {"school": len({school for _, school, _ in entered})}
            counts["class"] = sum(len(classes) for _, _, classes in entered)
            counts["pupil"] = sum(or_default(each, "pupils", 0) for _, _, classes in entered for each in classes)
            base = min(base, dec(rule["base_cap"]["amount"]) * counts[rule["base_cap"]["per"]])
        if rule.get("amount") is not None:
            grant = dec(rule["amount"])
        elif rule.get("rate") is not None:
            grant = half_up(base * dec(rule["rate"]) / 100)
        else:
            grant, below = Fraction(0), Fraction(0)
            for tier in rule["tiers"]:
                top = base if tier.get("up_to") is None else min(base, dec(tier["up_to"]))
                if top > below:
                    grant += half_up((top - below) * dec(tier["rate"]) / 100)
                    below = top
        if rule.get("cap") is not None:
            grant = min(grant, dec(rule["cap"]))
        if rule.get("minimum") is not None and grant < dec(rule["minimum"]):
            self.finding("GRANT_UNDER_MINIMUM", "warning", f"funding[{position}]", dec(rule["minimum"]), grant)
            grant = Fraction(0)
        shares = self.split(grant, weights)
        by_exercise = [{"exercise": y, "amount": money(share)} for y, share in zip(self.years, shares, strict=True)]
        return grant, {
            "id": rule["id"],
            "funder": rule["funder"],
            "base": money(base),
            "amount": money(grant),
            "by_exercise": by_exercise,
        }

    def run(self):
        common = self.common_lines()
        own, entered = self.uncapped() if self.doc.get("yearly_cap_ttc") is None else self.capped(common)
        lines = common + own

        def amounts(chosen):
            sums = {x: sum((getattr(line, x) for line in chosen), Fraction(0)) for x in ("ht", "vat", "ttc")}
            return {x: money(value) for x, value in sums.items()}

        def by(*names):
            keys = sorted({tuple(getattr(line, name) for name in names) for line in lines})
            return [
                dict(zip(names, key, strict=True))
                | amounts([line for line in lines if tuple(getattr(line, name) for name in names) == key])
                for key in keys
            ]

        def total(chosen, what="ttc"):
            return sum((getattr(line, what) for line in chosen), Fraction(0))

        first = {}
        for exercise, school, _ in entered:
            first[school] = min(first.get(school, exercise), exercise)
        by_exercise = []
        for year in self.years:
            classes = [each for exercise, _, batch in entered if exercise == year for each in batch]
            by_exercise.append(
                {"exercise": year}
                | amounts([line for line in lines if line.exercise == year])
                | {
                    "schools_entered": sum(exercise == year for exercise in first.values()),
                    "classes_entered": len(classes),
                    "pupils_entered": sum(or_default(each, "pupils", 0) for each in classes),
                }
            )
        by_school = [
            {"school": school, "exercise_entered": first.get(school)}
            | amounts([line for line in lines if line.school == school])
            for school in sorted(self.schools)
        ]
        nowhere = [line for line in lines if line.school is None]
        if nowhere:
            by_school.append({"school": None, "exercise_entered": None} | amounts(nowhere))
        bought = defaultdict(int)
        for line in lines:
            if line.kind == "item":
                bought[line.exercise, line.id] += line.quantity

        credits = {year: Fraction(0) for year in self.years}
        schedule = [dec(rate) for rate in or_default(self.doc, "payment_schedule", ["100"])]
        for year in self.years:
            spent = total([line for line in lines if line.exercise == year and line.section == INV])
            for lag, share in enumerate(self.split(spent, schedule)):
                credits[year + lag] = credits.get(year + lag, Fraction(0)) + share
        payment = [
            {"exercise": y, "ttc": money(credits[y])} for y in sorted(credits) if y in self.years or credits[y] != 0
        ]

        grants = [(rule["id"], *self.grant(i, rule, lines, entered)) for i, rule in enumerate(self.list("funding"))]
        funded = sum((amount for _, amount, _ in grants), Fraction(0))
        invested = [line for line in lines if line.section == INV] or lines
        base = total(invested, "ht")
        share = base - funded
        if share < 0:
            self.finding("FUNDING_OVER_BASE", "error", "funding", base, funded)
        elif share < base / 5:
            self.finding("OWN_SHARE_BELOW_MINIMUM", "warning", "funding", Fraction(ceil(base * 20), 100), share)

        received = defaultdict(Fraction)
        if self.doc.get("fctva") is not None:
            rule = self.doc["fctva"]
            for year in self.years:
                chosen = [line for line in lines if line.exercise == year and line.section == INV and line.fctva]
                received[year + or_default(rule, "lag_years", 2)] += half_up(total(chosen) * dec(rule["rate"]) / 100)
        net = total(lines) - funded - sum(received.values())

        counts = (
            sum(len(batch) for _, _, batch in entered),
            len(first),
            sum(or_default(each, "pupils", 0) for _, _, batch in entered for each in batch),
        )
        ratios = [money(half_up(total(lines) / count)) if count else None for count in counts]
        self.announced(lines, {grant_id: amount for grant_id, amount, _ in grants}, funded, share, net)
        return {
            "totals": amounts(lines),
            "by_exercise": by_exercise,
            "by_heading": by("heading", "section"),
            "by_section": by("section"),
            "by_account": by("account"),
            "by_payer": by("payer"),
            "by_school": by_school,
            "quantities": [
                {"item": item, "exercise": year, "quantity": quantity}
                for (year, item), quantity in sorted(bought.items())
            ],
            "payment_credits": payment,
            "funding": {
                "grants": [grant for _, _, grant in sorted(grants, key=lambda each: each[0])],
                "total": money(funded),
                "own_share_ht": money(share),
                "own_share_rate": money(half_up(share * 100 / base)) if base else None,
            },
            "fctva": [{"exercise": y, "amount": money(received[y])} for y in sorted(received) if received[y]],
            "net_cost": money(net),
            "ratios": dict(zip(("ttc_per_class", "ttc_per_school", "ttc_per_pupil"), ratios, strict=True)),
            "findings": sorted(self.findings),
        }

    def announced(self, lines, grants, funded, share, net):
        for position, each in enumerate(self.list("announced")):
            key, stated = each["key"], dec(each["amount"])
            if key == "funding.total":
                value = funded
            elif key == "funding.own_share_ht":
                value = share
            elif key == "net_cost":
                value = net
            elif key.startswith("grants."):
                value = grants[key.removeprefix("grants.")]
            else:
                rest, what = key.rsplit(".", 1)
                table, _, name = rest.partition(".")
                chosen = [
                    line
                    for line in lines
                    if table == "totals"
                    or (table == "by_exercise" and str(line.exercise) == name)
                    or (table == "by_section" and line.section == name)
                    or (table == "by_heading" and line.heading == name)
                ]
                value = sum((getattr(line, what) for line in chosen), Fraction(0))
            if stated == value:
                continue
            if stated == half_up(value, Fraction(1)):
                self.finding("ANNOUNCED_ROUNDED", "info", f"announced[{position}]", value, stated)
            else:
                self.finding("ANNOUNCED_DIFFERS", "warning", f"announced[{position}]", value, stated)


def simulate(document):
    """The output document, its findings as sorted tuples without their message."""
    return Reference(document).run()
