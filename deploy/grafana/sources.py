"""The dashboard of the sources: state, age, lateness, failures and what was refused."""

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from collector.sources import STATES, SourceState
from collector.web.words.dictionary import WORDS
from deploy.grafana.parts import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    YELLOW,
    board,
    choice,
    column,
    framed,
    last_value,
    many,
    merged,
    now,
    over_time,
    plain,
    rows,
    sorted_by,
    steps,
    with_panels,
    words,
)

COLORS: dict[SourceState, str] = {
    "wrong_content": RED,
    "future": ORANGE,
    "partial": ORANGE,
    "regressed": ORANGE,
    "frozen": ORANGE,
    "held": ORANGE,
    "never": GREY,
    "stale": RED,
    "late": YELLOW,
    "fresh": GREEN,
}
# The words of chiso's own pages, in Vietnamese.
NAMED: dict[str, tuple[str, str]] = {
    state: (WORDS[f"state_{state}"][0], color) for state, color in COLORS.items()
}


def sources() -> dashboard.Dashboard:
    whole = board(
        "chiso-sources",
        "Hệ thống nguồn của chiso",
        "How the source systems stand: state, age of data, lateness, failures, refusals.",
        since="now-24h",
    )
    known = 'label_values(dti_source_up{instance="$instance"}, source)'
    whole.with_variable(many(choice("source", "Nguồn", known)))
    return with_panels(
        whole,
        [
            answering(),
            silent(),
            oldest(),
            admitted(),
            store(),
            standing(),
            state_over_time(),
            age(),
            lateness(),
            failures(),
            refused(),
            duration(),
            requests(),
        ],
    )


def of(family: str, more: str = "") -> str:
    """The family's series of the chosen service and sources."""
    return f'{family}{{instance="$instance",source=~"$source"{more}}}'


def of_service(family: str) -> str:
    return f'{family}{{instance="$instance"}}'


def answering() -> stat.Panel:
    targets = [now("A", f"sum({of('dti_source_up')})", "ổn")]
    targets.append(now("B", f"count({of('dti_source_up')})", "tất cả"))
    text = "Sources whose last run was ok, and all sources."
    panel = framed(stat.Panel(), "Nguồn đang trả lời", text, targets, w=5, h=5)
    return _figure(panel).unit("none").decimals(0).color_scheme(plain(BLUE))


def silent() -> stat.Panel:
    fresh = of("dti_source_state", ',dti_source_state="fresh"')
    targets = [now("A", f"count({of('dti_source_up')}) - sum({fresh})")]
    text = "Sources that are anything but fresh."
    panel = framed(stat.Panel(), "Nguồn cần xem", text, targets, w=4, h=5)
    return _figure(panel).unit("none").decimals(0).thresholds(steps((None, GREEN), (1, ORANGE)))


def oldest() -> stat.Panel:
    targets = [now("A", f"max(time() - {of('dti_source_data_timestamp_seconds')})")]
    text = "Age of the oldest data in use."
    panel = framed(stat.Panel(), "Dữ liệu cũ nhất", text, targets, w=5, h=5)
    return _figure(panel).unit("s").decimals(1).color_scheme(plain(BLUE))


def admitted() -> stat.Panel:
    targets = [now("A", f"sum(increase({of('dti_observations_total')}[1d]))")]
    text = "Observations admitted within a day."
    panel = framed(stat.Panel(), "Số liệu nhận trong ngày", text, targets, w=5, h=5)
    return _figure(panel).unit("short").decimals(0).color_scheme(plain(BLUE))


def store() -> stat.Panel:
    targets = [
        now("A", of_service("dti_store_bytes"), "dung lượng"),
        now("B", of_service("dti_scoreboard_number"), "số bảng điểm"),
    ]
    text = "Size of the store, and the number of the published scoreboard."
    panel = framed(stat.Panel(), "Kho dữ liệu", text, targets, w=5, h=5).unit("bytes")
    panel = panel.override_by_name("số bảng điểm", [_unit("none")])
    return _figure(panel).color_scheme(plain(BLUE))


def _unit(name: str) -> DynamicConfigValue:
    return DynamicConfigValue(id_val="unit", value=name)


def _figure(panel: stat.Panel) -> stat.Panel:
    return panel.graph_mode(common.BigValueGraphMode.NONE).reduce_options(last_value())


def standing() -> table.Panel:
    up = of("dti_source_up")
    targets = [
        rows("A", f"max by (source) ({up})"),
        rows("B", f"max by (source, dti_source_state) ({of('dti_source_state')} == 1)"),
        rows("C", f"max by (source) ({of('dti_source_data_timestamp_seconds')}) * 1000"),
        rows("D", f"max by (source) ({of('dti_source_last_success_timestamp_seconds')}) * 1000"),
        rows("E", f"max by (source) ({of('dti_source_last_attempt_timestamp_seconds')}) * 1000"),
        rows("F", f"max by (source) ({of('dti_source_next_due_timestamp_seconds')}) * 1000"),
        rows("G", f"sum by (source) (increase({of('dti_run_failures_total')}[1d]))"),
        rows("H", f"sum by (source) (increase({of('dti_observations_refused_total')}[1d]))"),
    ]
    text = "Each source: its state, the time of its data, its last runs and the next."
    panel = framed(table.Panel(), "Các nguồn", text, targets, w=24, h=9)
    names = {
        "source": "Nguồn",
        "dti_source_state": "Trạng thái",
        "Value #C": "Thời điểm dữ liệu",
        "Value #D": "Lần tốt gần nhất",
        "Value #E": "Lần chạy gần nhất",
        "Value #F": "Lần chạy tới",
        "Value #G": "Lỗi trong ngày",
        "Value #H": "Bị từ chối trong ngày",
    }
    panel = merged(panel.unit("none"), names, hidden=["Value #A", "Value #B"])
    colored = common.TableColoredBackgroundCellOptions()
    panel = column(panel, "Trạng thái", mappings=[words(NAMED)], custom_cellOptions=colored)
    for name in ("Thời điểm dữ liệu", "Lần tốt gần nhất", "Lần chạy gần nhất", "Lần chạy tới"):
        panel = column(panel, name, unit="dateTimeAsSystem")
    panel = column(panel, "Lỗi trong ngày", unit="short", decimals=0)
    panel = column(panel, "Bị từ chối trong ngày", unit="short", decimals=0)
    return sorted_by(panel, "Thời điểm dữ liệu")


