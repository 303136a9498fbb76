"""Which server a Python program starts: the calls that running it certainly leads to.

A program is followed from its first statement, or from the function that an entry point names, through `if` tests that
can be evaluated and functions of the project, until a call that serves. Calls that may or may not be reached are kept
apart: where one of several will run, only what they agree on is known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.parsers.command import programs_of
from dockerlint_fastapi.parsers.python.names import (
    Definition,
    Function,
    Module,
    Scope,
    arguments_of,
    bindings,
    dotted,
    member,
    resolve,
)
from dockerlint_fastapi.parsers.python.values import Known, evaluate
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.parsers.python.arguments import Handed, Parsed


_MAX_CALLS: Final = 8  # functions that call each other, from the program's first
_MAX_STATEMENTS: Final = 20_000  # looked at in one program

# The calls that serve, and the server that each of them is.
_SERVING: Final = {
    "uvicorn.run": "uvicorn",
    "uvicorn.main.run": "uvicorn",
    "uvicorn.Server": "uvicorn",
    "uvicorn.server.Server": "uvicorn",
    "granian.Granian": "granian",
    "granian.server.Granian": "granian",
    "granian.server.Server": "granian",
    "hypercorn.asyncio.serve": "hypercorn",
    "hypercorn.trio.serve": "hypercorn",
    "hypercorn.run.run": "hypercorn",
}
# Classes that serve when they, or classes derived from them, are made.
_SERVING_CLASSES: Final = {
    "uvicorn.Server": "uvicorn",
    "uvicorn.server.Server": "uvicorn",
    "gunicorn.app.base.BaseApplication": "gunicorn",
    "gunicorn.app.base.Application": "gunicorn",
    "gunicorn.app.wsgiapp.WSGIApplication": "gunicorn",
}
_CONFIGS: Final = frozenset({"uvicorn.Config", "uvicorn.config.Config"})
_CHILD: Final = frozenset(
    {"subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.Popen", "os.system"}
)
_EXEC: Final = {"os.execvp": 1, "os.execv": 1, "os.execvpe": 1, "os.execve": 1}  # the place of the list of arguments
_EXEC_WORDS: Final = frozenset({"os.execlp", "os.execl"})
_RUNNERS: Final = frozenset(
    {"asyncio.run", "anyio.run", "trio.run", "uvloop.run", "typer.run", "fire.Fire", "fire.core.Fire", "tyro.cli"}
)
# What runs a function that it is handed in a thread, by name or as a method, and the place of that function.
_HANDED_ON: Final = {"asyncio.to_thread": 0, "anyio.to_thread.run_sync": 0}
_HANDED_ON_METHODS: Final = {"run_in_executor": 1, "submit": 0}
# The programs of servers themselves: they read the words of the program, or a list of words.
_PROGRAMS: Final = {
    "uvicorn.main": "uvicorn",
    "uvicorn.main.main": "uvicorn",
    "gunicorn.app.wsgiapp.run": "gunicorn",
    "hypercorn.__main__.main": "hypercorn",
}
# What runs a function beside what follows it.
_BESIDE: Final = frozenset(
    {
        "threading.Thread",
        "multiprocessing.Process",
        "multiprocessing.context.Process",
        "multiprocessing.process.BaseProcess",
    }
)
# Methods in which a bot asks its server for messages, without an end (aiogram, python-telegram-bot, pyTelegramBotAPI),
# or a client its broker (paho-mqtt).
_POLLS: Final = frozenset({"start_polling", "run_polling", "infinity_polling", "loop_forever"})
# What a module names that answers others itself, behind whose start it waits.
_SERVES: Final = r"(?i)serve|listen|grpc|socket|aiohttp|sanic|quart"
# What a loop of a server calls, or of a program for a person.
_ANSWERS: Final = frozenset({"accept", "handle_request", "input", "select", "recv", "recvfrom"})
_EXITS: Final = frozenset({"sys.exit", "exit", "quit", "os._exit"})
_ORDER: Final[Mapping[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
}
_CLIS: Final = frozenset({"typer.Typer", "click.group", "typer.main.Typer"})


class ServingCall(NamedTuple):
    """A call that serves. `arguments` is the call that holds the settings (`uvicorn.Config(…)` within a `Server(…)`),
    None when they are not to be seen.
    """

    kind: str
    name: str  # `uvicorn.run`
    call: ast.Call
    arguments: ast.Call | None
    scope: Scope


class ChildCall(NamedTuple):
    """A call that starts another program: `subprocess.run(["uvicorn", …])`. `execs` is True when it replaces Python."""

    words: tuple[Argument, ...]
    execs: bool


Start = ServingCall | ChildCall


class Outcome(NamedTuple):
    """Where statements lead to: the calls that one of which serves, and whether one of them certainly does.

    `ends` tells whether what stands behind is not reached (True), may not be (None), or is (False). `beside` is True
    when one of them certainly serves in a thread or process of its own, and the program goes on. `stays` is True when
    it serves or ends before, so that one which stays up serves (`if is_disabled: sys.exit(0)`).
    """

    found: tuple[Start, ...] = ()
    certain: bool = False
    ends: bool | None = False
    beside: bool = False
    stays: bool = False
    polls: bool = False  # of a whole program: a bot of it asks for messages, or it works in an endless loop


def starts_of_module(module: Module, argv: Sequence[str | None]) -> Outcome:
    """Where it leads to run a module as the program; `argv` are the words behind it, None for one that is unknown."""
    walk = _Walk(argv)
    return walk.whole(walk.block(module.text.syntax.tree.body, Scope(module), 0))


def _is_endless(loop: ast.While) -> bool:
    """Whether nothing leaves a loop (`while True:`), whose condition always holds, and it answers nobody."""
    for node in ast.walk(loop):
        if isinstance(node, (ast.Break, ast.Return, ast.Raise)):
            return False
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _ANSWERS or name in _EXITS or name == "exit":
                return False
    return True


def _waits_for_ever(call: ast.Call, scope: Scope) -> bool:
    """Whether what is awaited never comes, as nobody else has it: `asyncio.Future()`, `asyncio.Event().wait()`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "wait" and isinstance(call.func.value, ast.Call):
        return dotted(call.func.value.func, scope) in ("asyncio.Event", "anyio.Event", "trio.Event")
    return dotted(call.func, scope) in ("asyncio.Future", "asyncio.futures.Future", "anyio.sleep_forever")


