"""What the REST framework's settings name: pages and refusals. Apart from `web.api`, which the framework imports after them."""

import json
import re
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from plan_numerique.shared.errors import DomainError

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class StrictJSONParser(JSONParser):
    """Also refuses, once for every serializer, what no field may meet: numbers beyond any (1e400), text that is no text (a lone
    surrogate) and nesting without end."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode((parser_context or {}).get("encoding") or "utf-8")
            data = json.loads(text, parse_float=_finite, parse_constant=_finite)
            if SURROGATE.search(text):
                json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(f"JSON invalide : {str(error)[:200].encode('ascii', 'replace').decode()}") from None
        return data


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text[:40])
    return number


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
    # Not while this module is read: it reads the settings, which name this module.
    from rest_framework.views import exception_handler as told

    return told(error, context)