def state_over_time() -> statetimeline.Panel:
    """The state set as one number a source: the place of the state that holds in STATES."""
    places = [
        f"{place} * max by (source) ({of('dti_source_state', _is(state))})"
        for place, state in enumerate(STATES)
    ]
    targets = [over_time("A", " + ".join(places), "{{source}}")]
    text = "Which state each source was in."
    panel = framed(statetimeline.Panel(), "Trạng thái theo thời gian", text, targets, w=24, h=8)
    by_place = {str(place): NAMED[state] for place, state in enumerate(STATES)}
    return (
        panel.unit("none")
        .mappings([words(by_place)])
        .merge_values(True)
        .show_value(common.VisibilityMode.AUTO)
        .row_height(0.8)
    )


def _is(state: SourceState) -> str:
    return f',dti_source_state="{state}"'


def age() -> timeseries.Panel:
    targets = [over_time("A", f"time() - {of('dti_source_data_timestamp_seconds')}", "{{source}}")]
    text = "Age of each source's data; the state says whether it is late by the source's policy."
    panel = framed(timeseries.Panel(), "Tuổi dữ liệu", text, targets, w=12, h=9)
    return _lines(panel).unit("s").min(0)


def lateness() -> timeseries.Panel:
    targets = [over_time("A", of("dti_run_lateness_seconds"), "{{source}}")]
    text = "How long after its due time the last run began: high when workers are all busy."
    panel = framed(timeseries.Panel(), "Chạy trễ so với lịch", text, targets, w=12, h=9)
    return _lines(panel).unit("s").min(0)


def failures() -> timeseries.Panel:
    expr = f"sum by (source, reason) (increase({of('dti_run_failures_total')}[1h]))"
    text = "Failed runs within an hour: config, auth, source, content, or a fault of chiso (ours)."
    targets = [over_time("A", expr, "{{source}}: {{reason}}")]
    return _bars(framed(timeseries.Panel(), "Lượt lỗi theo lý do", text, targets, w=12, h=9))


def refused() -> timeseries.Panel:
    expr = f"sum by (source, reason) (increase({of('dti_observations_refused_total')}[1h]))"
    text = "Observations refused within an hour, by reason; the page of sources lists each."
    targets = [over_time("A", expr, "{{source}}: {{reason}}")]
    title = "Số liệu bị từ chối theo lý do"
    return _bars(framed(timeseries.Panel(), title, text, targets, w=12, h=9))


def duration() -> timeseries.Panel:
    total = f"sum by (source) (increase({of('dti_run_duration_seconds_sum')}[1d]))"
    runs = f"sum by (source) (increase({of('dti_run_duration_seconds_count')}[1d]))"
    bucket = f"sum by (source, le) (increase({of('dti_run_duration_seconds_bucket')}[1d]))"
    targets = [
        over_time("A", f"{total} / {runs}", "{{source}}: trung bình"),
        over_time("B", f"histogram_quantile(0.95, {bucket})", "{{source}}: 95 %"),
    ]
    text = "From beginning to outcome of a run: mean, and what 95 of 100 runs stay below, of a day."
    return _lines(framed(timeseries.Panel(), "Thời gian một lượt", text, targets, w=12, h=9)).unit(
        "s"
    )


def requests() -> timeseries.Panel:
    targets = [
        over_time(
            "A",
            f"sum by (source) (increase({of('dti_http_requests_total')}[1h]))",
            "{{source}}",
        ),
        over_time(
            "B",
            f"sum by (source) (increase({of('dti_http_retries_total')}[1h]))",
            "{{source}}: thử lại",
        ),
        over_time(
            "C", f"sum by (source) (increase({of('dti_runs_total')}[1h]))", "{{source}}: lượt"
        ),
    ]
    text = "Requests sent, requests sent again, and runs, within an hour."
    return _lines(
        framed(timeseries.Panel(), "Yêu cầu gửi tới nguồn", text, targets, w=12, h=9)
    ).unit("short")


def _lines(panel: timeseries.Panel) -> timeseries.Panel:
    legend = common_builders.VizLegendOptions().placement(common.LegendPlacement.BOTTOM)
    legend = legend.display_mode(common.LegendDisplayMode.LIST).show_legend(True)
    return panel.legend(legend)


def _bars(panel: timeseries.Panel) -> timeseries.Panel:
    stacked = common_builders.StackingConfig().mode(common.StackingMode.NORMAL)
    return (
        _lines(panel)
        .draw_style(common.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .stacking(stacked)
        .unit("short")
        .min(0)
    )