def starts_of_function(module: Module, name: str, argv: Sequence[str | None]) -> Outcome:
    """Where it leads to call a module's attribute of that name without arguments, as an entry point does."""
    found = member(module, name.partition(".")[0])
    walk = _Walk(argv)
    return Outcome() if found is None or "." in name else walk.whole(walk.command_line(found, name, 0))


class _Walk:
    """One way through a program."""

    def __init__(self, argv: Sequence[str | None]) -> None:
        self.argv = tuple(argv)
        self.left = _MAX_STATEMENTS
        self.path: list[ast.AST] = []  # the functions that are being followed
        self.selves: list[tuple[Scope, str, Definition]] = []  # in which scope of a method which name is of which class
        self.polls = False

    def whole(self, outcome: Outcome) -> Outcome:
        """What statements come to that are all of the program."""
        return outcome._replace(certain=outcome.certain or outcome.beside, polls=self.polls)

    def block(self, statements: Sequence[ast.stmt], scope: Scope, depth: int) -> Outcome:
        """Statements one after the other, up to the first that certainly serves or ends."""
        found: list[Start] = []
        may_have_ended = beside = False
        for statement in statements:
            self.left -= 1
            if self.left < 0:
                return Outcome(tuple(found), ends=None)
            outcome = self.statement(statement, scope, depth)
            found.extend(outcome.found)
            if outcome.certain:
                return Outcome(tuple(found), certain=not may_have_ended, ends=True, stays=True)
            beside = beside or (outcome.beside and not may_have_ended)
            if outcome.stays:
                return Outcome(tuple(found), ends=None, beside=beside, stays=True)
            if outcome.ends is True:
                return Outcome(tuple(found), ends=None if may_have_ended else True, beside=beside)
            may_have_ended = may_have_ended or outcome.ends is None
        return Outcome(tuple(found), ends=None if may_have_ended else False, beside=beside)

    def statement(self, node: ast.stmt, scope: Scope, depth: int) -> Outcome:
        """One statement."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
                return Outcome()
            case ast.If():
                return self._if(node, scope, depth)
            case ast.Try():
                return self._try(node, scope, depth)
            case ast.Expr(value=ast.Await(value=ast.Call() as call)) if _waits_for_ever(call, scope):
                self.polls = self.polls or re.search(_SERVES, scope.module.text.syntax.source.text) is None
                return Outcome(ends=True)
            case ast.With() | ast.AsyncWith():
                outcome = self._expressions([item.context_expr for item in node.items], scope, depth)
                return outcome if outcome.certain else self.block(node.body, scope, depth)
            case ast.While():
                test = evaluate(node.test, scope)
                if test is not None and not test.value:
                    return self.block(node.orelse, scope, depth)
                body = self.block(node.body, scope, depth)
                self.polls = self.polls or (test is not None and not self.path and _is_endless(node))
                return body if test is not None else self._maybe(body)
            case ast.For() | ast.AsyncFor():
                return self._maybe(self.block(node.body, scope, depth))
            case ast.Match():
                return self._merged([self.block(case.body, scope, depth) for case in node.cases] + [Outcome()])
            case ast.Return():
                outcome = self._expressions([node.value] if node.value else [], scope, depth)
                return outcome._replace(ends=True)
            case ast.Raise():  # `raise SystemExit(main())`
                outcome = self._expressions([node.exc] if node.exc else [], scope, depth)
                return outcome._replace(ends=True)
            case _:
                return self._expressions(
                    [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)], scope, depth
                )

    def _if(self, node: ast.If, scope: Scope, depth: int) -> Outcome:
        first = self._expressions([node.test], scope, depth)
        if first.found:
            return first
        test = evaluate(node.test, scope)
        chosen = bool(test.value) if test is not None else self._has_words(node.test, scope)
        if chosen is not None:
            return self.block(node.body if chosen else node.orelse, scope, depth)
        body, other = self.block(node.body, scope, depth), self.block(node.orelse, scope, depth)
        # `if not ready: sys.exit(1)`: a program that fails is not another way to serve.
        ways = ((other, node.body, body), (body, node.orelse, other))
        for one, failing, outcome in ways:
            if failing and (_fails(failing[-1], scope) or (not outcome.found and _complains(failing[-1]))):
                return one
        return self._merged([body, other])

    def _has_words(self, test: ast.expr, scope: Scope) -> bool | None:
        """What `len(sys.argv) > 1` is; None for any other test, and when the words cannot be told."""
        match test:
            case ast.Compare(
                left=ast.Call(func=ast.Name("len"), args=[words], keywords=[]),
                ops=[operator],
                comparators=[ast.Constant(int() as number)],
            ) if type(operator) in _ORDER and None not in self.argv and dotted(words, scope) == "sys.argv":
                return _ORDER[type(operator)](len(self.argv) + 1, number)  # the first word is the program itself
        return None

    def _try(self, node: ast.Try, scope: Scope, depth: int) -> Outcome:
        body = self.block([*node.body, *node.orelse], scope, depth)
        if body.certain or body.stays:
            return body
        handlers = [self._maybe(self.block(handler.body, scope, depth)) for handler in node.handlers]
        last = self.block(node.finalbody, scope, depth)
        found = (*body.found, *(one for handler in handlers for one in handler.found), *last.found)
        ends = True if body.ends is True and not node.handlers else body.ends or last.ends
        return Outcome(found, last.certain, ends, beside=body.beside or last.beside)

    @staticmethod
    def _maybe(outcome: Outcome) -> Outcome:
        """What may not be reached at all."""
        return Outcome(outcome.found, ends=False if outcome.certain or outcome.ends is False else None)

    @staticmethod
    def _merged(outcomes: Sequence[Outcome]) -> Outcome:
        """One of several ways. One that serves is not one on which something behind is left out."""
        found = tuple(one for outcome in outcomes for one in outcome.found)
        certain = bool(outcomes) and all(outcome.certain for outcome in outcomes)
        ends = {False if outcome.certain else outcome.ends for outcome in outcomes}
        beside = not certain and bool(outcomes) and all(outcome.certain or outcome.beside for outcome in outcomes)
        return Outcome(found, certain, ends.pop() if len(ends) == 1 else None, beside)

    def _expressions(self, expressions: Sequence[ast.expr], scope: Scope, depth: int) -> Outcome:
        """The calls within expressions, the inner ones first."""
        found: list[Start] = []
        ends: bool | None = False
        beside = False
        for expression in expressions:
            for call in _calls(expression):
                outcome = self.call(call, scope, depth)
                found.extend(outcome.found)
                beside = beside or outcome.beside
                if outcome.certain or outcome.ends is True:
                    return Outcome(tuple(found), outcome.certain, True)
                if outcome.stays:
                    return Outcome(tuple(found), ends=None, beside=beside, stays=True)
                ends = None if outcome.ends is None else ends
        return Outcome(tuple(found), ends=ends, beside=beside)

    def call(self, call: ast.Call, scope: Scope, depth: int) -> Outcome:
        """One call: of something that serves, starts a program, exits, or is a function of the project."""
        name = dotted(call.func, scope)
        self.polls = self.polls or (isinstance(call.func, ast.Attribute) and call.func.attr in _POLLS)
        if name in _EXITS:
            return Outcome(ends=True)
        if name in _SERVING:
            return Outcome((_serving(_SERVING[name], name, call, scope),), certain=True, ends=True)
        if name in _PROGRAMS:
            return Outcome((ServingCall(_PROGRAMS[name], name, call, None, scope),), certain=True, ends=True)
        if name is not None and (name in _CHILD or name in _EXEC or name in _EXEC_WORDS):
            return _started(name, call, scope)
        handed = _handed_on(name, call, scope)
        if handed is not None:
            return self.call(handed, scope, depth)
        if name in _RUNNERS and call.args and isinstance(call.args[0], (ast.Name, ast.Attribute)):
            found = resolve(call.args[0], scope)
            return Outcome() if found is None else self.command_line(found, "", depth)
        if name in _BESIDE:
            return self._aside(call, scope, depth)
        found = resolve(call.func, scope)
        if found is None and isinstance(call.func, ast.Attribute):
            return self._dispatched(call.func, call, scope, depth) or self._method(call.func, call, scope, depth)
        if found is None or depth >= _MAX_CALLS:
            return Outcome()
        if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if _is_command(found):
                return self.command_line(found, "", depth)
            return self.function(found, _given(call, found.node, scope), depth)
        if isinstance(found.node, ast.Call):
            return self.command_line(found, call.func.id if isinstance(call.func, ast.Name) else "", depth)
        if isinstance(found.node, ast.ClassDef):
            kind = _kind_of_class(found)
            if kind is not None:
                return Outcome((_serving(kind, f"{kind}.Server", call, scope),), certain=True, ends=True)
            made = _method_of(found, "__init__")
            if made is not None and isinstance(made.node, ast.FunctionDef) and made.node.args.args:
                own = made.node.args.args[0].arg
                return self.function(made, _given(call, made.node, scope, bound=own), depth, (own, found))
        return Outcome()

    def _aside(self, made: ast.Call, scope: Scope, depth: int) -> Outcome:
        """A thread or process, which runs its target beside what follows: `Thread(target=serve, args=(8000,))`."""
        given = {one.arg: one.value for one in made.keywords}
        target = given.get("target", made.args[1] if len(made.args) > 1 else None)
        if not isinstance(target, (ast.Name, ast.Attribute)) or not _is_started(scope):
            return Outcome()
        words = given.get("args")
        named = given.get("kwargs")
        arguments = list(words.elts) if isinstance(words, (ast.Tuple, ast.List)) else []
        keywords = [ast.copy_location(ast.keyword(None, named), named)] if named is not None else []
        if words is not None and not isinstance(words, (ast.Tuple, ast.List)):
            arguments = [ast.copy_location(ast.Starred(words, ast.Load()), words)]
        run = ast.copy_location(ast.Call(target, arguments, keywords), made)
        outcome = self.call(run, scope, depth)
        return Outcome(outcome.found, beside=outcome.certain or outcome.beside)

    def _dispatched(self, called: ast.Attribute, call: ast.Call, scope: Scope, depth: int) -> Outcome | None:
        """The function of the command that the words behind the program name: `args.func(args)`."""
        if not scope.module.library.words or not isinstance(called.value, ast.Name) or depth >= _MAX_CALLS:
            return None
        from dockerlint_fastapi.parsers.python.subcommands import chosen  # noqa: PLC0415  # few programs have commands

        picked = chosen(called, scope)
        if picked is None or not isinstance(picked[0].node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        found, parsed = picked
        arguments: dict[str, object] = dict.fromkeys(name for name, _ in arguments_of(picked[0].node))
        given = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if isinstance(given, ast.Name) and given.id == called.value.id and arguments:
            arguments[next(iter(arguments))] = parsed
        return self.function(found, arguments, depth)

    def _method(self, called: ast.Attribute, call: ast.Call, scope: Scope, depth: int) -> Outcome:
        """A method of an instance of a class of the project."""
        of = self._class_of(called.value, scope)
        itself = resolve(called.value, scope) if of is None else None
        if itself is not None and isinstance(itself.node, ast.ClassDef):
            return self._of_class(itself, called.attr, call, scope, depth)
        found = _method_of(of, called.attr) if of is not None else None
        if of is None or found is None or not isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Outcome()
        decorators = set(_decorators(found))
        if not decorators <= {"staticmethod"}:
            return Outcome()
        own = None if decorators else next((name for name, _ in arguments_of(found.node)), None)
        arguments = _given(call, found.node, found.scope if own is None else scope, bound=own)
        return self.function(found, arguments, depth, own if own is None else (own, of))

    def _of_class(self, of: Definition, name: str, call: ast.Call, scope: Scope, depth: int) -> Outcome:
        """A method of a class of the project that is called on the class itself."""
        found = _method_of(of, name)
        if found is None or not isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Outcome()
        decorators = set(_decorators(found))
        if decorators == {"staticmethod"}:
            return self.function(found, _given(call, found.node, scope), depth)
        own = next((one for one, _ in arguments_of(found.node)), None) if decorators == {"classmethod"} else None
        return Outcome() if own is None else self.function(found, _given(call, found.node, scope, bound=own), depth)

    def _class_of(self, value: ast.expr, scope: Scope) -> Definition | None:
        """The class of the project of which a value is certainly an instance."""
        if isinstance(value, ast.Name):
            holder = scope.holder_of(value.id)
            for inside, name, of in reversed(self.selves):
                if holder is inside and name == value.id:
                    return of
        made = resolve(value, scope)
        if made is None or not isinstance(made.node, ast.Call):
            return None
        found = resolve(made.node.func, made.scope)
        return found if found is not None and isinstance(found.node, ast.ClassDef) else None

    def function(
        self,
        found: Definition,
        arguments: Mapping[str, object],
        depth: int,
        own: tuple[str, Definition] | None = None,
    ) -> Outcome:
        """The body of a function, called with those arguments; what follows the call is reached when it returns. `own`
        is the name by which a method calls its instance, and the class of that.
        """
        node = found.node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node in self.path or depth >= _MAX_CALLS:
            return Outcome()
        self.path.append(node)
        inside = Scope(found.scope.module, bound=bindings(node.body), arguments=arguments, parent=found.scope)
        if own is not None:
            self.selves.append((inside, *own))
        outcome = self.block(node.body, inside, depth + 1)
        if own is not None:
            self.selves.pop()
        self.path.pop()
        if outcome.certain:
            return outcome
        ends = None if outcome.found and not outcome.beside else False
        return Outcome(outcome.found, ends=ends, beside=outcome.beside, stays=outcome.stays)

    def command_line(self, found: Definition, name: str, depth: int) -> Outcome:
        """A function that takes its arguments from the command line, or a group of such functions."""
        if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            commands = _commands(found.node.name, found.scope) if _is_group(found) else []
            if not commands:
                return self.function(found, _parameters(found, self.argv), depth)
            return self._one_of(commands, depth)
        if isinstance(found.node, ast.Call) and dotted(found.node.func, found.scope) in _CLIS:
            bound = next(
                (key for key, one in found.scope.bound.items() if one is not None and one.node is found.node), name
            )
            return self._one_of(_commands(bound, found.scope), depth)
        return Outcome()

    def _one_of(self, commands: list[tuple[str, Definition]], depth: int) -> Outcome:
        """The command of a group that the first word names; the only one needs no name."""
        argv = self.argv
        chosen = commands
        if argv and argv[0] is not None and any(name == argv[0] for name, _ in commands):
            chosen = [one for one in commands if one[0] == argv[0]]
            argv = argv[1:]
        if len(chosen) != 1:
            return Outcome()
        return self.function(chosen[0][1], _parameters(chosen[0][1], argv), depth)


def _fails(statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement ends the program as failed: `raise`, `sys.exit(1)`."""
    if isinstance(statement, ast.Raise):
        return True
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call) or not statement.value.args:
        return False
    if dotted(statement.value.func, scope) not in _EXITS:
        return False
    code = evaluate(statement.value.args[0], scope)
    return code is None or bool(code.value)


