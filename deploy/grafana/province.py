"""The dashboard of the province: its score, the ranked blocks, the ratios against their targets."""

from grafana_foundation_sdk.builders import bargauge, dashboard, stat, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model

from collector.web.words.dictionary import WORDS
from deploy.grafana.parts import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SKY,
    YELLOW,
    board,
    choice,
    column,
    framed,
    last_value,
    merged,
    now,
    over_time,
    plain,
    rows,
    share_of,
    sorted_by,
    steps,
    with_panels,
    words,
)
from scoring.model import Status

COLORS: dict[Status, str] = {
    "ok": GREEN,
    "stale": YELLOW,
    "held": ORANGE,
    "missing": RED,
    "not_connected": GREY,
    "not_applicable": SKY,
}
# The words of chiso's own pages, in Vietnamese.
NAMED: dict[str, tuple[str, str]] = {
    status: (WORDS[status][0], color) for status, color in COLORS.items()
}
# The bands of the example set; a band of another set is shown by its own name.
BANDS = {
    "tot": ("Tốt", GREEN),
    "kha": ("Khá", SKY),
    "trung-binh": ("Trung bình", ORANGE),
    "yeu": ("Yếu", RED),
}
PAGE_OF_AGENCY = {
    "title": "Trang của cơ quan",
    "url": "${chiso_url:raw}/agencies/${__data.fields.agency}",
    "targetBlank": True,
}


def province() -> dashboard.Dashboard:
    whole = board(
        "chiso-province",
        "Chỉ số chuyển đổi số của tỉnh",
        "Score of the province, its ranked agencies, and ratios against their targets.",
        since="now-30d",
    )
    whole.with_variable(
        choice(
            "set", "Bộ chỉ số", 'label_values(dti_indicator_set_info{instance="$instance"}, set)'
        )
    )
    whole.with_variable(
        choice("block", "Khối", f"label_values({of('dti_agency_coverage_ratio')}, block)")
        .multi(True)
        .include_all(True)
        .current(model.VariableOption(selected=True, text="All", value="$__all"))
    )
    return with_panels(
        whole,
        [
            score(),
            bounds(),
            blocks(),
            coverage(),
            published(),
            score_over_time(),
            blocks_over_time(),
            ranking(),
            ratios(),
            achieved(),
            statuses(),
            bands(),
            coverage_over_time(),
        ],
    )


def of(family: str, more: str = "") -> str:
    """The family's series of the chosen service and indicator set."""
    return f'{family}{{instance="$instance",set="$set"{more}}}'


def named(expr: str, info: str = "") -> str:
    """The expression's series of an indicator, with the indicator's name as a label."""
    return (
        f"max by (indicator, name) ({expr} * on (instance, indicator, set) group_left (name) "
        f"{of('dti_indicator_info', info)})"
    )


def score() -> stat.Panel:
    targets = [now("A", of("dti_province_score"))]
    panel = framed(
        stat.Panel(), "Điểm của tỉnh", "Province score, on the set's scale.", targets, w=4, h=5
    )
    return _points(panel).no_value("chưa có điểm")


def bounds() -> stat.Panel:
    targets = [
        now("A", of("dti_province_score_low"), "thấp nhất"),
        now("B", of("dti_province_score_high"), "cao nhất"),
    ]
    text = "Lowest and highest score that what is known allows; equal when all data are fresh."
    return _points(framed(stat.Panel(), "Khoảng có thể", text, targets, w=5, h=5))


def blocks() -> stat.Panel:
    targets = [now("A", of("dti_block_score"), "{{block}}")]
    panel = framed(
        stat.Panel(), "Điểm các khối", "Mean of each block's scored agencies.", targets, w=6, h=5
    )
    return _points(panel)


def coverage() -> stat.Panel:
    targets = [now("A", f"avg({of('dti_agency_coverage_ratio')})")]
    text = "Mean share of applicable points whose inputs are known."
    panel = framed(stat.Panel(), "Độ phủ dữ liệu", text, targets, w=4, h=5)
    limits = steps((None, RED), (0.8, ORANGE), (0.95, GREEN))
    return _figure(panel).unit("percentunit").decimals(1).thresholds(limits)


