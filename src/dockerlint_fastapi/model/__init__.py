"""What rules see: immutable nodes that know their place and answer questions; `None` means "cannot tell"."""

from dockerlint_fastapi.model.bases.base_image import BaseImage, Reference
from dockerlint_fastapi.model.command import UNKNOWN, Argument, Program, Server, Value
from dockerlint_fastapi.model.compose import ComposeFile, Service
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.context import BuildContext
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.dockerfile import (
    Add,
    Arg,
    Cmd,
    Command,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Run,
    Stage,
    Transfer,
    User,
    Workdir,
)
from dockerlint_fastapi.model.evidence import Evidence
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.install import Step
from dockerlint_fastapi.model.project import Project

__all__ = [
    "UNKNOWN",
    "Add",
    "Arg",
    "Argument",
    "BaseImage",
    "BuildContext",
    "Cmd",
    "Command",
    "ComposeFile",
    "Container",
    "Copy",
    "Deployment",
    "Dockerfile",
    "Entrypoint",
    "Env",
    "Evidence",
    "Expose",
    "From",
    "Healthcheck",
    "Image",
    "Instruction",
    "Label",
    "Program",
    "Project",
    "Reference",
    "Run",
    "Server",
    "Service",
    "Stage",
    "Step",
    "Transfer",
    "User",
    "Value",
    "Workdir",
]