def _complains(statement: ast.stmt) -> bool:
    """Whether a statement logs that something went wrong: `else: logger.error("cannot run")`."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="error" | "critical" | "exception" | "fatal"))):
            return True
    return False


def _calls(expression: ast.expr) -> Iterator[ast.Call]:
    """The calls in an expression, inner before outer; not those in functions and comprehensions within it."""
    order: list[ast.Call] = []
    pending: list[ast.AST] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        if isinstance(node, ast.Call):
            order.append(node)
        pending.extend(ast.iter_child_nodes(node))
    yield from reversed(order)


def _serving(kind: str, name: str, call: ast.Call, scope: Scope) -> ServingCall:
    """The call, with the one that holds its settings."""
    if not name.endswith("Server") or kind != "uvicorn":
        return ServingCall(kind, name, call, call if kind in ("uvicorn", "granian") else None, scope)
    given = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "config"), None)
    found = None if given is None else resolve(given, scope)
    if found is not None and isinstance(found.node, ast.Call) and dotted(found.node.func, found.scope) in _CONFIGS:
        changed = isinstance(given, ast.Name) and _is_changed(given.id, found.scope)
        return ServingCall(kind, name, call, None if changed else found.node, found.scope)
    return ServingCall(kind, name, call, None, scope)


def _is_changed(name: str, scope: Scope) -> bool:
    """Whether an attribute of that object is set somewhere in its module: `config.port = …`."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(scope.module.text.syntax.tree)
    )


