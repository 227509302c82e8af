from deliberations.reports.acts import certificate, extract
from deliberations.reports.paper import render_paper
from deliberations.reports.sittings import examined, minutes, register

__all__ = ["certificate", "examined", "extract", "minutes", "register", "render_paper"]
