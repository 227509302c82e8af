"""What the REST framework's settings name: pages and refusals. Apart from `web.api`, which the framework imports after them."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from plan_numerique.shared.errors import DomainError


class Pagination(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 500


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Refusals of the core and of the models answer 400 with the field and the sentence."""
    if isinstance(error, DomainError):
        error = ValidationError({error.field or "non_field_errors": [error.message]})
    elif isinstance(error, DjangoValidationError):
        detail = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        error = ValidationError(
            {("non_field_errors" if key == "__all__" else key): value for key, value in detail.items()}
        )
    return drf_exception_handler(error, context)