def _kind_of_class(found: Definition) -> str | None:
    """The server of which a class of the project is a kind."""
    for base in found.node.bases if isinstance(found.node, ast.ClassDef) else ():
        name = dotted(base, found.scope)
        if name in _SERVING_CLASSES:
            return _SERVING_CLASSES[name]
    return None


def _started(name: str, call: ast.Call, scope: Scope) -> Outcome:
    """Where a call leads to that starts another program: only a server is followed."""
    words = _words_of(name, call, scope)
    if words is not None and any(one.role == "server" for one in programs_of(words)):
        return Outcome((ChildCall(words, name not in _CHILD),), certain=True, ends=True)
    return Outcome(ends=name not in _CHILD)


def _words_of(name: str, call: ast.Call, scope: Scope) -> tuple[Argument, ...] | None:
    """The words of the program that a call starts; None when that program cannot be told."""
    at, grown = _EXEC.get(name, 0), False
    if name in _EXEC_WORDS:
        nodes: list[ast.expr] = list(call.args[1:])
    else:
        given = (
            call.args[at] if len(call.args) > at else next((k.value for k in call.keywords if k.arg == "args"), None)
        )
        known = None if given is None or name not in _CHILD else evaluate(given, scope)
        if given is not None and known is not None and isinstance(known.value, str):
            return _words_of_line(known.value, scope.module.span(given))
        found = None if given is None else resolve(given, scope)
        grown = isinstance(given, ast.Name) and _grows(given.id, scope)
        if found is None and grown and isinstance(given, ast.Name):
            found = _only_list(given.id, scope)
        if found is None or not isinstance(found.node, (ast.List, ast.Tuple)):
            return None
        nodes, scope = list(found.node.elts), found.scope
    words: list[Argument] = []
    for node in nodes:
        if dotted(node, scope) == "sys.executable":
            words.append(Argument("python", "python", scope.module.span(node)))
            continue
        known = None if isinstance(node, ast.Starred) else evaluate(node, scope)
        span = scope.module.span(node)
        text = span.text if isinstance(node, ast.Constant) else f"${{{span.text}}}"
        value = known.value if known is not None and isinstance(known.value, str) else None
        exact = known.span if known is not None and known.span is not None and known.origin == "option" else span
        words.append(Argument(value, value if value is not None else text, exact))
    if grown and words:  # nobody knows by what
        words.append(Argument(None, "${...}", words[-1].span))
    return tuple(words) if words and words[0].value is not None else None


