"""A process for fits, so that nothing waits for them. It ends with the process that started it, whatever ends that."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def fit_pool() -> ProcessPoolExecutor:
    """Make a pool of one process, which starts with the first fit."""
    # spawn: a forked copy of a process with threads and an open database is a trap
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_begin)


def end(pool: ProcessPoolExecutor) -> None:
    """Give up what is not done, a running fit too."""
    processes = list((pool._processes or {}).values())  # noqa: SLF001 - no public way to end a running fit
    results = pool._result_queue  # noqa: SLF001
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    # Who ends while it sends a model leaves half of it. Without our own end of the pipe its reader sees that it is all.
    results._writer.close()  # type: ignore[attr-defined] # noqa: SLF001


def import_all() -> None:
    """Import what only a fit needs; to be the first task of a process, before anybody waits."""
    import sklearn.ensemble  # noqa: PLC0415 - slow to import: not where no fit runs
    import sklearn.svm  # noqa: F401, PLC0415


def _begin() -> None:
    """Leave Ctrl-C to who started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    # The pool's own pipes tell nothing: this process holds both of their ends.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
