from plan_numerique.web.views.ask import AskPage
from plan_numerique.web.views.base import Action, Page, Tab
from plan_numerique.web.views.child import Child, ChildDeletePage, ChildEditPage
from plan_numerique.web.views.detail import DetailPage
from plan_numerique.web.views.edit import DeletePage, EditPage
from plan_numerique.web.views.list import BulkAction, FilteredPage, ListPage

__all__ = [
    "Action",
    "AskPage",
    "BulkAction",
    "Child",
    "ChildDeletePage",
    "ChildEditPage",
    "DeletePage",
    "DetailPage",
    "EditPage",
    "FilteredPage",
    "ListPage",
    "Page",
    "Tab",
]