def _grows(name: str, scope: Scope) -> bool:
    """Whether words are added to a list of that name somewhere in its module: `command.append("--reload")`."""
    memo = scope.module.text.memo
    if "grown" not in memo:
        grown: set[str] = set()
        for node in ast.walk(scope.module.text.syntax.tree):
            match node:
                case ast.AugAssign(target=ast.Name(id=found)):
                    grown.add(found)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append" | "extend" | "insert")):
                    grown.add(found)
        memo["grown"] = grown
    return name in memo["grown"]


def _only_list(name: str, scope: Scope) -> Definition | None:
    """The one list that is bound to a name in a module, in which it is bound to nothing else."""
    bound = [
        node.value
        for node in ast.walk(scope.module.text.syntax.tree)
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]
    return Definition(bound[0], scope) if len(bound) == 1 and isinstance(bound[0], ast.List) else None


def _words_of_line(text: str, span: Span) -> tuple[Argument, ...] | None:
    """The words of a command line for a shell that starts a single program (`os.system("uvicorn app:app")`)."""
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - few programs start others so

    script = parse_script(text, lambda _start, _end: span)
    if script.problems or len(script.commands) != 1 or script.commands[0].nesting or script.commands[0].after:
        return None
    words = script.commands[0].words
    if not words or words[0].value is None:
        return None
    return tuple(Argument(word.value, word.text, span) for word in words)


