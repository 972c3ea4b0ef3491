"""What the simulated systems have said, one JSON line an answer: the proof of what was served."""

import json
import threading
from hashlib import sha256
from pathlib import Path


class Ledger:
    """Appends lines {at_us, system, path, status, sha256}, each flushed before the answer leaves.

    With `bodies`, every body is kept there too, in a file named by its digest.
    """

    def __init__(self, path: Path, *, bodies: Path | None = None) -> None:
        self.path = path
        self._bodies = bodies
        self._lock = threading.Lock()
        if bodies is not None:
            bodies.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def note(self, *, at_us: int, system: str, path: str, status: int, body: bytes) -> None:
        digest = sha256(body).hexdigest()
        line = {"at_us": at_us, "system": system, "path": path, "status": status, "sha256": digest}
        with self._lock:
            if self._file.closed:
                return
            if self._bodies is not None and not (self._bodies / digest).exists():
                (self._bodies / digest).write_bytes(body)
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._file.close()
