"""Which connectors there are, by the name that a source's `connector:` says."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.base import Connector
from connectors.dichvucong import Dichvucong
from connectors.http_json import HttpJson
from connectors.sheet import Sheet
from connectors.snmp import Snmp
from connectors.sql import Sql
from connectors.unifi import Unifi

CONNECTORS: Mapping[str, type[Connector]] = MappingProxyType(
    {
        "dichvucong": Dichvucong,
        "http_json": HttpJson,
        "sheet": Sheet,
        "snmp": Snmp,
        "sql": Sql,
        "unifi": Unifi,
    }
)
