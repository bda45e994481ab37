import datetime as dt
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, model_validator

from passgenau.errors import InputError, Problem
from passgenau.reading import Record, RecordError, Slug, dotted, load_csv, load_yaml, nearest, read_csv, read_yaml
from passgenau.text import Text


class Part(Record):
    id: Slug
    share: float = Field(default=0, ge=0, le=100)
    kind: Literal["wish", "context"] = "wish"


class Whole(Record):
    title: Text
    parts: tuple[Part, ...] = Field(default=(), max_length=2)
    day: dt.date | None = None
    count: int = 1
    ready: bool = True
    name: str = "x"

    @model_validator(mode="after")
    def _no_twins(self) -> "Whole":
        if len({part.id for part in self.parts}) < len(self.parts):
            raise RecordError("doppelt", "twice", at=("parts", 1, "id"), hint=Text("umbenennen", "rename"))
        return self


class Row(Record):
    key: str
    persons: int = Field(default=2, ge=1)
    tags: tuple[str, ...] = ()


def problems(path: Path, text: str, model: type[Record] = Whole) -> tuple[Problem, ...]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        (read_csv if path.suffix == ".csv" else read_yaml)(path, model)
    return caught.value.problems


@pytest.fixture
def yaml(tmp_path: Path) -> Path:
    return tmp_path / "whole.yaml"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def test_a_valid_file_becomes_a_frozen_value(yaml: Path) -> None:
    yaml.write_text("title: {de: Ja, en: Indeed}\nparts:\n  - {id: a, share: 12.5}\n", encoding="utf-8")
    assert read_yaml(yaml, Whole) == Whole(title=Text("Ja", "Indeed"), parts=(Part(id="a", share=12.5),))


def test_a_loaded_file_knows_the_line_of_every_value(yaml: Path) -> None:
    yaml.write_text("title: Ja\nparts:\n  - id: a\n    share: 1\n  - id: b\n", encoding="utf-8")
    loaded = load_yaml(yaml, Whole)
    assert [loaded.line_of(at) for at in [("title",), ("parts", 0, "share"), ("parts", 1, "id"), ("parts", 1)]] == [
        1,
        4,
        5,
        5,
    ]
    assert loaded.line_of(("parts", 1, "kind")) == 5  # not given: where its block stands


@pytest.mark.parametrize(
    ("text", "line", "field", "message", "hint"),
    [
        ("parts: []", None, "title", "This entry is missing.", "Add a line “title: …”."),
        ("title: a\nparts:\n  - {share: 1}", 3, "parts[1].id", "This entry is missing.", "Add a line “id: …”."),
        ("title: a\ntitel: b", 2, "titel", "There is no such field here.", "Perhaps 'title' is meant."),
        (
            "title: a\nparts:\n  - {id: a, weight: 1}",
            3,
            "parts[1].weight",
            "There is no such field here.",
            "Possible: id, share, kind.",
        ),
        (
            "title: a\nparts:\n- id: a\n  share: 108",
            4,
            "parts[1].share",
            "108 is too large.",
            "Allowed: at most 100.0.",
        ),
        ("title: a\nparts:\n- id: a\n  share: -1", 4, "parts[1].share", "-1 is too small.", "Allowed: at least 0.0."),
        (
            "title: a\nparts:\n- {id: a, share: ca. 70}",
            3,
            "parts[1].share",
            "'ca. 70' is not a number.",
            "A number with a decimal point, without a unit.",
        ),
        (
            "title: a\nparts:\n- {id: Ä b}",
            3,
            "parts[1].id",
            "'Ä b' does not have the required form.",
            "Lower-case letters, digits, - and _, without spaces and umlauts.",
        ),
        (
            "title: a\nparts:\n- {id: a, kind: Wunsch}",
            3,
            "parts[1].kind",
            "'Wunsch' is not possible here.",
            "Possible: 'wish', 'context'.",
        ),
        ("title: a\nday: 15.3.2027", 2, "day", "'15.3.2027' is not a date.", "Year-month-day, e.g. 2027-03-15."),
        ("title: a\ncount: 1.5", 2, "count", "1.5 is not a whole number.", "A whole number, without a unit."),
        ("title: a\nready: vielleicht", 2, "ready", "'vielleicht' is neither yes nor no.", "true or false"),
        ("title: a\nname: 10", 2, "name", "10 is not a text.", "Quote digits and yes/no."),
        ("title: a\nname:", 2, "name", "Nothing is given here.", None),
        ("title: [a]", 1, "title", "… is not a text.", "A sentence, or {de: …, en: …}."),
        ("title: a\nparts: alle", 2, "parts", "'alle' is not a list.", "A list: [a, b] or “- a” on each line."),
        (
            "title: a\nparts: [{id: a}, {id: b}, {id: c}]",
            2,
            "parts",
            "The list has 3 entries.",
            "Required: at most 2.",
        ),
        (
            "title: a\nparts: [a]",
            2,
            "parts[1]",
            "'a' is not a block with fields.",
            "One line per field: “name: value”.",
        ),
        ("title: a\nparts:\n- {id: a}\n- {id: a}", 4, "parts[2].id", "twice", "rename"),
        ("title: a\nname: b\nname: c", 3, "name", "'name' stands twice (first in line 2).", None),
    ],
)
def test_a_mistake_is_named_with_line_field_value_and_way_out(  # noqa: PLR0913, PLR0917 -- one argument per part of a message
    yaml: Path, text: str, line: int | None, field: str, message: str, hint: str | None
) -> None:
    (problem,) = problems(yaml, text)
    assert (problem.file, problem.line, problem.field) == ("whole.yaml", line, field)
    assert problem.message.en == message
    if hint is not None:
        assert problem.hint is not None
        assert problem.hint.en == hint