def _handed_on(name: str | None, call: ast.Call, scope: Scope) -> ast.Call | None:
    """The call of the function that a call hands on, for `loop.run_in_executor(None, serve, 8000)` and for
    `partial(serve, 8000)()`; None for any other.
    """
    if name in _HANDED_ON:
        at = _HANDED_ON[name]
    elif isinstance(call.func, ast.Attribute) and call.func.attr in _HANDED_ON_METHODS:
        at = _HANDED_ON_METHODS[call.func.attr]
    else:
        memo = scope.module.text.memo
        if "partial" not in memo:
            memo["partial"] = "partial" in scope.module.text.syntax.source.text
        named = memo["partial"] and isinstance(call.func, (ast.Name, ast.Call))
        found = resolve(call.func, scope) if named else None
        if found is None or found.scope is not scope:
            return None
        made = _of_partial(found.node, scope)
        if made is None:
            return None
        return _called(made.args[0], [*made.args[1:], *call.args], [*made.keywords, *call.keywords], call)
    if len(call.args) <= at:
        return None
    handed, rest = call.args[at], call.args[at + 1 :]
    if isinstance(handed, ast.Lambda) and isinstance(handed.body, ast.Call) and not handed.args.args:
        return handed.body
    made = _of_partial(handed, scope)
    if made is not None:
        return _called(made.args[0], [*made.args[1:], *rest], made.keywords, call)
    known = isinstance(handed, (ast.Name, ast.Attribute))
    return _called(handed, rest, call.keywords if name in _HANDED_ON else [], call) if known else None


