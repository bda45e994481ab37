"""The command line: thin commands over `passgenau.study`.

`main` is what the command `passgenau` calls. Exit status: 0 done; 1 a fault of ours; 2 bad input
or usage; 3 wishes that cannot be met together; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; `args` default to those of the process."""
    try:
        from passgenau.cli.guard import guarded  # noqa: PLC0415 -- Ctrl-C while modules load must be quiet, too
    except KeyboardInterrupt:
        return 130
    return guarded(args)
