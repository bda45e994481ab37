"""What the room of estimation offers: every name loads, and type checkers are told the same."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from passgenau import estimation

STUB = Path(estimation.__file__).with_suffix(".pyi")


@pytest.mark.parametrize("name", estimation.__all__)
def test_every_name_is_that_of_its_module(name: str) -> None:
    module = importlib.import_module(f"passgenau.estimation.{estimation._MODULE[name]}")
    assert getattr(estimation, name) is getattr(module, name)


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    told = {
        (node.module, alias.name, alias.asname)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {(f"passgenau.estimation.{module}", name, name) for name, module in estimation._MODULE.items()}


def test_no_name_is_that_of_a_file_too() -> None:
    # Importing passgenau.estimation.x binds x in the room: a function of that name would be hidden by its file.
    files = {path.stem for path in STUB.parent.iterdir()}
    assert sorted(files & set(estimation.__all__)) == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'guess'"):
        estimation.guess  # noqa: B018 -- the look-up is what is tested


def test_an_exact_interval_does_not_wait_for_data_frames() -> None:
    wanted = "from passgenau.estimation import hypergeometric_interval"
    code = f"{wanted}; import sys; print(sorted({{'polars', 'duckdb'}} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 -- ours
    assert done.stdout == "[]\n"