def _of_partial(node: ast.AST, scope: Scope) -> ast.Call | None:
    """The call of `functools.partial` that a node is."""
    made = isinstance(node, ast.Call) and dotted(node.func, scope) == "functools.partial" and bool(node.args)
    return node if made and isinstance(node, ast.Call) else None


def _called(function: ast.expr, words: list[ast.expr], keywords: list[ast.keyword], place: ast.Call) -> ast.Call:
    return ast.copy_location(ast.Call(function, words, keywords), place)


def _is_started(scope: Scope) -> bool:
    """Whether a module starts a thread or process somewhere."""
    tree = scope.module.text.syntax.tree
    return any(isinstance(node, ast.Attribute) and node.attr == "start" for node in ast.walk(tree))


def _method_of(of: Definition, name: str, depth: int = 0) -> Definition | None:
    """The function that a class, or the first of its bases that has one, has by a name; None when it cannot be told."""
    if not isinstance(of.node, ast.ClassDef) or depth >= _MAX_CALLS:
        return None
    binding = bindings(of.node.body).get(name, of)
    if not isinstance(binding, Definition):
        return Definition(binding.node, of.scope) if binding is not None and binding.module is None else None
    for base in of.node.bases:
        found = resolve(base, of.scope)
        if found is None:
            return None
        method = _method_of(found, name, depth + 1)
        if method is not None:
            return method
    return None


