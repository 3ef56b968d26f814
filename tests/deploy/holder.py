"""A program that runs the engines of a folder until its input ends, for tests that kill it.

    python holder.py DIR none|service|rehearsal

Prints one JSON line when they are up: pids and addresses.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import cast

from deploy.data_folder import DataFolder, ServiceInfo
from deploy.embedded import Engines, TemporalKind, start_engines


def _pids(engines: Engines) -> list[int]:
    return [child.pid for child in engines._children]


def main(path: str, temporal: TemporalKind) -> None:
    folder = DataFolder.open(Path(path))
    with folder.hold("a test"), start_engines(folder, temporal=temporal) as engines:
        folder.publish(
            ServiceInfo(engines.database_url, engines.temporal_address, None, os.getpid())
        )
        up = {
            "database_url": engines.database_url,
            "identity": engines.temporal_identity,
            "pids": _pids(engines),
        }
        print(json.dumps(up), flush=True)  # noqa: T201 - its whole purpose
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], cast("TemporalKind", sys.argv[2]))
