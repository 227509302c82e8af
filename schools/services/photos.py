"""Pictures taken on site: read by what they hold, not by their name, drawn again without the place and the device that a phone writes."""

import hashlib
import struct
import zlib
from datetime import datetime
from io import BytesIO

from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from plan_numerique.accounts.models import User
from plan_numerique.audit import services as audit
from plan_numerique.documents import services as documents
from plan_numerique.shared.errors import DomainError
from schools import permissions
from schools.models import Diagnostic, Photo, Question
from schools.services.answers import told_moment
from schools.services.diagnostics import hold_open

MOST_PHOTOS = 40
LARGEST_PHOTO = 15 * 1024 * 1024
LONGEST_SIDE, THUMBNAIL_SIDE = 2000, 480
MOST_PIXELS = 50_000_000
QUALITY = 82
FORMATS = ("JPEG", "PNG")
MEDIA_TYPE = "image/jpeg"
TOO_LARGE = "La photo pèse plus de 15 Mo : la réduire, ou régler l'appareil sur une définition plus basse."
NOT_A_PICTURE = "Ce fichier n'est ni une photo JPEG ni une image PNG, ou il est abîmé."
BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, EOFError, struct.error, zlib.error, MemoryError)
"""What the reader raises on a file that is not what its first bytes say."""


def add_photo(
    *,
    diagnostic: Diagnostic,
    content: bytes,
    by: User | None,
    caption: str = "",
    taken_at: datetime | None = None,
    question: Question | None = None,
) -> Photo:
    """The same picture sent twice (a network that drops before the answer) is kept once."""
    picture = redrawn(content)
    now = timezone.now()
    authority = diagnostic.campaign.authority
    with audit.action("schools.photo_added", "Photo ajoutée", by=by, authority=authority, target=diagnostic):
        row = hold_open(diagnostic)
        digest = hashlib.sha256(picture).hexdigest()
        known = row.photos.filter(document__sha256=digest).select_related("document").first()
        if known is not None:
            return known
        if row.photos.count() >= MOST_PHOTOS:
            raise DomainError(f"Un diagnostic garde {MOST_PHOTOS} photos au plus : en supprimer une.", field="photo")
        document = documents.store(
            authority=authority,
            title=f"Photo du diagnostic : {row.school}"[:200],
            kind="photo-de-diagnostic",
            filename=f"photo-{row.pk}-{digest[:8]}.jpg",
            media_type=MEDIA_TYPE,
            content=picture,
            roles=permissions.VIEW_DIAGNOSTICS.roles,
            by=by,
        )
        photo = Photo(
            diagnostic=row,
            question=question,
            document=document,
            caption=caption.strip()[:160],
            taken_at=told_moment(taken_at, now),
        )
        return audit.save(instance=photo, by=by, authority=authority)


def set_caption(*, photo: Photo, caption: str, by: User | None) -> Photo:
    authority = photo.diagnostic.campaign.authority
    with audit.action("schools.photo_captioned", "Légende d'une photo", by=by, authority=authority, target=photo):
        row = Photo.objects.select_related("diagnostic__campaign__authority", "document").get(pk=photo.pk)
        hold_open(row.diagnostic)
        row.caption = caption.strip()
        return audit.save(instance=row, by=by, authority=authority)


def delete_photo(*, instance: Photo, by: User | None, reason: str = "") -> None:
    authority, document = instance.diagnostic.campaign.authority, instance.document
    with audit.action(
        "schools.photo_deleted", "Photo supprimée", by=by, authority=authority, target=instance, reason=reason
    ):
        hold_open(instance.diagnostic)
        audit.delete(instance=instance, by=by, authority=authority)
        documents.discard(document=document, by=by)


def redrawn(content: bytes) -> bytes:
    """JPEG of 2000 pixels at most, upright, holding nothing but the picture."""
    if len(content) > LARGEST_PHOTO:
        raise DomainError(TOO_LARGE, field="photo")
    return _drawn(content, LONGEST_SIDE)


def thumbnail(photo: Photo) -> bytes:
    return _drawn(documents.read(photo.document), THUMBNAIL_SIDE)


def _drawn(content: bytes, side: int) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as source:
            width, height = source.size
            if width * height > MOST_PIXELS:
                raise DomainError(_too_many(width, height), field="photo")
            source.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(source)
            upright.thumbnail((side, side))
            return _saved(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DomainError(f"La photo a plus de {MOST_PIXELS // 1_000_000} millions de points.", field="photo") from None
    except (UnidentifiedImageError, *BROKEN):
        raise DomainError(NOT_A_PICTURE, field="photo") from None


def _too_many(width: int, height: int) -> str:
    most = MOST_PIXELS // 1_000_000
    return (
        f"La photo a {width} × {height} points : {most} millions au plus, c'est {width * height // 1_000_000} millions."
    )


def _saved(picture: Image.Image) -> bytes:
    """On a new sheet, white under what is transparent: none of what the file said beside the picture follows."""
    layer = picture.convert("RGBA")
    sheet = Image.new("RGB", layer.size, "white")
    sheet.paste(layer, mask=layer.getchannel("A"))
    out = BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
