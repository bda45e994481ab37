"""Around every command: the language, the exit status, and one clear message instead of a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from typer.exceptions import TyperException

from passgenau.cli.app import build
from passgenau.cli.delivery import is_full, out_of_space
from passgenau.cli.language import language, usage_error
from passgenau.cli.speech import Speech
from passgenau.cli.stopping import INTERRUPTED, stoppable
from passgenau.errors import InfeasibleError, PassgenauError
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.text import Lang

DONE, FAULT, BAD_INPUT, INFEASIBLE = 0, 1, 2, 3

_INTERRUPTED = Text("abgebrochen; es wurde nichts geschrieben", "interrupted; nothing was written")
_FAULT = Text(
    "Das ist ein Fehler von passgenau, nicht von Ihnen: {what}\n"
    "  Bitte melden (README, „Fehler melden“), mit der Ausgabe von PASSGENAU_DEBUG=1.",
    "this is a fault of passgenau, not of yours: {what}\n"
    "  Please report it (README, “Reporting a fault”) with the output of PASSGENAU_DEBUG=1.",
)
_HELP = Text("`{command} --help` zeigt, was möglich ist.", "`{command} --help` shows what is possible.")


def guarded(args: Sequence[str] | None) -> int:
    """Run the command line; return the exit status and say on standard error what went wrong."""
    words = list(sys.argv[1:] if args is None else args)
    lang = language(words, os.environ)
    try:
        with stoppable():
            status = _invoke(words, lang)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe has seen enough
        _silence_stdout()
        return DONE
    except KeyboardInterrupt:
        status = INTERRUPTED
    except PassgenauError as error:
        _say(error.format(lang))
        return INFEASIBLE if isinstance(error, InfeasibleError) else BAD_INPUT
    except TyperException as error:
        _say(_usage(error, lang))
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 -- the last line of defence: no traceback reaches a user
        return _unexpected(error, lang)
    if status == INTERRUPTED:
        _say(_INTERRUPTED.into(lang))
    return status


def _invoke(words: list[str], lang: Lang) -> int:
    status = build(lang).main(words, prog_name="passgenau", standalone_mode=False, obj=Speech(lang, "de"))
    return status if isinstance(status, int) else DONE


def _usage(error: TyperException, lang: Lang) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "passgenau"
    return f"{usage_error(error.format_message(), lang)}\n  {_HELP.into(lang).format(command=command)}"


def _unexpected(error: Exception, lang: Lang) -> int:
    """Say an exception nobody foresaw: a full disk, or a fault of ours."""
    if isinstance(error, OSError) and is_full(error):
        _silence_stdout()
        _say(out_of_space(error.filename).format(lang))
        return BAD_INPUT
    if os.environ.get("PASSGENAU_DEBUG"):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    _say(_FAULT.into(lang).format(what=what))
    return FAULT


def _say(message: str) -> None:
    """Print a message to standard error; the prefix never changes with the language."""
    sys.stderr.write(f"error: {message}\n")


def _silence_stdout() -> None:
    """Keep the interpreter from trying once more to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