def published() -> stat.Panel:
    targets = [now("A", 'dti_scoreboard_timestamp_seconds{instance="$instance"} * 1000')]
    text = "When the scoreboard that these figures come from was published."
    panel = framed(stat.Panel(), "Bảng điểm công bố lúc", text, targets, w=5, h=5)
    return _figure(panel).unit("dateTimeAsSystem").color_scheme(plain(BLUE))


def _points(panel: stat.Panel) -> stat.Panel:
    """Scores in one colour: what is good or bad is the indicator set's word, not Grafana's."""
    return _figure(panel).unit("none").decimals(2).color_scheme(plain(BLUE))


def _figure(panel: stat.Panel) -> stat.Panel:
    return panel.graph_mode(common.BigValueGraphMode.NONE).reduce_options(last_value())


def score_over_time() -> timeseries.Panel:
    targets = [
        over_time("A", of("dti_province_score"), "điểm"),
        over_time("B", of("dti_province_score_low"), "thấp nhất"),
        over_time("C", of("dti_province_score_high"), "cao nhất"),
    ]
    text = "Province score; the band is what the score could be, given what is not known."
    panel = framed(timeseries.Panel(), "Điểm của tỉnh theo thời gian", text, targets, w=12, h=9)
    line = [
        _property("color", model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=SKY))
    ]
    line.append(_property("custom.lineWidth", 1))
    band = [*line, _property("custom.fillBelowTo", "thấp nhất")]
    return (
        panel.decimals(2)
        .unit("none")
        .override_by_name("thấp nhất", line)
        .override_by_name("cao nhất", band)
    )


def _property(name: str, value: object) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(id_val=name, value=value)


def blocks_over_time() -> timeseries.Panel:
    targets = [over_time("A", of("dti_block_score"), "{{block}}")]
    text = "Mean of each block's scored agencies."
    panel = framed(timeseries.Panel(), "Điểm các khối theo thời gian", text, targets, w=12, h=9)
    return panel.decimals(2).unit("none")


def ranking() -> table.Panel:
    """One table a block, whatever blocks the configuration has."""
    inside = ',block="$block"'
    name = "* on (instance, agency, block) group_left (name) dti_agency_info"
    targets = [
        rows("A", f"max by (agency, name) ({of('dti_agency_coverage_ratio', inside)} {name})"),
        rows("B", f"max by (agency) ({of('dti_agency_rank', inside)})"),
        rows("C", f"max by (agency) ({of('dti_agency_score', inside)})"),
        rows("D", f"max by (agency) ({of('dti_agency_score_low', inside)})"),
        rows("E", f"max by (agency) ({of('dti_agency_score_high', inside)})"),
        rows("F", f"max by (agency, band) ({of('dti_agency_band', inside)})"),
    ]
    text = "Agencies of the block by rank, with the score's bounds, band and coverage."
    panel = framed(table.Panel(), "Xếp hạng khối $block", text, targets, w=24, h=14)
    panel = panel.repeat("block").repeat_direction("h").max_per_row(2).unit("none").decimals(2)
    names = {
        "Value #B": "Hạng",
        "name": "Cơ quan",
        "agency": "agency",
        "Value #C": "Điểm",
        "Value #D": "Thấp nhất",
        "Value #E": "Cao nhất",
        "band": "Mức",
        "Value #A": "Độ phủ",
    }
    panel = sorted_by(merged(panel, names, hidden=["Value #F"]), "Hạng")
    # Not shown, and still there for the link to read.
    panel = column(panel, "agency", custom_hidden=True)
    panel = column(panel, "Cơ quan", links=[PAGE_OF_AGENCY])
    panel = column(panel, "Hạng", decimals=0, custom_width=70)
    panel = column(panel, "Điểm", **share_of(100, SKY))
    panel = column(panel, "Mức", mappings=[words(BANDS)], custom_width=110)
    return column(panel, "Độ phủ", unit="percentunit", decimals=1, custom_width=90)


