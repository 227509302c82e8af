from django.contrib import admin

from deliberations.models import AttachmentType, Classification, Matter, Publication, Transmission, TransmissionProfile
from plan_numerique.web.admin import ReadOnly


@admin.register(TransmissionProfile)
class TransmissionProfileAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("authority", "operator", "siret")
    list_select_related = ("authority",)


@admin.register(Classification)
class ClassificationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("dated_on", "authority", "source")
    list_select_related = ("authority",)


@admin.register(Matter)
class MatterAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "label", "classification")
    list_select_related = ("classification",)
    search_fields = ("code", "label")


@admin.register(AttachmentType)
class AttachmentTypeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "label", "nature", "classification")
    list_select_related = ("classification",)


@admin.register(Transmission)
class TransmissionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("identifier", "act", "state", "sent_on", "received_on")
    list_select_related = ("act",)
    search_fields = ("identifier",)


@admin.register(Publication)
class PublicationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("document", "posted_at", "author_name", "withdrawn_at")
    list_select_related = ("document",)
