"""How gunicorn serves Cairn; it reads this file by itself from the folder it is started in.

WEB_CONCURRENCY is gunicorn's own variable for the number of worker processes.
"""

import os
from pathlib import Path

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 15
# A worker starts afresh now and then, so that a slow leak of memory never adds up.
max_requests = 10_000
max_requests_jitter = 1_000
# The heartbeat file must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
