import io
import re
import sys

import pytest

from passgenau.cli import main
from passgenau.cli.app import build
from passgenau.cli.language import Group, language, own_words, usage_error
from passgenau.cli.printing import counted, number, percent, progress, table
from passgenau.text import Text


@pytest.mark.parametrize(
    ("args", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "de_DE.UTF-8"}, "de"),
        ([], {"LANG": "C.UTF-8"}, "en"),
        ([], {"LANG": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_AT"}, "de"),
        ([], {"LANG": "de_DE", "LC_ALL": ""}, "de"),
        (["run", "x", "--lang", "de"], {"LANG": "en_US"}, "de"),
        (["--lang=en", "run"], {"LANG": "de_DE"}, "en"),
        (["run", "--lang", "fr"], {"LANG": "de_DE"}, "de"),
        (["run", "--lang"], {"LANG": "de_DE"}, "de"),
    ],
)
def test_the_option_goes_before_the_locale(args: list[str], environment: dict[str, str], expected: str) -> None:
    assert language(args, environment) == expected


@pytest.mark.parametrize(
    ("call", "german", "english"),
    [
        (["run"], "Die Angabe STUDY fehlt.", "The argument STUDY is missing."),
        (["run", "x"], "Die Option --out fehlt.", "The option --out is missing."),
        ([], "Es fehlt ein Befehl.", "A command is missing."),
        (
            ["chek"],
            "Den Befehl 'chek' gibt es nicht. Gemeint ist vielleicht 'check'.",
            "There is no command 'chek'. Perhaps 'check' is meant.",
        ),
        (["xyzzy"], "Den Befehl 'xyzzy' gibt es nicht.", "There is no command 'xyzzy'."),
        (["check", "--xyzzy"], "Die Option --xyzzy gibt es nicht.", "There is no option --xyzzy."),
        (["run", "x", "--out"], "Die Option --out braucht einen Wert.", "The option --out needs a value."),
        (["check", "a", "b"], "Überzählige Angabe: b.", "One argument too many: b."),
        (
            ["check", "a", "--format", "xml"],
            "--format: 'xml' ist nicht möglich. Möglich sind: 'text', 'json'.",
            "--format: 'xml' is not possible. Possible: 'text', 'json'.",
        ),
        (
            ["derive", "a", "--seed", "-1"],
            "--seed: Der Wert ist zu klein; mindestens 0.",
            "--seed: the value is too small; at least 0.",
        ),
        (
            ["sample-size", "9", "--margin", "90"],
            "--margin: Der Wert ist zu groß; höchstens 50.",
            "--margin: the value is too large; at most 50.",
        ),
        (["derive", "a", "--seed", "x"], "--seed: Das ist keine ganze Zahl.", "--seed: this is not a whole number."),
        (
            ["sample-size", "9", "--margin", "x"],
            "--margin: Das ist keine Zahl (mit Dezimalpunkt).",
            "--margin: this is not a number.",
        ),
    ],
)
def test_a_wrong_call_is_explained_in_the_language(
    capsys: pytest.CaptureFixture[str], call: list[str], german: str, english: str
) -> None:
    for lang, expected in (("de", german), ("en", english)):
        assert main(["--lang", lang, *call]) == 2
        printed = capsys.readouterr()
        assert (printed.out, printed.err.splitlines()[0]) == ("", f"error: {expected}")


def test_an_unknown_sentence_stays_as_it_is() -> None:
    assert usage_error("Something new.", "de") == "Something new."


def helps(group: Group, path: str = "passgenau") -> dict[str, str]:
    """Return every help text of a tree of commands, by command and parameter."""
    found = {path: group.help or ""}
    for name, command in group.commands.items():
        if isinstance(command, Group):
            found |= helps(command, f"{path} {name}")
            continue
        found[f"{path} {name}"] = command.help or ""
        found |= {f"{path} {name} {p.name}": getattr(p, "help", None) or "" for p in command.params}
    return found


def test_every_command_and_parameter_is_explained_in_both_languages() -> None:
    english, german = helps(build("en")), helps(build("de"))
    assert all(english.values())
    assert [name for name in english if english[name] == german[name]] == []


def test_help_names_every_command_once_under_a_heading_and_cuts_no_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for lang in ("de", "en"):
        assert main(["--lang", lang, "--help"]) == 0
        text = capsys.readouterr().out
        named = re.findall(r"^  ([a-z][a-z-]*)  ", text, flags=re.MULTILINE)
        assert sorted(named) == sorted(build("en").commands)
        assert "..." not in text.split("\n", maxsplit=1)[1]
        assert max(len(line) for line in text.splitlines()) <= 80


def test_words_of_typer_are_german_where_the_line_breaks_after_them() -> None:
    assert own_words("  Form.  [default:\n      text]", "de") == "  Form.  [Vorgabe:\n      text]"


def test_building_german_help_leaves_no_trace_in_english_help() -> None:
    before = helps(build("en"))
    build("de")
    assert helps(build("en")) == before


def test_typers_own_words_are_german_too() -> None:
    text = "Usage: passgenau [OPTIONS] COMMAND [ARGS]...\n\nOptions:\n  --help  Show this message and exit.\n"
    assert own_words(text, "de") == (
        "Aufruf: passgenau [OPTIONEN] BEFEHL [ANGABEN]...\n\nOptionen:\n  --help  Diese Hilfe zeigen.\n"
    )


def test_tables_are_aligned_and_cut_nothing_off() -> None:
    assert table(("Name", "N"), "<>", [("a", "1"), ("lang", "10")]) == "Name   N\n----  --\na      1\nlang  10"


def test_numbers_follow_the_language() -> None:
    assert (number(1234.5, "de", 1), number(1234.5, "en", 1)) == ("1.234,5", "1,234.5")
    assert (percent(0.25, "de"), percent(0.25, "en"), percent(None, "de")) == ("25 %", "25%", "–")


def test_counts_agree_with_their_noun() -> None:
    assert [counted(n, "Block", "Blöcke", "de") for n in (0, 1, 2)] == ["0 Blöcke", "1 Block", "2 Blöcke"]
    assert [counted(n, "block") for n in (1, 2)] == ["1 block", "2 blocks"]


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


STEPS = {"read": Text("Lesen", "Reading"), "write": Text("Schreiben", "Writing")}


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress(STEPS, "de") as tell:
        tell("read")
        tell("write")
    assert "Schreiben" in terminal.getvalue()
    assert "\x1b[" in terminal.getvalue()  # drawn over and over in one place


def test_progress_is_quiet_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(STEPS, "de") as tell:
        tell("read")
        tell("write")
    assert capsys.readouterr() == ("", "Lesen …\nSchreiben …\n")