def _given(call: ast.Call, function: Function, scope: Scope, *, bound: str | None = None) -> dict[str, object]:
    """The parameters of a function by what a call gives them, else by their defaults. `bound` is that of the instance
    on which a method is called.
    """
    names = list(arguments_of(function))
    result: dict[str, object] = {name: evaluate(default, scope) for name, default in names}
    if bound is not None:
        names = names[1:]
    if function.args.vararg is not None:
        result[function.args.vararg.arg] = None
    if function.args.kwarg is not None:
        result[function.args.kwarg.arg] = None
    uncertain = any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)
    if uncertain:
        return dict.fromkeys(result)
    for (name, _), argument in zip(names, call.args, strict=False):
        result[name] = evaluate(argument, scope) or _handed(argument, scope)
    for keyword in call.keywords:
        if keyword.arg is not None:
            result[keyword.arg] = evaluate(keyword.value, scope) or _handed(keyword.value, scope)
    return result


def _handed(argument: ast.expr, scope: Scope) -> Handed | Parsed | None:
    """The parsed arguments of the command line that a call hands on: `serve(args)`."""
    if not isinstance(argument, ast.Name) or scope.module.library.words is None:
        return None
    from dockerlint_fastapi.parsers.python.arguments import handed  # noqa: PLC0415  # few programs hand them on

    return handed(argument, scope)


def _is_command(found: Definition) -> bool:
    """Whether decorators make a function take its arguments from the command line."""
    return any("command" in name or "group" in name for name in _decorators(found))


def _is_group(found: Definition) -> bool:
    return any(name.endswith(".group") for name in _decorators(found))


def _decorators(found: Definition) -> Iterator[str]:
    for decorator in (
        found.node.decorator_list if isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef)) else ()
    ):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield dotted(called, found.scope) or ast.unparse(called)


def _commands(group: str, scope: Scope) -> list[tuple[str, Definition]]:
    """The functions of a module that a group of commands has, by the names that choose them."""
    found: list[tuple[str, Definition]] = []
    for statement in scope.module.text.syntax.tree.body:
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for decorator in statement.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if not isinstance(called, ast.Attribute) or called.attr not in ("command", "callback"):
                continue
            if isinstance(called.value, ast.Name) and called.value.id == group and called.attr == "command":
                name = statement.name.replace("_", "-")
                given = decorator.args if isinstance(decorator, ast.Call) else []
                named = (
                    [k.value for k in decorator.keywords if k.arg == "name"] if isinstance(decorator, ast.Call) else []
                )
                for one in (*given[:1], *named):
                    name = one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else name
                found.append((name, Definition(statement, scope)))
    return found


def _parameters(found: Definition, argv: Sequence[str | None]) -> dict[str, Known | None]:
    from dockerlint_fastapi.parsers.python.command_options import parameters_of  # noqa: PLC0415  # few programs have some

    return parameters_of(found, argv)
