"""Rows that live on the page of their sitting or act."""

from deliberations import permissions
from plan_numerique.web.views import Child, ChildDeletePage, ChildEditPage


class OfSitting(Child):
    permission, authority_path = permissions.EDIT, "sitting__assembly__authority"
    parent, home = "sitting", "deliberations:sitting_detail"
    crumbs = (("Séances", "/seances/"),)


class OfAct(Child):
    permission, authority_path = permissions.EDIT, "act__sitting__assembly__authority"
    parent, home = "act", "deliberations:act_compose"
    crumbs = (("Délibérations", "/deliberations/"),)


class OfSittingEdit(OfSitting, ChildEditPage):
    list_url = "deliberations:sitting_list"


class OfSittingDelete(OfSitting, ChildDeletePage):
    pass


class OfActEdit(OfAct, ChildEditPage):
    list_url = "deliberations:act_list"


class OfActDelete(OfAct, ChildDeletePage):
    pass
