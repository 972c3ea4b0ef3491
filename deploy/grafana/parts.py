"""What both dashboards share: how a query, a panel's frame, a column and a variable are written."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import (
    bargauge,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

Target = builder.Builder[variants.Dataquery]
AnyPanel = timeseries.Panel | stat.Panel | table.Panel | bargauge.Panel | statetimeline.Panel
P = TypeVar("P", timeseries.Panel, stat.Panel, table.Panel, bargauge.Panel, statetimeline.Panel)
# Okabe and Ito's colours: told apart by colour-blind readers too.
BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
YELLOW, ORANGE, RED, GREY = "#F0E442", "#E69F00", "#D55E00", "#8A8A8A"
# The variable, so that one file serves every Grafana whatever its data source is called.
DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")


def board(uid: str, title: str, text: str, *, since: str) -> dashboard.Dashboard:
    """An empty dashboard with the variables that both have: which Prometheus, which chiso."""
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(text)
        .tags(["chiso"])
        .timezone("browser")
        .time(since, "now")
        .refresh("1m")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
        )
        .with_variable(
            dashboard.TextBoxVariable("chiso_url")
            .label("Trang chiso")
            .description("Where readers reach the pages of chiso: links lead there.")
            .default_value("http://127.0.0.1:9766")
        )
        .with_variable(choice("instance", "chiso", "label_values(dti_build_info, instance)"))
        .link(
            dashboard.DashboardLink("Trang chiso")
            .type(model.DashboardLinkType.LINK)
            .url("${chiso_url:raw}/")
            .target_blank(True)
        )
        .link(
            dashboard.DashboardLink("chiso")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags(["chiso"])
            .keep_time(True)
            .include_vars(True)
        )
    )


def choice(name: str, label: str, query: str) -> dashboard.QueryVariable:
    """A variable whose values Prometheus knows, asked again whenever the time range changes."""
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
    )


def many(variable: dashboard.QueryVariable) -> dashboard.QueryVariable:
    """The variable with several or all values picked; `.*` where all are."""
    chosen = model.VariableOption(selected=True, text="All", value="$__all")
    return variable.multi(True).include_all(True).all_value(".*").current(chosen)


def with_panels(whole: dashboard.Dashboard, panels: Sequence[AnyPanel]) -> dashboard.Dashboard:
    """The panels in reading order, numbered so that links to one of them stay good."""
    for number, panel in enumerate(panels, start=1):
        whole.with_panel(panel.id(number))
    return whole


def framed(panel: P, title: str, text: str, targets: Sequence[Target], *, w: int, h: int) -> P:
    """A panel `w` of 24 columns wide and `h` rows high; the spans of a row add up to 24."""
    return (
        panel.title(title)
        .description(text)
        .datasource(DATASOURCE)
        .targets(list(targets))
        .span(w)
        .height(h)
    )


def over_time(ref: str, expr: str, legend: str = "") -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .ref_id(ref)
        .datasource(DATASOURCE)
        .expr(expr)
        .legend_format(legend)
        .range()
    )


def now(ref: str, expr: str, legend: str = "") -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .ref_id(ref)
        .datasource(DATASOURCE)
        .expr(expr)
        .legend_format(legend)
        .instant()
    )


def rows(ref: str, expr: str) -> prometheus.Dataquery:
    """Values of now as a table's rows: one a series, its labels as columns."""
    return now(ref, expr).format(PromQueryFormat.TABLE)


def merged(panel: table.Panel, names: Mapping[str, str], *, hidden: Sequence[str]) -> table.Panel:
    """One row for each set of equal labels, with the columns of `names` in that order."""
    order = {name: place for place, name in enumerate(names)}
    options = {
        "indexByName": order,
        "renameByName": dict(names),
        "excludeByName": dict.fromkeys(("Time", *hidden), True),
    }
    return panel.with_transformation(
        model.DataTransformerConfig(id_val="merge", options={})
    ).with_transformation(model.DataTransformerConfig(id_val="organize", options=options))


def sorted_by(panel: table.Panel, column: str, *, falling: bool = False) -> table.Panel:
    order = common_builders.TableSortByFieldState().display_name(column).desc(falling)
    return panel.sort_by([order])


def column(panel: table.Panel, name: str, **properties: object) -> table.Panel:
    """Properties of one column; underscores stand for dots: `custom_width` is custom.width."""
    return panel.override_by_name(
        name,
        [
            model.DynamicConfigValue(id_val=key.replace("_", "."), value=value)
            for key, value in properties.items()
        ],
    )


def share_of(maximum: float, color: str) -> dict[str, object]:
    """Column properties of a bar from 0 to `maximum` behind the figure."""
    return {
        "min": 0,
        "max": maximum,
        "custom_cellOptions": common.TableBarGaugeCellOptions(
            mode=common.BarGaugeDisplayMode.BASIC,
            value_display_mode=common.BarGaugeValueMode.TEXT,
        ),
        "color": model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=color),
    }


def words(named: Mapping[str, tuple[str, str]]) -> model.ValueMap:
    """Value → (word, colour), so that a state is read by its word and seen by its colour."""
    return model.ValueMap(
        options={
            value: model.ValueMappingResult(text=word, color=color, index=place)
            for place, (value, (word, color)) in enumerate(named.items())
        }
    )


def steps(*limits: tuple[float | None, str]) -> dashboard.ThresholdsConfig:
    """Colours from each limit on; the first limit is None, from the lowest on."""
    return (
        dashboard.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=value, color=color) for value, color in limits])
    )


def plain(color: str) -> dashboard.FieldColor:
    return dashboard.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(color)


def last_value() -> common_builders.ReduceDataOptions:
    return common_builders.ReduceDataOptions().calcs(["lastNotNull"])