def test_every_mistake_is_reported_in_the_order_of_the_lines(yaml: Path) -> None:
    found = problems(yaml, "title: a\nparts:\n- {id: A}\n- {id: b, share: 200}\ncount: x\n")
    assert [(p.line, p.field) for p in found] == [(3, "parts[1].id"), (4, "parts[2].share"), (5, "count")]


def test_broken_yaml_is_named_with_its_line(yaml: Path) -> None:
    (problem,) = problems(yaml, "title: a\nparts: [\n  {id: a}\n")
    assert problem.line == 4
    assert problem.message.de.startswith("Kein gültiges YAML:")


def test_a_tab_is_named_as_what_it_is(yaml: Path) -> None:
    (problem,) = problems(yaml, "title: a\nparts:\n\t- {id: a}\n")
    assert problem.line == 3
    assert problem.hint is not None
    assert "Tabulatoren" in problem.hint.de


def test_an_invisible_character_is_named_with_its_line(yaml: Path) -> None:
    (problem,) = problems(yaml, "title: a\nname: b\x07\n")
    assert problem.line == 2
    assert "x0007" in problem.message.de


def test_an_empty_file_says_how_to_start(yaml: Path) -> None:
    (problem,) = problems(yaml, "# nur ein Kommentar\n")
    assert problem.message.de == "Die Datei ist leer."


def test_aliases_that_multiply_each_other_are_refused(yaml: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (problem,) = problems(yaml, "\n".join(lines))
    assert "vervielfacht" in problem.message.de


def test_an_alias_to_itself_is_refused(yaml: Path) -> None:
    (problem,) = problems(yaml, "title: &a [*a]\n")
    assert "verschachtelt" in problem.message.de


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(tmp_path / "fehlt.yaml", Whole)
    (problem,) = caught.value.problems
    assert problem.format("de") == f"fehlt.yaml: Diese Datei fehlt.\n  Gesucht wurde {tmp_path / 'fehlt.yaml'}."


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: Städte".encode("latin-1"))
    with pytest.raises(InputError, match="Not UTF-8"):
        read_yaml(path, Whole)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot be read"):
        read_yaml(tmp_path, Whole)


@pytest.mark.parametrize(
    "text", ["key,persons,tags\n01,3,a;b\n", "key;persons;tags\n01;3;a|b\n", "\ufeffkey,persons,tags\r\n01,3,a;b\r\n"]
)
def test_commas_semicolons_and_byte_order_marks_are_understood(table: Path, text: str) -> None:
    table.write_text(text, encoding="utf-8")
    assert read_csv(table, Row) == [Row(key="01", persons=3, tags=("a", "b"))]


def test_an_empty_cell_counts_as_not_given(table: Path) -> None:
    table.write_text("key,persons\n01,\n\n02,1\n", encoding="utf-8")
    assert [row.persons for row in read_csv(table, Row)] == [2, 1]


def test_a_loaded_table_knows_the_line_of_every_row(table: Path) -> None:
    table.write_text('key,tags\n01,"a\nb"\n\n02,c\n', encoding="utf-8")
    loaded = load_csv(table, Row)
    assert [loaded.line_of((row, "key")) for row in range(2)] == [2, 5]


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, None, "The file is empty."),
        ("key,person\n", 1, "person", "Unknown column 'person'."),
        ("persons\n1\n", 1, "key", "The column 'key' is missing."),
        ("key,key\n1,2\n", 1, "key", "The column 'key' stands more than once."),
        ("key,persons\n01,0\n", 2, "persons", "'0' is too small."),
        ("key,persons\n01,1,2\n", 2, None, "3 cells, but 2 columns."),
        ("key,persons\n,1\n", 2, "key", "This entry is missing."),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(
    table: Path, text: str, line: int, field: str | None, message: str
) -> None:
    problem = problems(table, text, Row)[0]
    assert (problem.line, problem.field, problem.message.en) == (line, field, message)


def test_locations_are_written_as_people_count() -> None:
    assert dotted(("modules", 2, "topics", "hf-pflege")) == "modules[3].topics.hf-pflege"


def test_the_nearest_known_word_is_proposed() -> None:
    assert nearest("plfege", ["pflege", "wohnen"]).en == "Perhaps 'pflege' is meant."
    assert nearest("xyz", ["pflege", "wohnen"]).en == "Possible: pflege, wohnen."
