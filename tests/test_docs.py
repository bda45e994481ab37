"""The documentation is in step with the code: generated pages, commands, links, names."""

import importlib
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from passgenau.cli.app import build
from passgenau.cli.language import Group
from passgenau.report import exports
from passgenau.study import OUTPUTS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SOURCE_ANCHOR = re.compile(r"docs/([\w/-]+\.md)#([\w-]+)")


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "scripts" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_docs"] = module
    spec.loader.exec_module(module)
    return module


def prose(page: Path) -> str:
    """Return a page without its code blocks and without code inside its sentences."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "code", text)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page: of its headings, and those it sets itself."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ +(.*?) *$", text, flags=re.MULTILINE)
    return frozenset(script().anchor(h.replace("`", "")) for h in headings) | set(re.findall(r'<a id="([^"]+)"', text))


# --- generated pages -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["study-folder.md", "cli.md"])
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.read_text(encoding="utf-8") == script().pages()[path], "run scripts/build_docs.py"


def test_the_reference_explains_every_block_of_every_file() -> None:
    text = script().study_folder_page()
    for model, _, _ in script().FILES.values():
        for part in script()._models_below(model):
            assert part.__doc__, part.__name__
            for field in part.model_fields:
                assert f"| `{field}` |" in text, f"{part.__name__}.{field}"


# --- commands ------------------------------------------------------------------------------------


def names(group: Group, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:
    """Return the options of every command, by its words."""
    found: dict[tuple[str, ...], set[str]] = {}
    for name, command in group.commands.items():
        inner = (*path, name)
        if isinstance(command, Group):
            found |= names(command, inner)
        else:
            found[inner] = {"--help", *(option for param in command.params for option in param.opts)}
    return found


def calls(text: str) -> list[list[str]]:
    """Return every call of passgenau in the code of a page, as words."""
    code = re.findall(r"^```.*?^```", text, flags=re.DOTALL | re.MULTILINE)
    code += [f"`{span}`" for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)]
    found = re.findall(r"(?:^[ $>]*|`)(?:\.venv/bin/)?passgenau +([^\n`#]+)", "\n".join(code), flags=re.MULTILINE)
    return [call.split() for call in found]


def known(call: list[str]) -> bool:
    """Return whether a call names a command, or several as in `check|analyse`, and its options."""
    commands = names(build("en"))
    if call[0].startswith("--"):
        return call[0].split("=")[0] in {"--help", "--version", "--lang"}
    for word in call[0].split("|"):
        found = [c for c in commands if c == (word, *call[1 : len(c)])]
        if not found:
            return any(c[0] == word for c in commands) and len(call) == 1
        options = {part.split("=")[0] for part in call if part.startswith("--")}
        if not options <= commands[found[0]]:
            return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    if page.name == "cli.md":
        return  # generated from the commands themselves
    assert [" ".join(call) for call in calls(page.read_text(encoding="utf-8")) if not known(call)] == []


def test_the_search_for_commands_finds_what_does_not_exist() -> None:
    code = "```sh\n$ passgenau run STUDY --out DIR\npassgenau rum STUDY\n```\n"
    text = f"{code}`passgenau check --foo` and `passgenau frame find X`"
    assert [known(call) for call in calls(text)] == [True, False, False, True]


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for words in names(build("en")):
        assert f"## passgenau {' '.join(words)}\n" in text


# --- links ---------------------------------------------------------------------------------------


def broken(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere in the project."""
    found = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and target.suffix == ".md" and fragment not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_the_search_for_links_finds_one_that_is_broken(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "# One `two`\n[a](#one-two) [b](#three) [c](b.md) [d](https://x.de) `[e](f.md)`\n", encoding="utf-8"
    )
    assert broken(page) == ["#three", "b.md"]


def test_every_section_that_the_code_cites_exists() -> None:
    cited = {
        (name, anchor)
        for path in (ROOT / "src").rglob("*.py")
        for name, anchor in SOURCE_ANCHOR.findall(path.read_text(encoding="utf-8"))
    }
    assert cited
    missing = [f"{name}#{anchor}" for name, anchor in sorted(cited) if anchor not in anchors(ROOT / "docs" / name)]
    assert missing == []


def test_every_page_of_the_documentation_is_reached_from_its_index() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(index))}
    pages = {p for p in (ROOT / "docs").glob("*.md") if p != index}
    assert pages <= linked, sorted(p.name for p in pages - linked)


# --- names ---------------------------------------------------------------------------------------

ROWS = re.findall(
    r"^\| (?!Deutsch|---)([^|]+) \| `([\w.]+)` \| ([^|]+) \|$",
    (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def resolve(name: str) -> object:
    """Return what a dotted name below passgenau stands for: a module, a member, or a field of a class."""
    parts = name.split(".")
    found: object = importlib.import_module(f"passgenau.{parts[0]}")
    for part in parts[1:]:
        fields = {**getattr(found, "model_fields", {}), **getattr(found, "__dataclass_fields__", {})}
        if part in fields:
            found = fields[part]
        elif hasattr(found, part):
            found = getattr(found, part)
        elif isinstance(found, ModuleType):
            found = importlib.import_module(f"{found.__name__}.{part}")
        else:
            raise AttributeError(name)
    return found


@pytest.mark.parametrize("name", [name for _, name, _ in ROWS])
def test_every_name_in_the_glossary_exists(name: str) -> None:
    assert resolve(name) is not None


def test_the_glossary_says_everything_once() -> None:
    assert len(ROWS) > 70
    assert len({name for _, name, _ in ROWS}) == len(ROWS)


def test_every_row_of_the_glossary_is_read() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(("| Deutsch", "| ---"))]
    assert len(rows) == len(ROWS)


# --- outputs -------------------------------------------------------------------------------------


def test_every_file_that_a_run_writes_is_documented() -> None:
    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    assert [name for name in OUTPUTS if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("estimates.csv", exports.ESTIMATES),
        ("comparisons.csv", exports.COMPARISONS),
        ("needs.csv", exports.NEEDS),
    ],
)
def test_the_columns_of_a_table_are_documented_in_their_order(name: str, columns: tuple[str, ...]) -> None:
    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    section = text.partition(f"## {name}\n")[2].partition("\n## ")[0]
    heads = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert tuple(re.findall(r"`(\w+)`", " ".join(heads))) == columns
