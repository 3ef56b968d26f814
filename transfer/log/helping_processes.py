"""Processes that help this one, and end when it ends, however that is."""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor


def helping_processes(count: int) -> ProcessPoolExecutor:
    """So many processes to hand work to: importable functions and what can be pickled."""
    # A fork would copy locks that other threads hold.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
