"""Work goes through a real broker to a real worker process."""

import pytest
from django.test import Client

from tests.conftest import StartWorker


@pytest.mark.services
def test_a_worker_makes_cairn_ready(client: Client, start_worker: StartWorker) -> None:
    assert client.get("/readyz").status_code == 503
    start_worker()
    assert client.get("/readyz").json() == {"database": "ok", "broker": "ok", "worker": "ok"}
