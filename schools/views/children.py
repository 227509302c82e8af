"""Rows that live on the page of their school."""

from plan_numerique.web.views import Child, ChildDeletePage, ChildEditPage


class OfSchool(Child):
    authority_path = "school__authority"
    parent, home = "school", "schools:school_detail"
    crumbs = (("Écoles", "/ecoles/"),)


class SchoolChildEdit(OfSchool, ChildEditPage):
    list_url = "schools:school_list"


class SchoolChildDelete(OfSchool, ChildDeletePage):
    pass


class OfPhoto(ChildDeletePage):
    """A photo is shown on the page of its diagnostic."""

    authority_path = "diagnostic__campaign__authority"
    parent, home = "diagnostic", "schools:diagnostic_detail"
    crumbs = (("Diagnostics", "/campagnes-de-diagnostics/"),)
