"""Ctrl-C and SIGTERM stop the program cleanly, whatever native libraries do with signals.

A solver may catch SIGINT for itself, take it for a time limit and return half a solution, or leave
the operating system's default behind, which ends the process on the spot. So signals are blocked in
every thread but one, which waits for them and interrupts the main thread.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130
STOP = frozenset({signal.SIGINT, signal.SIGTERM})
AGAIN = 1.0  # seconds after which an interruption that had no effect is repeated
END = signal.SIGUSR1  # sent to the waiting thread alone, when there is nothing left to wait for


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise `KeyboardInterrupt` at the first signal, as soon as native code returns; end at the second.

    To be entered in the main thread, before there are others: a thread inherits what is blocked.
    """
    handler = signal.getsignal(signal.SIGINT)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*STOP, END})
    waiting = threading.Thread(target=_wait, daemon=True)
    waiting.start()
    try:
        yield
    finally:
        if waiting.ident is not None and waiting.is_alive():
            signal.pthread_kill(waiting.ident, END)
        waiting.join()
        signal.signal(signal.SIGINT, handler)  # a library may have left another one behind
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait() -> None:
    if signal.sigwait({*STOP, END}) == END:
        return
    found = None
    while found is None:  # Python drops an exception that meets a destructor or a callback of native code
        _thread.interrupt_main()
        found = signal.sigtimedwait({*STOP, END}, AGAIN)
    if found.si_signo != END:
        os._exit(INTERRUPTED)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nothing interrupt the few moments in which files change places; what was asked for is done then."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
