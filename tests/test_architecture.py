"""Imports run one way: a room imports from rooms before it, never from one after it."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src"

# A room may import from every room before it; rooms of one line do not know each other.
ORDER = [
    {"text"},
    {"translations"},
    {"errors"},
    {"reading"},
    {"frame"},
    {"survey", "estimation"},
    {"findings"},
    {"simulation"},
    {"needs"},
    {"curriculum"},
    {"planning"},
    {"evaluation"},
    {"report"},
    {"formats"},
    {"study"},
    {"cli"},
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
ONLY_ERRORS = "estimation"  # usable on its own: knows errors (and their texts) and nothing else


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE / "passgenau").parts[0].removesuffix(".py")


def imports_of(source: str) -> list[tuple[int, str]]:
    """Return (line, dotted module) of every import, those inside functions included."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            module = node.module
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "passgenau" else [module]
            found += [(node.lineno, name) for name in names]
    return found


def offences(room: str, source: str) -> list[str]:
    out = []
    for line, module in imports_of(source):
        parts = module.split(".")
        if parts[0] == "passgenau_web" or parts[0] == "django":
            out.append(f"line {line}: the core imports {module}")
        if parts[0] != "passgenau" or len(parts) == 1 or parts[1] not in LEVEL:
            continue
        target = parts[1]
        if target == room:
            continue
        if LEVEL[target] >= LEVEL[room] or (room == ONLY_ERRORS and target not in {"errors", "text"}):
            out.append(f"line {line}: {room} imports {module}")
    return out


FILES = sorted(
    p for p in (SOURCE / "passgenau").rglob("*.py") if p.parent != SOURCE / "passgenau" or p.stem != "__init__"
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_it_imports_only_from_rooms_before_it(path: Path) -> None:
    room = room_of(path)
    assert room in LEVEL, f"{path.name}: the room {room!r} has no place in the order"
    assert offences(room, path.read_text(encoding="utf-8")) == []


def test_the_rule_finds_an_import_that_runs_upwards() -> None:
    assert offences("needs", "from passgenau.planning.model import Plan") == [
        "line 1: needs imports passgenau.planning.model"
    ]
    assert offences("estimation", "import passgenau.frame") == ["line 1: estimation imports passgenau.frame"]
    assert offences("report", "def f():\n    import django") == ["line 2: the core imports django"]


def test_every_room_has_a_contents_page() -> None:
    rooms = [p for p in (SOURCE / "passgenau").iterdir() if p.is_dir() and p.name != "__pycache__"]
    assert rooms
    for room in rooms:
        first = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
        assert first, f"{room.name}/__init__.py does not say what the room holds"