def ratios() -> table.Panel:
    value, target = of("dti_province_indicator_value"), of("dti_province_indicator_target")
    ratio = ',unit="ratio"'
    targets = [
        rows("A", named(value, ratio)),
        rows("B", named(target, ratio)),
        rows("C", named(f"{value} - on (instance, indicator, set) {target}", ratio)),
    ]
    text = "Ratios over the sums of all agencies (never means of ratios), beside their targets."
    panel = framed(table.Panel(), "Tỷ lệ toàn tỉnh so với mục tiêu", text, targets, w=14, h=12)
    names = {
        "name": "Chỉ số",
        "Value #A": "Giá trị",
        "Value #B": "Mục tiêu",
        "Value #C": "Chênh lệch",
    }
    panel = merged(panel.unit("percentunit").decimals(2), names, hidden=["indicator"])
    panel = column(panel, "Giá trị", **share_of(1, SKY))
    limits = steps((None, RED), (0, GREEN)).build()
    colored = common.TableColorTextCellOptions()
    panel = column(panel, "Chênh lệch", thresholds=limits, custom_cellOptions=colored)
    return sorted_by(panel, "Chênh lệch")


def achieved() -> bargauge.Panel:
    value, target = of("dti_province_indicator_value"), of("dti_province_indicator_target")
    share = f"{value} / on (instance, indicator, set) ({target} > 0)"
    targets = [now("A", f"sort({named(share)})", "{{name}}")]
    text = "Value over target of every indicator that has both; the full bar is the target."
    panel = framed(bargauge.Panel(), "Mức đạt mục tiêu", text, targets, w=10, h=12)
    limits = steps((None, RED), (0.8, ORANGE), (1, GREEN))
    return (
        panel.unit("percentunit")
        .decimals(1)
        .min(0)
        .max(1)
        .thresholds(limits)
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .reduce_options(last_value())
    )


def statuses() -> bargauge.Panel:
    targets = [now("A", f"count by (status) ({of('dti_indicator_status')})", "{{status}}")]
    text = "How many indicators of agencies have each status; a zero that was counted is ok."
    panel = framed(bargauge.Panel(), "Trạng thái dữ liệu", text, targets, w=8, h=8)
    return _counted(panel, NAMED)


def bands() -> bargauge.Panel:
    targets = [now("A", f"count by (band) ({of('dti_agency_band')})", "{{band}}")]
    text = "How many agencies are in each band."
    panel = framed(bargauge.Panel(), "Số cơ quan theo mức", text, targets, w=6, h=8)
    return _counted(panel, BANDS)


def _counted(panel: bargauge.Panel, named_by: dict[str, tuple[str, str]]) -> bargauge.Panel:
    """Bars of counts from 0, each with its word and colour."""
    for value, (word, color) in named_by.items():
        fixed = model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=color)
        panel.override_by_name(value, [_property("displayName", word), _property("color", fixed)])
    return (
        panel.unit("short")
        .decimals(0)
        .min(0)
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .reduce_options(last_value())
    )


def coverage_over_time() -> timeseries.Panel:
    ratio = of("dti_agency_coverage_ratio")
    targets = [
        over_time("A", f"avg({ratio})", "trung bình"),
        over_time("B", f"min({ratio})", "thấp nhất"),
    ]
    text = "Mean and lowest coverage of the agencies: a fall means that data stopped to come."
    panel = framed(timeseries.Panel(), "Độ phủ theo thời gian", text, targets, w=10, h=8)
    legend = common_builders.VizLegendOptions().placement(common.LegendPlacement.BOTTOM)
    legend = legend.display_mode(common.LegendDisplayMode.LIST).show_legend(True)
    return panel.unit("percentunit").decimals(1).min(0).max(1).legend(legend)
