"""Output files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from passgenau.cli.stopping import undisturbed
from passgenau.errors import InputError, reason
from passgenau.text import Text

if TYPE_CHECKING:
    from types import TracebackType

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: OSError) -> bool:
    """Return whether an error means that there is no room left."""
    return error.errno in FULL


def out_of_space(where: object) -> InputError:
    """Return the error for a full disk."""
    place = f" ({where})" if where else ""
    return InputError.of(
        f"Der Datenträger ist voll{place}; es wurde nichts geschrieben.",
        f"The disk is full{place}; nothing was written.",
        hint=Text("Platz schaffen oder mit --out einen anderen Ort nennen.", "Free some space or name another place."),
    )


class Delivery:
    """A folder that receives a set of files at once.

    Entering makes a private folder on the same file system, so that an unwritable place is found
    before anything is computed. `deliver` writes everything there first and then moves it into
    place; when a move fails, those already made are undone. Leaving removes the private folder.

    Examples
    --------
    >>> with Delivery(Path("out")) as delivery:  # doctest: +SKIP
    ...     delivery.deliver({"estimates.csv": b"…"})
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._made: list[Path] = []  # folders above `out` that did not exist before
        self._private: Path | None = None

    def __enter__(self) -> Self:
        try:
            self._private = self._prepare()
        except OSError as error:
            self._tidy()
            raise _refused(error, self.out) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with undisturbed():
            self._tidy()

    def deliver(self, files: Mapping[str, bytes], replaces: Sequence[str] = ()) -> tuple[Path, ...]:
        """Write `files` by name, whole or not at all, and return where they stand.

        Parameters
        ----------
        files
            Names and contents.
        replaces
            Names that belong to the same set: one that an earlier run left and `files` lacks is removed.

        Raises
        ------
        InputError
            The disk is full or the place cannot be written; the folder is as it was before.
        """
        if self._private is None:
            raise RuntimeError("deliver inside a with statement")
        new, old = self._private / "new", self._private / "old"
        try:
            new.mkdir()
            for name, content in files.items():
                _write(new / name, content)
            with undisturbed():
                self._move(new, old, [*files, *(name for name in replaces if name not in files)])
        except OSError as error:
            raise _refused(error, self.out) from None
        return tuple(self.out / name for name in files)

    def _prepare(self) -> Path:
        missing = self.out.parent
        while not missing.exists():
            self._made.insert(0, missing)
            missing = missing.parent
        self.out.parent.mkdir(parents=True, exist_ok=True)
        if self.out.exists() and not self.out.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self.out))
        # Inside an existing folder, because it may be a file system of its own; beside a new one.
        home = self.out if self.out.exists() else self.out.parent
        return Path(tempfile.mkdtemp(prefix=".passgenau-", dir=home))

    def _move(self, new: Path, old: Path, names: Sequence[str]) -> None:
        if not self.out.exists():
            new.rename(self.out)
            return
        old.mkdir()
        moved: list[str] = []
        try:
            for name in names:
                self._swap(name, new, old, moved)
        except OSError:
            for name in reversed(moved):
                _restore(self.out / name, old / name)
            raise

    def _swap(self, name: str, new: Path, old: Path, moved: list[str]) -> None:
        target = self.out / name
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        if target.exists():
            target.rename(old / name)
        moved.append(name)
        if (new / name).exists():
            (new / name).rename(target)

    def _tidy(self) -> None:
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # it holds something now: the delivery arrived
                folder.rmdir()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a full disk may show only now


def _restore(target: Path, backup: Path) -> None:
    with suppress(FileNotFoundError):
        target.unlink()
    with suppress(FileNotFoundError):
        backup.rename(target)


def _refused(error: OSError, out: Path) -> InputError:
    if is_full(error):
        return out_of_space(out)
    why = reason(error)
    return InputError.of(
        f"{out} lässt sich nicht beschreiben ({error.filename}: {why.de}).",
        f"{out} cannot be written ({error.filename}: {why.into('en')}).",
        hint=Text(
            "Mit --out einen Ordner nennen, in den Sie schreiben dürfen.", "Name a folder that you may write to."
        ),
    )
