import pytest

from tests.settings.folder import Folder, Mistake

FILE = "province.yaml"
SHAPES = [
    (
        "time_zone:",
        "timezone:",
        "timezone",
        "province.timezone",
        "no such key, did you mean time_zone?",
    ),
    ("  id: son-la\n", "", "province:", "province.id", "is missing"),
    ("store:", "stores:", "stores", "stores", "no such key, did you mean store?"),
    (
        "id: son-la",
        "id: Sơn La",
        "Sơn La\n",
        "province.id",
        "'Sơn La' is no id: lower-case letters a-z, digits and hyphens",
    ),
    ("id: son-la", "id: 52", "id: 52", "province.id", "should be text: write it in quotes"),
    (
        "Mon-Fri 07:30-17:00",
        "Mo-Fr 7-17",
        "Mo-Fr",
        "province.working_hours",
        "'Mo-Fr 7-17' is not of the form \"Mon-Fri 07:30-17:00\"",
    ),
    (
        "07:30-17:00",
        "17:00-07:30",
        "17:00-",
        "province.working_hours",
        "'Mon-Fri 17:00-07:30' ends before it begins",
    ),
    ("07:30-17:00", "07:30-25:00", "25:00", "province.working_hours", "there is no hour 25:00"),
    (
        "2024-02-08/2024-02-15",
        "2024-02-15/2024-02-08",
        "2024-02-15/",
        "province.holidays.0",
        "2024-02-15/2024-02-08 ends before it begins",
    ),
    ("2024-09-02", "2024-09-31", "2024-09-31", "province.holidays.1", "there is no day 2024-09-31"),
    ("2024-09-02", "2. 9.", "2. 9.", "province.holidays.1", "'2. 9.' is no day such as 2024-12-31"),
    (
        "{vi: Khối tỉnh, en: Provincial}",
        "{vi: Khối tỉnh}",
        "Khối tỉnh",
        "blocks.provincial.name.en",
        "is missing",
    ),
    (
        "{vi: Sở TTTT, en: Information}",
        "Sở TTTT",
        "name: Sở TTTT",
        "agencies.so-tttt.name",
        "should be a mapping",
    ),
    (
        "until: 2025-03-01",
        "from: 2026-01-01\n    until: 2025-03-01",
        "id: so-tttt",
        "agencies.so-tttt",
        "ends 2025-03-01 before it begins 2026-01-01",
    ),
    (
        "{code: H52.02, until: 2026-01-01}",
        "{code: H52.02, untill: 2026-01-01}",
        "untill",
        "agencies.so-khcn.codes.register.0.untill",
        "no such key, did you mean until?",
    ),
    (
        "inherits: sum",
        "inherits: mean",
        "inherits",
        "agencies.so-tttt.inherits",
        "input should be 'sum'",
    ),
]
AGREEMENTS = [
    (
        "Ho_Chi_Minh",
        "Ho_Chi_Min",
        "Ho_Chi_Min\n",
        "province.time_zone",
        "no such time zone, did you mean Asia/Ho_Chi_Minh?",
    ),
    (
        "Asia/Ho_Chi_Minh",
        "../../etc/passwd",
        "../../etc",
        "province.time_zone",
        "no such time zone",
    ),
    (
        "id: phu-yen",
        "id: so-tttt",
        "id: so-tttt, block",
        "agencies.so-tttt.id",
        "stands twice, first in line 12",
    ),
    (
        "id: district",
        "id: provincial",
        "Khối huyện",
        "blocks.provincial.id",
        "stands twice, first in line 9",
    ),
    (
        "block: district",
        "block: districts",
        "block: districts",
        "agencies.phu-yen.block",
        "districts: no such block, did you mean district?",
    ),
    (
        "successors: [so-khcn]",
        "successors: [so-khc]",
        "so-khc]",
        "agencies.so-tttt.successors.0",
        "so-khc: no such agency, did you mean so-khcn?",
    ),
    (
        "successors: [so-khcn]",
        "successors: [so-tttt]",
        "successors: [",
        "agencies.so-tttt.successors.0",
        "an agency does not succeed itself",
    ),
    (
        "block: district, name: {vi: Phù Yên, en: Phu Yen}",
        "block: district, name: {vi: Phù Yên, en: Phu Yen}, codes: {register: 5203}",
        "register: 5203",
        "agencies.phu-yen.codes.register",
        "5203 is the code of so-khcn too, at the same time",
    ),
    (
        "{register: H52.01}",
        "{registre: H52.01}",
        "registre",
        "agencies.so-tttt.codes.registre",
        "no source has the codes of this system, did you mean register?",
    ),
]


@pytest.mark.parametrize("row", [*SHAPES, *AGREEMENTS], ids=lambda row: f"{row[3]} {row[1]}")
def test_a_mistake_is_an_error_with_its_file_line_and_key(
    folder: Folder, row: tuple[str, str, str, str, str]
) -> None:
    mistake = Mistake(FILE, *row)

    folder.change(mistake.file, mistake.old, mistake.new)

    assert any(each.startswith(folder.expected(mistake)) for each in folder.errors())
