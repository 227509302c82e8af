"""The message sent to one member: text and HTML, the sitting for their calendar. It says nothing of any other member."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from icalendar import Calendar, Event

from deliberations.models import Convocation, Invitation, Sitting
from deliberations.queries.convening import opening_of
from deliberations.reports.convocation import hour, kind_of_sent, opening_line, salutation
from deliberations.reports.paper import weekday
from deliberations.reports.signing import head_place
from plan_numerique.documents.templatetags.report import long_day

CALENDAR_TYPE = "text/calendar"
CALENDAR_NAME = "seance.ics"
MAIL = "deliberations/mail_convocation.html"


def link_of(token: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse('deliberations:invitation_answer', args=[token])}"


def one_line(text: str) -> str:
    """For a header: no line break, no other control character."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def message_for(
    invitation: Invitation, token: str, agenda: Sequence[dict[str, Any]], calendar: bytes, *, reminder: bool = False
) -> EmailMultiAlternatives:
    convocation = invitation.convocation
    sitting = convocation.sitting
    authority = sitting.assembly.authority
    said = {
        "authority": authority.name,
        "member": invitation.mandate.display_name,
        "salutation": salutation(invitation.mandate),
        "signatory": head_place(sitting),
        "opening": opening_line(sitting),
        "assembly": sitting.assembly.name,
        "day": weekday(sitting.held_on),
        "hour": hour(sitting),
        "place": sitting.place,
        "message": convocation.message.strip(),
        "agenda": agenda,
        "link": link_of(token),
        "reminder": reminder,
        "number": convocation.number,
        "notice": authority.notice,
    }
    about = "Relance" if reminder else kind_of_sent(convocation)
    mail = EmailMultiAlternatives(
        subject=one_line(f"{about} : {sitting.assembly.name}, séance du {long_day(sitting.held_on)}"),
        body=text_of(said),
        from_email=formataddr((one_line(authority.name), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[invitation.email],
    )
    mail.attach_alternative(render_to_string(MAIL, said), "text/html")
    mail.attach(CALENDAR_NAME, calendar.decode(), CALENDAR_TYPE)
    return mail


def text_of(said: dict[str, Any]) -> str:
    """Plain text, one idea a paragraph."""
    opening = said["opening"]
    if said["reminder"]:
        opening = f"Votre réponse à cette convocation n’est pas encore parvenue. {opening}"
    items = "\n".join(_item_line(rank, item) for rank, item in enumerate(said["agenda"], 1))
    parts = [
        said["member"],
        said["salutation"],
        opening,
        said["message"],
        f"Ordre du jour\n{items}",
        f"Les documents, et votre réponse (présent, absent, ou pouvoir à un collègue) :\n{said['link']}",
        "Ce lien vous est personnel : ne pas transmettre ce message. Il est valable jusqu’à l’ouverture de la séance et "
        "remplace ceux des messages précédents.",
        "\n".join(filter(None, (said["signatory"]["title"], said["signatory"]["name"]))),
        said["authority"],
        said["notice"],
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _item_line(rank: int, item: dict[str, Any]) -> str:
    number = f" ({item['number']})" if item["number"] else ""
    return f"  {rank}. {item['title']}{number}"


def calendar_of(sitting: Sitting, convocations: Sequence[Convocation]) -> bytes:
    """A plain event, without an answer asked for nor a link: calendars are shared. The same identifier whatever the convocation."""
    last = max(convocations, key=lambda row: row.number)
    host = urlsplit(settings.SITE_URL).hostname or "plan-numerique"
    event = Event()
    event.add("uid", f"seance-{sitting.pk}@{host}")
    event.add("sequence", last.number)
    event.add("dtstamp", last.sent_at.astimezone(UTC))
    event.add("dtstart", opening_of(sitting))
    event.add("summary", f"{sitting.assembly.name} ({sitting.assembly.authority.name})")
    event.add("location", sitting.place)
    event.add("description", _described(convocations))
    calendar = Calendar()
    calendar.add("prodid", "-//Plan numerique//Seances//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones(first_date=datetime(sitting.held_on.year, 1, 1, tzinfo=UTC).date())
    content: bytes = calendar.to_ical()
    return content


def _described(convocations: Sequence[Convocation]) -> str:
    titles = [item["title"] for row in sorted(convocations, key=lambda row: row.number) for item in row.agenda]
    lines = [f"{rank}. {title}" for rank, title in enumerate(dict.fromkeys(titles), 1)]
    return "\n".join(["Ordre du jour", *lines])
