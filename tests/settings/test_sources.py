import pytest

from tests.settings.folder import Folder, Mistake

FILE = "sources.yaml"
SHAPES = [
    (
        "owner: Văn phòng",
        "owners: Văn phòng",
        "owners",
        "sources.documents.owners",
        "no such key, did you mean owner?",
    ),
    ("    owner: Sở TTTT\n", "", "radio:", "sources.radio.owner", "is missing"),
    (
        "    connector: register\n    name: {vi: Mạng",
        "    connector: registre\n    name: {vi: Mạng",
        "registre",
        "sources.radio.connector",
        "no such connector, did you mean register?",
    ),
    (
        "every: 15m",
        "every: 15x",
        "15x",
        "sources.documents.schedule.every",
        "'15x' is no duration such as 5s, 15m, 2h or 3d",
    ),
    (
        "every: 15m",
        "every: 15",
        "every: 15",
        "sources.documents.schedule.every",
        "15 is no duration such as 5s, 15m, 2h or 3d",
    ),
    (
        "{every: 15m}",
        "{every: 15m, cron: 0 * * * *}",
        "cron: 0 *",
        "sources.documents.schedule",
        "needs one of `every` and `cron`",
    ),
    (
        "{every: 15m}",
        "{}",
        "schedule: {}",
        "sources.documents.schedule",
        "needs one of `every` and `cron`",
    ),
    (
        "{late_after: 45m,",
        "{late_after: 5d,",
        "late_after: 5d",
        "sources.documents.freshness",
        "is stale before it is late",
    ),
    (
        "frozen_after: 200",
        "frozen_after: 0",
        "frozen_after: 0",
        "sources.documents.freshness.frozen_after",
        "input should be greater than or equal to 1",
    ),
    (
        "absent: zero",
        "absent: none",
        "absent",
        "sources.radio.absent",
        "input should be 'missing', 'zero' or 'hold'",
    ),
    (
        "url: https://radio.example",
        "uri: https://radio.example",
        "uri:",
        "sources.radio.uri",
        "no such key, did you mean url?",
    ),
    (
        "factor: 0.5",
        "facto: 0.5",
        "facto:",
        "sources.radio.metrics.hotspots.facto",
        "no such key, did you mean factor?",
    ),
    (
        "token: {env: DOCUMENTS_TOKEN}",
        "token: s3cret",
        "s3cret",
        "sources.documents.token",
        "should be a mapping: write {env: NAME} or {file: PATH}",
    ),
    (
        "url: https://radio.example",
        "url: {env: RADIO_URL}",
        "RADIO_URL",
        "sources.radio.url",
        "should be text: give {env: RADIO_URL} a default",
    ),
    (
        '"documents_signed <= documents_sent"',
        '"documents_signed <= "',
        '"documents_signed <= "',
        "sources.documents.expect.0",
        "not readable here",
    ),
    (
        '"agencies >= 90 %"',
        '"agencies >= 120 %"',
        "120 %",
        "sources.documents.expect.1",
        "there are no more than 100 % of the agencies",
    ),
    (
        '"agencies >= 90 %"',
        '"agencies >= 20"',
        "agencies >= 20",
        "sources.documents.expect.1",
        "agencies are counted as a share: `agencies >= 90 %`",
    ),
    (
        "period: year",
        'period: year\n    requests: [{expect: ["documents_sent"]}]',
        "requests:",
        "sources.documents.requests.0.expect.0",
        "a comparison needs one of",
    ),
]
AGREEMENTS = [
    (
        "documents_signed: {path",
        "documents_singed: {path",
        "documents_singed: {",
        "sources.documents.metrics.documents_singed",
        "no such metric, did you mean documents_signed?",
    ),
    (
        '"documents_signed <= documents_sent"',
        '"documents_sent >= hotspots"',
        ">= hotspots",
        "sources.documents.expect.0",
        "hotspots: this source feeds no such metric",
    ),
    (
        "north: phu-yen",
        "north: phu-yem",
        "phu-yem",
        "sources.radio.sites.north",
        "phu-yem: no such agency, did you mean phu-yen?",
    ),
    (
        "hotspots: {path: up, factor: 0.5}",
        "hotspots: {path: up}\n      documents_sent: {path: sent}",
        "documents_sent: {path: sent}\n      officer",
        "sources.radio.metrics.documents_sent",
        "is a period_total: say for which window or period it is asked",
    ),
    (
        "30 6 * * *",
        "30 6 * *",
        "30 6",
        "sources.radio.schedule.cron",
        "'30 6 * *' is no cron expression: 4 fields stand where cron has 5",
    ),
    (
        "30 6 * * *",
        "0 0 31 2 *",
        "0 0 31",
        "sources.radio.schedule.cron",
        "'0 0 31 2 *' never comes due",
    ),
    (
        "{system: register}",
        "{system: ledger}",
        "ledger",
        "sources.documents.agency.system",
        "no agency has a code in the system ledger",
    ),
]


@pytest.mark.parametrize("row", [*SHAPES, *AGREEMENTS], ids=lambda row: f"{row[3]} {row[1]}")
def test_a_mistake_is_an_error_with_its_file_line_and_key(
    folder: Folder, row: tuple[str, str, str, str, str]
) -> None:
    mistake = Mistake(FILE, *row)

    folder.change(mistake.file, mistake.old, mistake.new)

    assert any(each.startswith(folder.expected(mistake)) for each in folder.errors())
