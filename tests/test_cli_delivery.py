import errno
import os
from pathlib import Path

import pytest

from passgenau.cli.delivery import Delivery
from passgenau.errors import InputError


def tree(folder: Path) -> dict[str, str]:
    """Return all files below a folder, hidden ones included."""
    return {str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}


def test_files_appear_in_a_new_folder(tmp_path: Path) -> None:
    with Delivery(tmp_path / "a" / "b") as delivery:
        assert delivery.deliver({"x": b"1", "y": b"2"}) == (tmp_path / "a" / "b" / "x", tmp_path / "a" / "b" / "y")
    assert tree(tmp_path) == {"a/b/x": "1", "a/b/y": "2"}


def test_a_new_folder_can_be_read_by_others_as_the_umask_says(tmp_path: Path) -> None:
    with Delivery(tmp_path / "out") as delivery:
        delivery.deliver({"x": b"1"})
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_nothing_is_left_when_nothing_is_delivered(tmp_path: Path) -> None:
    with Delivery(tmp_path / "a" / "b"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_older_files_are_replaced_and_a_persons_own_files_stay(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old", encoding="utf-8")
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    with Delivery(tmp_path) as delivery:
        delivery.deliver({"x": b"new", "y": b"new"})
    assert tree(tmp_path) == {"x": "new", "y": "new", "notes": "mine"}


def test_files_of_the_same_set_that_are_not_delivered_again_go(tmp_path: Path) -> None:
    (tmp_path / "plan_state.json").write_text("old", encoding="utf-8")
    with Delivery(tmp_path) as delivery:
        delivery.deliver({"plan.json": b"new"}, replaces=("plan.json", "plan_state.json", "never.json"))
    assert tree(tmp_path) == {"plan.json": "new"}


def test_an_error_inside_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), Delivery(tmp_path):
        raise KeyboardInterrupt
    assert tree(tmp_path) == {"x": "old"}


def test_a_move_that_fails_undoes_those_already_made(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", encoding="utf-8")
    (tmp_path / "gone").write_text("old", encoding="utf-8")
    (tmp_path / "z").mkdir()  # a folder stands where a file should go
    with pytest.raises(InputError, match="cannot be written"), Delivery(tmp_path) as delivery:
        delivery.deliver({"a": b"new", "b": b"new", "z": b"new"}, replaces=("gone",))
    assert tree(tmp_path) == {"a": "old", "gone": "old"}
    assert (tmp_path / "z").is_dir()


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("old", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="The disk is full"), Delivery(tmp_path) as delivery:
        delivery.deliver({"x": b"new"})
    assert tree(tmp_path) == {"x": "old"}


def test_a_file_in_place_of_the_folder_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"), Delivery(tmp_path / "out"):
        pytest.fail("the folder must be refused on entering")
    assert tree(tmp_path) == {"out": "a file"}


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"), Delivery(tmp_path / "file" / "out"):
        pytest.fail("the folder must be refused on entering")


def test_a_delivery_needs_its_with_statement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="with statement"):
        Delivery(tmp_path).deliver({"x": b"1"})
