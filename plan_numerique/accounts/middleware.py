from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from plan_numerique.accounts.access import Scope

SESSION_KEY = "authority"


def scope(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.scope = SimpleLazyObject(lambda: Scope(request.user, request.session.get(SESSION_KEY)))
        return get_response(request)

    return middleware
