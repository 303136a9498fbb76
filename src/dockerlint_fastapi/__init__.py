"""dlf: a linter for the Dockerfiles, compose files and `.dockerignore` of FastAPI projects."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.api import lint_files
    from dockerlint_fastapi.finding import Creation, Edit, Finding, Fix, Note

__all__ = ["Creation", "Edit", "Finding", "Fix", "Note", "__version__", "lint_files"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """A public name, imported when it is first asked for: the program has something to set up before it imports more
    (`cli.main`), and rules and `dlf check` do without `lint_files`.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "api" if name == "lint_files" else "finding"
    value: object = getattr(__import__(f"{__name__}.{module}", fromlist=(name,)), name)
    globals()[name] = value
    return value
