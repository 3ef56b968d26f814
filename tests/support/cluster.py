"""Several processes of one service: a PostgreSQL and a Temporal beneath, and a role for each."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.data_folder import DataFolder
from deploy.embedded import Engines, start_engines
from tests.support.service_process import PATIENCE_SECONDS, Service, transfer


@dataclass
class Cluster:
    """The engines, and the processes that were started on them."""

    folder: DataFolder
    engines: Engines
    processes: list[Service] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What every process of it is set to."""
        assert self.engines.temporal_address is not None
        return {
            "DATABASE_URL": self.engines.database_url,
            "TEMPORAL_ADDRESS": self.engines.temporal_address,
        }

    def start(self, role: str, name: str, **settings: str) -> Service:
        """Begin one process, with a data folder of its own; it may not be ready yet."""
        own = DataFolder.open(self.folder.path.parent / name)
        for key in ("vault", "identity"):
            self.folder.secret(key)
            shutil.copy2(self.folder.secret_path(key), own.part("keys") / key)
        environment = {**self.environment, **settings}
        started = Service(own.path, "--role", role, environment=environment)
        self.processes.append(started)
        return started

    def end(self) -> None:
        """Kill every process that was started."""
        for each in self.processes:
            each.process.kill()
            each.process.communicate(timeout=PATIENCE_SECONDS)

    def token(self, role: str = "admin", subject: str = "HR") -> str:
        """A bearer token that every process of the role `api` takes."""
        data = str(self.folder.path)
        made = transfer("token", "--role", role, "--subject", subject, "--data", data)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()


@contextlib.contextmanager
def cluster(place: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """The engines of a service, and nothing on them yet; afterwards nothing of it runs."""
    folder = DataFolder.open(place / "engines")
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="service", durable=durable) as engines,
    ):
        made = Cluster(folder, engines)
        try:
            yield made
        finally:
            made.end()
