"""The application that a server imports: found as Python finds it, and read for its routes. Nothing is ever run."""

from __future__ import annotations

from dockerlint_fastapi.model.application.application import Application
from dockerlint_fastapi.model.application.health import Unrouted, lacks_health_route, unrouted
from dockerlint_fastapi.model.application.import_path import Found, ImportPath, Root
from dockerlint_fastapi.model.application.import_string import Malformed, Target, target_of
from dockerlint_fastapi.model.application.module import Module
from dockerlint_fastapi.model.application.own_imports import Lack, WayOut
from dockerlint_fastapi.model.application.routes import Route
from dockerlint_fastapi.model.application.search import Candidate, Fault, Search

__all__ = [
    "Application",
    "Candidate",
    "Fault",
    "Found",
    "ImportPath",
    "Lack",
    "Malformed",
    "Module",
    "Root",
    "Route",
    "Search",
    "Target",
    "Unrouted",
    "WayOut",
    "lacks_health_route",
    "target_of",
    "unrouted",
]
