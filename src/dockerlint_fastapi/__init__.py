"""dlf: a linter for the Dockerfiles, compose files and `.dockerignore` of FastAPI projects."""

from dockerlint_fastapi.finding import Creation, Edit, Finding, Fix, Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.api import lint_files

__all__ = ["Creation", "Edit", "Finding", "Fix", "Note", "__version__", "lint_files"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`lint_files`, which is imported when it is asked for: rules and `dlf check` do without."""
    if name == "lint_files":
        from dockerlint_fastapi.api import lint_files  # noqa: PLC0415 - as it says

        return lint_files
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
