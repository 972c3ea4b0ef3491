"""An OAuth2 token endpoint that takes nothing but what RFC 6749, 4.4 lets a client send."""

import json
import secrets
import time
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from tests.source_server import Asked, Served, as_json

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass
class TokenServer:
    """Answers /token, and lets a token pass at every other path until its life is over.

    `reuses`: the live token is given again, and its life shrinks, as some gateways do.
    """

    client_id: str
    client_secret: str
    lifetime_s: float = 3600.0
    reuses: bool = False
    issued: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Served:
        if asked.path != "/token":
            return self._resource(asked)
        error = self._error(asked)
        if error is not None:
            self.errors.append(error)
            status = 401 if error == "invalid_client" else 400
            return Served(json.dumps({"error": error}).encode(), status, headers=NO_STORE)
        token, ends_s = self._token()
        return as_json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": max(round(ends_s - time.monotonic()), 0),
            }
        )

    def forget_all(self) -> None:
        """Every token dies before its time."""
        self.issued.clear()

    def _token(self) -> tuple[str, float]:
        now_s = time.monotonic()
        alive = [(token, ends_s) for token, ends_s in self.issued.items() if ends_s > now_s]
        if self.reuses and alive:
            return alive[0]
        token = secrets.token_urlsafe(24)
        self.issued[token] = now_s + self.lifetime_s
        return token, self.issued[token]

    def _resource(self, asked: Asked) -> Served:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self.issued.get(token, 0.0) <= time.monotonic():
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return Served(b"{}", 401, headers=challenge)
        return as_json({"rows": ["in"]})

    def _error(self, asked: Asked) -> str | None:
        form = _form(asked)
        if form is None:
            return "invalid_request"
        if form.pop("grant_type", None) != "client_credentials":
            return "unsupported_grant_type"
        shown = self._shown(asked, form)
        if shown is None or not set(form) <= {"scope"}:
            return "invalid_request"
        return None if shown == (self.client_id, self.client_secret) else "invalid_client"

    def _shown(self, asked: Asked, form: dict[str, str]) -> tuple[str, str] | None:
        """Id and secret, by the form or by the header; None where both are used (2.3)."""
        scheme, _, told = asked.headers.get("authorization", "").partition(" ")
        by_form = form.pop("client_id", None), form.pop("client_secret", None)
        if not scheme:
            return by_form[0] or "", by_form[1] or ""
        if scheme != "Basic" or by_form != (None, None):
            return None
        name, _, secret = b64decode(told, validate=True).decode("ascii").partition(":")
        return unquote_plus(name), unquote_plus(secret)


def _form(asked: Asked) -> dict[str, str] | None:
    """The form of a POST without a query and with no parameter twice (3.2); else None."""
    kind = asked.headers.get("content-type", "").partition(";")[0].strip()
    if asked.method != "POST" or asked.query or kind != "application/x-www-form-urlencoded":
        return None
    pairs = parse_qsl(asked.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    twice = any(times > 1 for times in Counter(name for name, _ in pairs).values())
    return None if twice else dict(pairs)
