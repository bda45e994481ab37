"""Signals, each in a process of its own: the one that runs the tests has threads and handlers of its own."""

import subprocess
import sys

import pytest

START = """
import os, signal, threading
from passgenau.cli.stopping import stoppable, undisturbed

def send(number):
    os.kill(os.getpid(), number)
    threading.Event().wait(0.5)  # passing the signal on takes far less
"""


def printed(program: str) -> list[str]:
    """Run a program in a process of its own and return the lines it prints."""
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", START + program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_interrupts_the_main_thread(name: str) -> None:
    program = f"""
try:
    with stoppable():
        send(signal.{name})
        print("went on")
except KeyboardInterrupt:
    print("stopped")
"""
    assert printed(program) == ["stopped"]


def test_a_library_that_takes_signals_for_itself_changes_nothing() -> None:
    """A solver leaves the default handler of C behind, which would end the process on the spot."""
    program = """
import ctypes
try:
    with stoppable():
        ctypes.CDLL(None).signal(signal.SIGINT, 0)  # SIG_DFL, unseen by Python
        send(signal.SIGINT)
except KeyboardInterrupt:
    print("stopped")
try:
    send(signal.SIGINT)
except KeyboardInterrupt:
    print("stopped again")
"""
    assert printed(program) == ["stopped", "stopped again"]


def test_the_second_signal_ends_what_does_not_react() -> None:
    program = """
with stoppable():
    try:
        send(signal.SIGINT)
    except KeyboardInterrupt:
        send(signal.SIGINT)
        print("still there")
"""
    done = subprocess.run([sys.executable, "-c", START + program], capture_output=True, text=True, check=False)  # noqa: S603 -- our own program
    assert (done.returncode, done.stdout) == (130, "")


def test_an_interruption_that_was_swallowed_is_repeated() -> None:
    program = """
try:
    with stoppable():
        try:
            send(signal.SIGINT)
        except KeyboardInterrupt:
            print("swallowed")
        threading.Event().wait(20)
        print("went on")
except KeyboardInterrupt:
    print("stopped")
"""
    assert printed(program) == ["swallowed", "stopped"]


def test_everything_is_as_before_when_nothing_happened() -> None:
    program = """
def state():
    return signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.getsignal(signal.SIGINT), threading.active_count()

before = state()
with stoppable():
    print(state() == before)
print(state() == before)
"""
    assert printed(program) == ["False", "True"]


def test_files_change_places_undisturbed() -> None:
    program = """
with stoppable():
    with undisturbed():
        send(signal.SIGINT)
        print("end")
    print("after")
"""
    assert printed(program) == ["end", "after"]
