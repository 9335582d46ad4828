"""A process of its own is told to stop whenever the signal comes."""

from __future__ import annotations

import select
import signal
import threading
import time

from traceqr.cli.process import told_to_stop


def test_a_signal_that_interrupts_no_wait_is_heard() -> None:
    """It comes to another thread and wakes nobody, as one does that comes just before a wait."""

    def signal_itself() -> None:
        time.sleep(0.3)  # by then the other one waits
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    with told_to_stop() as stop:
        other = threading.Thread(target=signal_itself)
        other.start()
        ready, _, _ = select.select([stop], [], [], 20)
        other.join()
    assert ready


def test_what_signals_did_before_they_do_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with told_to_stop():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    assert signal.set_wakeup_fd(-1) == -1
