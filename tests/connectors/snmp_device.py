"""Devices that speak SNMP: a simulator that replays recorded walks, and one that a test scripts."""

import os
import pwd
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from tests.prometheus import waited

USER, AUTH_KEY, PRIVACY_KEY = "reader", "planted-proof", "planted-hiding"
Oids = list[str]
Pairs = list[tuple[str, int]]


@contextmanager
def simulated(folder: Path, recordings: Mapping[str, str]) -> Iterator[int]:
    """The UDP port of a device that has one walk a community, which is a context to version 3."""
    data, log, port = folder / "data", folder / "log", _free_port()
    data.mkdir(parents=True)
    for community, walk in recordings.items():
        (data / f"{community}.snmprec").write_text(walk, encoding="utf-8")
    with log.open("wb") as lines, _started(data, folder / "index", port, lines) as process:
        try:
            waited(lambda: _listening(process, log), "simulated device")
            yield port
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextmanager
def scripted(answer: Callable[[Oids], Pairs], address: str = "127.0.0.1") -> Iterator[int]:
    """The UDP port of a device that answers each question with the pairs that the test says."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((address, 0))
        port: int = bound.getsockname()[1]
        thread = threading.Thread(target=_answer_all, args=(bound, answer))
        thread.start()
        try:
            yield port
        finally:
            with socket.socket(family, socket.SOCK_DGRAM) as last:
                last.sendto(b"", (address, port))
            thread.join()


def _started(data: Path, index: Path, port: int, log: Any) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("snmpsim-command-responder")
    arguments = [
        "--v3-engine-id=auto",
        f"--v3-user={USER}",
        f"--v3-auth-key={AUTH_KEY}",
        "--v3-auth-proto=SHA256",
        f"--v3-priv-key={PRIVACY_KEY}",
        "--v3-priv-proto=AES",
        f"--data-dir={data}",
        f"--cache-dir={index}",
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        "--logging-method=stderr",
    ]
    # It wants to be told which user to become; an ordinary one cannot become another.
    name = pwd.getpwuid(os.geteuid()).pw_name
    owner = [f"--process-user={name}", "--process-group=root"] if os.geteuid() == 0 else []
    return subprocess.Popen([program, *arguments, *owner], stdout=log, stderr=log)


def _listening(process: subprocess.Popen[bytes], log: Path) -> bool | None:
    said = log.read_text(encoding="utf-8")
    assert process.poll() is None, said
    return "Listening at" in said or None


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _answer_all(bound: socket.socket, answer: Callable[[Oids], Pairs]) -> None:
    while True:
        asked, peer = bound.recvfrom(65_536)
        if not asked:
            return
        bound.sendto(_answered(asked, answer), peer)


def _answered(asked: bytes, answer: Callable[[Oids], Pairs]) -> bytes:
    message, _ = decoder.decode(asked, asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)
    # A bulk question has other fields than its answer, but the same pairs in the same place.
    oids = [str(name) for name, _ in v2c.apiBulkPDU.get_varbinds(pdu)]
    response = v2c.GetResponsePDU()
    v2c.apiPDU.set_defaults(response)
    v2c.apiPDU.set_request_id(response, v2c.apiPDU.get_request_id(pdu))
    v2c.apiPDU.set_varbinds(
        response, [(v2c.ObjectIdentifier(oid), v2c.Integer32(value)) for oid, value in answer(oids)]
    )
    v2c.apiMessage.set_pdu(message, response)
    whole: bytes = encoder.encode(message)
    return whole
