"""The architecture is a test: who may import whom, who may write stock, who may look at the environment."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from agents.agent import Agent
from agents.contract import Command, Event, Message, StartFlow, Task, messages_of
from coordinator.flows.catalogue import FLOWS
from coordinator.registry import AGENTS, load
from coordinator.schedule import RECURRING

ROOT = Path(__file__).parent.parent
OURS = ("agents", "cli", "coordinator", "db", "ml", "paper", "serve")
KERNEL = r"agents\.(contract|handlers|agent|metrics|rows|sets|outside)\b"

# What a layer may import of ours, as patterns on the full dotted name. `OWN` is the agent's own package.
MAY_IMPORT = {
    "db": (r"db\.",),
    "ml": (r"ml\.", r"db\.(?!session\b|ledger\b|allocations\b)"),
    "paper": (r"db\.(?!ledger\b|allocations\b)", r"paper\."),
    "kernel": (r"db\.", KERNEL),
    "agents": (r"db\.", r"ml\.", r"paper\.", KERNEL, r"agents\.stock\b", r"agents\.OWN\b", r"agents\.\w+\.messages\b"),
    "coordinator": (r"db\.", r"coordinator\.", KERNEL, r"agents\.\w+\.(messages|agent)\b"),
    "serve": (
        r"db\.",
        r"paper\.",
        r"serve\.",
        r"agents\.contract\b",
        r"agents\.\w+\.messages\b",
        r"agents\.webhooks\.catalogue\b",  # which messages are told to the outside, and under what names
        r"coordinator\.(client|ray_client|registry|listen)\b",
        r"coordinator\.start\.(namespace_of|start_coordinator)\b",
    ),
    # The command starts and looks after everything, but decides nothing.
    "cli": (
        r"(db|cli|serve|coordinator)\.",
        r"agents\.contract\b",
        r"agents\.\w+\.messages\b",
        r"agents\.shipping\.demo_rates\b",
    ),
}
# Doors that one agent keeps open for another, because both must judge by the same: what one makes of a plan the other
# does, and what a parcel will cost is what it is routed by.
ALSO = {
    "orders": (r"agents\.shipping\.lanes\b",),
    "planning": (r"agents\.orders\.(router|routing_rules)\b", r"agents\.shipping\.(lanes|learning)\b"),
}
# Frameworks stay in the layers that are about them.
MUST_NOT_IMPORT = {
    "db": {"ray", "fastapi", "starlette", "uvicorn", "langchain"},
    "ml": {"fastapi", "starlette", "uvicorn", "sqlalchemy"},
    "paper": {"ray", "fastapi", "starlette", "uvicorn"},
    "kernel": {"ray", "fastapi", "starlette", "uvicorn"},
    "agents": {"ray", "fastapi", "starlette", "uvicorn"},
    "coordinator": {"fastapi", "starlette", "uvicorn"},
}

# Nobody else writes stock, but for the demo shop, which puts a made-up past in and takes it out again.
STOCK_WRITERS = {"db/ledger.py", "db/allocations.py", "cli/demo/copying.py", "cli/demo/clearing.py"}
STOCK_ROWS = {"StockLedger", "StockLevel", "BinStock", "Allocation"}
STOCK_SQL = re.compile(
    r"\b(insert\s+into|update|delete\s+from|truncate|copy)\s+(only\s+)?(stock_ledger|stock_levels|bin_stock|allocations)\b",
    re.IGNORECASE,
)
ENVIRONMENT_READERS = ("db/settings.py", "serve/deployments.py", "cli/")


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Full dotted names of everything imported anywhere in a file, functions and TYPE_CHECKING included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the file's own package, each further one the package above.
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{name.name}" for name in node.names)


def layer_of(path: str) -> str:
    top, *rest = path.split("/")
    return "kernel" if top == "agents" and len(rest) == 1 else top


def broken(path: str, source: str) -> list[str]:
    """What a file of ours does that it may not, one sentence each."""
    tree = ast.parse(source)
    return [
        *_wrong_imports(path, tree),
        *(_stock_writes(tree) if path not in STOCK_WRITERS else ()),
        *(_environment(tree) if not path.startswith(ENVIRONMENT_READERS) else ()),
    ]


def _wrong_imports(path: str, tree: ast.AST) -> Iterator[str]:
    layer, package = layer_of(path), path.removesuffix(".py").replace("/", ".").rpartition(".")[0]
    own = path.split("/")[1] if layer == "agents" else ""
    allowed = [re.compile(p.replace("OWN", own)) for p in (*MAY_IMPORT[layer], *ALSO.get(own, ()))]
    for name in imports(tree, package):
        top = name.partition(".")[0]
        if top in MUST_NOT_IMPORT.get(layer, ()):
            yield f"{layer} may not know {top}"
        elif top in OURS and name != top and not any(p.match(name) for p in allowed):
            yield f"{layer} may not import {name}"
        elif name in OURS:
            yield f"name the module: import of the whole of {name}"


def _stock_writes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            model = node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else ""
            if node.func.id in STOCK_ROWS:
                yield f"makes a row of {node.func.id}"
            elif re.search("insert|update|delete", node.func.id) and model in STOCK_ROWS:
                yield f"writes {model}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and STOCK_SQL.search(node.value):
            yield "writes stock tables in SQL"


def _environment(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        reads = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
        imported = isinstance(node, ast.ImportFrom) and node.module == "os"
        if reads or (imported and any(n.name in {"environ", "getenv"} for n in node.names)):
            yield "looks at the environment"


@cache
def our_files() -> tuple[str, ...]:
    files = sorted(p.relative_to(ROOT).as_posix() for top in OURS for p in (ROOT / top).rglob("*.py"))
    # Migrations are history: they may say in SQL what the code of today may not.
    return tuple(f for f in files if not f.startswith("db/migrations/"))


@pytest.mark.parametrize("path", our_files())
def test_a_file_keeps_to_its_layer(path: str) -> None:
    assert broken(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("db/stock.py", "from agents.orders.messages import PlaceOrder", "db may not import agents.orders"),
        ("db/stock.py", "def f():\n    import ray", "db may not know ray"),
        ("agents/orders/agent.py", "from agents.payments.rules import judge", "agents may not import agents.payments"),
        ("agents/orders/agent.py", "from agents.payments import agent", "agents may not import agents.payments.agent"),
        ("agents/orders/agent.py", "from ..payments.agent import X", "agents may not import agents.payments.agent.X"),
        ("agents/orders/agent.py", "from coordinator.relay import due", "agents may not import coordinator.relay"),
        ("agents/orders/agent.py", "from ray import serve", "agents may not know ray"),
        ("agents/orders/agent.py", "import fastapi", "agents may not know fastapi"),
        ("agents/agent.py", "from agents.orders.messages import PlaceOrder", "kernel may not import agents.orders"),
        ("coordinator/relay.py", "from agents.orders.rules import judge", "coordinator may not import agents.orders"),
        ("coordinator/relay.py", "import ml.demand.fit", "coordinator may not import ml.demand"),
        ("serve/orders.py", "from agents.orders.agent import OrdersAgent", "serve may not import agents.orders.agent"),
        ("serve/orders.py", "from agents.orders.rules import judge", "serve may not import agents.orders.rules"),
        ("serve/orders.py", "from coordinator.relay import due", "serve may not import coordinator.relay"),
        ("serve/orders.py", "import agents", "whole of agents"),
        ("ml/demand/fit.py", "from db.session import Database", "ml may not import db.session"),
        ("cli/up.py", "from agents.orders.rules import judge", "cli may not import agents.orders.rules"),
        ("agents/orders/agent.py", "tx.execute(insert(StockLedger), rows)", "writes StockLedger"),
        ("agents/orders/agent.py", "tx.execute(update(StockLevel))", "writes StockLevel"),
        ("db/orders.py", "pg_insert(Allocation)", "writes Allocation"),
        ("agents/orders/agent.py", "tx.add(BinStock(node='A'))", "makes a row of BinStock"),
        ("serve/stock.py", "text('UPDATE stock_levels SET held = 0')", "writes stock tables in SQL"),
        ("agents/orders/agent.py", "import os\nos.environ['X']", "looks at the environment"),
        ("coordinator/start.py", "from os import getenv", "looks at the environment"),
    ],
)
def test_each_rule_bites(path: str, source: str, complaint: str) -> None:
    assert any(complaint in said for said in broken(path, source)), broken(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("agents/orders/agent.py", "from agents.payments.messages import PaymentDeclined"),
        ("agents/orders/agent.py", "from agents.orders import rules\nfrom db.ledger import post"),
        ("db/ledger.py", "text('UPDATE stock_levels SET held = 0')"),
        ("serve/stock.py", "select(StockLevel)\ntext('SELECT * FROM stock_levels')"),
        ("db/settings.py", "import os\nos.environ"),
        ("coordinator/leadership.py", "import os\nos.getpid()"),
    ],
)
def test_what_is_allowed_passes(path: str, source: str) -> None:
    assert broken(path, source) == []


# What the registry and the folders say must be the same thing.


def test_every_agent_is_in_the_registry_and_the_other_way_round() -> None:
    folders = {p.parent.name for p in (ROOT / "agents").glob("*/agent.py")}
    assert {spec.name for spec in AGENTS} == folders
    for spec in AGENTS:
        assert spec.path.partition(":")[0] == f"agents.{spec.name}.agent"
        assert load(spec).name == spec.name
        assert issubclass(load(spec), Agent)


MESSAGES = {"Command", "Event", "Task", "State"}


def messages() -> list[type[Message]]:
    """Every message class that is defined (not imported) in some agent's messages."""
    return [message for spec in AGENTS for message in messages_of(spec.name)]


