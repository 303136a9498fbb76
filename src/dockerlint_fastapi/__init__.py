"""dlf: a linter for the Dockerfiles, compose files and `.dockerignore` of FastAPI projects."""

from dockerlint_fastapi.finding import Edit, Finding, Fix, Note

__all__ = ["Edit", "Finding", "Fix", "Note", "__version__"]

__version__ = "0.1.0"