def test_no_module_of_messages_is_overlooked() -> None:
    """A folder of messages is read as a whole, so that splitting them hides none from the tests below."""
    files = [*(ROOT / "agents").glob("*/messages.py"), *(ROOT / "agents").glob("*/messages/**/*.py")]
    said = {
        f"{path.relative_to(ROOT).with_suffix('').as_posix().removesuffix('/__init__').replace('/', '.')}.{node.name}"
        for path in files
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in MESSAGES for base in node.bases)
    }
    assert {f"{message.__module__}.{message.__name__}" for message in messages()} >= said
    assert len(said) > 200


def test_a_message_has_one_name_in_the_whole_product() -> None:
    assert [name for name, times in Counter(m.__name__ for m in messages()).items() if times > 1] == []


def test_whatever_an_agent_handles_somebody_can_say() -> None:
    known = {m.__name__: m for m in [*messages(), StartFlow]}
    for spec in AGENTS:
        for kind, handler in load(spec).handlers.items():
            assert known.get(kind) is handler.message, f"{spec.name} handles {kind}, which is in nobody's messages"
            if handler.style in ("on", "set", "outside"):
                assert issubclass(handler.message, Event | Task), f"{kind} is handled like an event and is none"


def test_a_command_has_one_agent_that_does_it() -> None:
    handled = Counter(
        kind for spec in AGENTS for kind, h in load(spec).handlers.items() if h.style in ("command", "batch")
    )
    assert [kind for kind, agents in handled.items() if agents > 1] == []


def test_the_edge_reads_an_answer_as_what_the_agent_says_it_is() -> None:
    """`sending(request, "orders", DiscardEdit(…), OrderState)`: the last must be what the agent's method returns."""
    answers: dict[str, str] = {}
    for spec in AGENTS:
        agent = load(spec)
        for kind, handler in agent.handlers.items():
            if handler.style == "command":
                answers[kind] = str(inspect.get_annotations(getattr(agent, handler.method)).get("return"))
    looked_at = 0
    for path in (ROOT / "serve").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            commands = {node.targets[0].id: _made(node.value) for node in ast.walk(function)
                        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}  # fmt: skip
            for call in ast.walk(function):
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "sending"):
                    continue
                asked, state = call.args[2], call.args[3]
                command = commands.get(asked.id, "") if isinstance(asked, ast.Name) else _made(asked)
                if command in answers and isinstance(state, ast.Name):
                    looked_at += 1
                    assert state.id == answers[command], f"{path.name}: {command}"
    assert looked_at > 40


def _made(value: ast.expr) -> str:
    """The class of a message that an expression makes: `X(…)` or `message(X, …)`."""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name)):
        return ""
    of = value.args[0] if value.func.id == "message" and value.args else value.func
    return of.id if isinstance(of, ast.Name) else ""


def test_our_packages_are_the_ones_of_this_repository(tmp_path: Path) -> None:
    """Wherever Python is started: another package on the index installs `agents` too, and `serve` is a common name."""
    code = f"from importlib import import_module as load; print(*(load(p).__file__ for p in {OURS}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [str(ROOT / p / "__init__.py") for p in OURS]


def test_whatever_happens_by_the_clock_or_in_a_flow_has_an_agent_that_does_it() -> None:
    handlers = {spec.name: load(spec).handlers for spec in AGENTS}
    for recurring in RECURRING:
        assert type(recurring.task).__name__ in handlers[recurring.agent], recurring.name
    for flow in FLOWS.values():
        assert {step.agent for step in flow.steps} <= handlers.keys(), flow.name


NOT_YET: set[str] = set()
"""Commands that can be said before their agent knows them; the list is meant to be empty."""


def test_whatever_can_be_asked_for_is_done_by_the_agent_it_is_said_to() -> None:
    handled = {(spec.name, kind) for spec in AGENTS for kind in load(spec).handlers}
    asked = {(m.__module__.split(".")[1], m.__name__) for m in messages() if issubclass(m, Command | Task)}
    assert {name for _, name in asked - handled} - NOT_YET == set()


def test_an_agent_alone_knows_every_table_that_a_key_names() -> None:
    """In a process of its own an agent has loaded what it imports and no more."""
    program = (
        "import agents.agent\n"
        "from db.base import metadata\n"
        "print(len([key.column for table in metadata.tables.values() for key in table.foreign_keys]))"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert int(told.stdout) > 40
