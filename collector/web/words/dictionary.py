"""Every word of the pages that is not data: key → (Vietnamese, English)."""

from collections.abc import Mapping

from collector.figures import Language
from collector.web.words.asking_words import ASKING_WORDS
from collector.web.words.ranking_words import RANKING_WORDS
from collector.web.words.source_words import SOURCE_WORDS

WORDS: Mapping[str, tuple[str, str]] = {
    # The frame of a page.
    "brand": ("Bảng điểm chuyển đổi số", "Digital transformation scoreboard"),
    "skip": ("Đến nội dung chính", "Skip to main content"),
    "navigation": ("Các trang", "Pages"),
    "province": ("Toàn tỉnh", "Province"),
    "sources": ("Nguồn số liệu", "Sources"),
    "other_language": ("English", "Tiếng Việt"),
    "sets": ("Bộ chỉ số", "Indicator sets"),
    "zone": ("Giờ địa phương: {zone} (UTC{offset})", "Local time: {zone} (UTC{offset})"),
    "board_number": ("bảng điểm số {number}", "scoreboard {number}"),
    "data_until": ("Số liệu đến", "Data as of"),
    "fetched": ("Thu thập lúc", "Fetched"),
    "published": ("Chấm điểm và công bố lúc", "Scored and published"),
    "download": ("Tải về", "Download"),
    "csv": ("CSV (mở bằng Excel)", "CSV (opens in Excel)"),
    "json": ("JSON", "JSON"),
    "set_used": ("Bộ chỉ số: {name}", "Indicator set: {name}"),
    # Before there is anything to show, and where there is nothing.
    "no_board": ("Chưa có bảng điểm.", "No scoreboard yet."),
    "no_set": ("Hiện không có bộ chỉ số nào có hiệu lực.", "No indicator set is in force now."),
    "in_force_from": ("từ {start}", "from {start}"),
    "in_force_from_to": ("từ {start} đến hết {last}", "from {start} to the end of {last}"),
    "first_collection": ("Lần thu thập đầu tiên:", "First collection:"),
    "not_found": ("Không có trang này", "There is no such page"),
    "not_found_help": (
        "Địa chỉ có thể đã đổi, hoặc cơ quan không thuộc bộ chỉ số này.",
        "The address may have changed, or the agency is not in this indicator set.",
    ),
    "failed": ("Trang này tạm thời không mở được", "This page cannot be shown at the moment"),
    "failed_help": (
        "Xin thử lại sau ít phút. Nếu vẫn lỗi, xin báo mã này cho người vận hành: {id}",
        "Please try again in a few minutes. If it fails again, give the operator this id: {id}",
    ),
    "bad_request": ("Địa chỉ có tham số không hợp lệ", "The address has a parameter that is wrong"),
    "to_province": ("Về trang toàn tỉnh", "To the page of the province"),
    # The headline of a province or an agency.
    "of_scale": ("trên {scale} điểm", "out of {scale} points"),
    "no_score": ("Chưa có điểm", "No score"),
    "short_of": ("thiếu {points} điểm để lên mức {band}", "{points} points short of {band}"),
    "possible": ("Điểm có thể:", "Possible score:"),
    "because": (
        "({count} số liệu chưa có hoặc đã cũ)",
        "({count} figures are missing or out of date)",
    ),
    "since_yesterday": ("So với hôm qua", "Since yesterday"),
    "rank": ("Hạng", "Rank"),
    "rank_of": ("Hạng {rank} trong {count}", "Rank {rank} of {count}"),
    "rank_possible": ("(có thể {span})", "(possible {span})"),
    "rank_certain": ("(chắc chắn)", "(certain)"),
    "legend_rank": (
        "3 (2–5): hạng 3, có thể từ 2 đến 5 khi số liệu còn thiếu hoặc cũ; không ngoặc: chắc chắn",
        "3 (2–5): rank 3, possibly 2 to 5 while figures are missing or old; without: certain",
    ),
    "no_rank": ("Chưa xếp hạng", "Not ranked"),
    "coverage": ("Độ phủ", "Coverage"),
    "coverage_of": ("Độ phủ số liệu", "Data coverage"),
    "mean": ("trung bình", "mean"),
    "scored_of": ("{scored}/{count} cơ quan có điểm", "{scored} of {count} agencies scored"),
    "ratios_met": (
        "{met}/{count} tỷ lệ toàn tỉnh đạt mục tiêu",
        "{met} of {count} province-wide ratios meet their target",
    ),
    # The ranked table.
    "ranked": ("Xếp hạng {block}", "Ranking of {block}"),
    "agency": ("Cơ quan", "Agency"),
    "band": ("Mức", "Band"),
    "score": ("Điểm", "Score"),
    "score_possible": ("Điểm có thể", "Possible score"),
    "ranks_possible": ("Hạng có thể", "Possible rank"),
    "as_score": ("như điểm", "same as the score"),
    "change": ("So với hôm qua", "Since yesterday"),
    "change_short": ("thay đổi", "change"),
    "weeks": ("12 tuần", "12 weeks"),
    "oldest": ("Số liệu cũ nhất", "Oldest data"),
    "sort": ("Sắp xếp:", "Sort by:"),
    "by_rank": ("hạng", "rank"),
    "by_name": ("tên", "name"),
    "by_score": ("điểm", "score"),
    "by_coverage": ("độ phủ", "coverage"),
    "none": ("chưa có", "none"),
    **RANKING_WORDS,
    **ASKING_WORDS,
    # Pictures.
    "score_over_time": ("Điểm theo thời gian", "Score over time"),
    "picture_title": (
        "Điểm {name} từ {first} đến {last}",
        "Score of {name}, {first} to {last}",
    ),
    "picture_desc": (
        "Đầu kỳ {from_score}, gần nhất {to_score}; thấp nhất {least}, cao nhất {most}. {gaps}",
        "First {from_score}, latest {to_score}; lowest {least}, highest {most}. {gaps}",
    ),
    "picture_gaps": ("{count} thời điểm chưa có điểm.", "No score at {count} moments."),
    "picture_note": (
        "Vùng nhạt: khoảng có thể khi số liệu còn thiếu hoặc cũ.",
        "Shaded: what the score could be while figures are missing or out of date.",
    ),
    "picture_line": ("Đường đứt: mức {band}, từ {start} điểm.", "Dashed: {band}, from {start}."),
    "picture_numbers": ("Bảng số của biểu đồ", "Numbers of this chart"),
    "picture_empty": (
        "Biểu đồ sẽ có khi đã qua ngày đầu tiên của kỳ đánh giá.",
        "The picture appears after the first day of the period.",
    ),
    "picture_away": (
        "Kho số liệu tạm thời không đọc được, nên chưa vẽ được biểu đồ.",
        "The store cannot be read at the moment, so there is no picture.",
    ),
    "day": ("Ngày", "Day"),
    "spark": ("12 tuần, từ {first} đến {last}", "12 weeks, from {first} to {last}"),
    # Ratios of the province.
    "ratios": ("Tỷ lệ toàn tỉnh so với mục tiêu", "Province-wide ratios against their targets"),
    "ratios_caption": (
        "Tổng tử số chia tổng mẫu số của mọi cơ quan có số liệu; vạch: mục tiêu",
        "Sum of numerators over sum of denominators of all agencies with data; mark: target",
    ),
    "indicator": ("Chỉ số", "Indicator"),
    "result": ("Kết quả", "Result"),
    "against_target": ("So với mục tiêu", "Against the target"),
    "met": ("đạt", "met"),
    "short": ("thiếu {gap} điểm phần trăm", "short by {gap} percentage points"),
    "no_ratios": ("Chưa có tỷ lệ nào có số liệu.", "No ratio has data yet."),
    # An agency's indicators.
    "indicators": ("Các chỉ số", "Indicators"),
    "numerator": ("Tử số / mẫu số", "Numerator / denominator"),
    "target": ("Mục tiêu", "Target"),
    "no_target": ("theo bậc", "by steps"),
    "points": ("Điểm", "Points"),
    "points_of": ("{points} trên {most}", "{points} of {most}"),
    "points_possible": ("có thể {span}", "possible {span}"),
    "not_scored": ("không chấm điểm", "not scored"),
    "status": ("Tình trạng", "Status"),
    "source": ("Nguồn, đầu mối", "Source, contact"),
    "inputs": ("Số liệu gốc", "Raw figures"),
    "no_source": ("chưa có nguồn", "no source"),
    "agency_stale": (
        "{count} chỉ số chưa có số liệu hoặc dùng số liệu cũ.",
        "{count} indicators have no data or old data.",
    ),
    # Explanations and advice.
    "explain": ("Cách tính", "How this was computed"),
    "explain_all": ("Cách tính mọi chỉ số", "How all indicators were computed"),
    "explain_times": (
        ", số liệu đến {data}, biết lúc {known}",
        ", data as of {data}, known at {known}",
    ),
    "explain_counted": (
        "({points} trên {most} điểm được tính)",
        "({points} of the {most} points that apply)",
    ),
    "explain_one_of": (
        "trong một của {count} yêu cầu sau:",
        "in one of these {count} requests:",
    ),
    "explain_rows": ("{count} dòng", "rows: {count}"),
    "explain_run": (
        "lượt thu thập {run}: {outcome}, kết thúc {ended}",
        "run {run}: {outcome}, ended {ended}",
    ),
    "advise_band": ("Cần gì để lên mức {band}", "What it takes to reach {band}"),
    "advise_more": ("Cần gì để tăng điểm", "What it takes to earn more"),
    "advise_room": ("còn {points} điểm", "{points} points to earn"),
    "short_of_rank": (
        "thiếu {points} điểm để lên hạng {rank}",
        "{points} points short of rank {rank}",
    ),
    "day_left": (
        "kỳ đánh giá còn 1 ngày, trong đó {working} ngày làm việc",
        "1 day left in the period; working days: {working}",
    ),
    "days_left": (
        "kỳ đánh giá còn {left} ngày, trong đó {working} ngày làm việc",
        "{left} days left in the period, {working} of them worked on",
    ),
    "not_alone": ("Riêng chỉ số này không đủ: {goals}", "Not by this alone: {goals}"),
    # What moved a score.
    "changes": ("Vì sao điểm thay đổi", "Why the score moved"),
    "changes_from": ("Từ cuối ngày", "From the end of"),
    "changes_to": ("đến cuối ngày", "to the end of"),
    "changes_show": ("Xem", "Show"),
    "changes_line": (
        "{first} đến {last}: {before} → {after} điểm,",
        "{first} to {last}: {before} → {after} points,",
    ),
    "changes_cause": ("Nguyên nhân", "Cause"),
    "changes_reading": ("{name}: {values} (số liệu đến {data})", "{name}: {values} (as of {data})"),
    "changes_scale": ("Thang điểm", "The scale"),
    "changes_rank": (
        "Hạng {before} → {after}: {own} do điểm của mình, {others} do các cơ quan khác.",
        "Rank {before} → {after}: {own} by its own score, {others} by the others’.",
    ),
    "changes_rank_same": ("Hạng {rank}, không đổi.", "Rank {rank}, unchanged."),
    "places_up": ("lên {count} bậc", "{count} up"),
    "places_down": ("xuống {count} bậc", "{count} down"),
    "places_none": ("không đổi", "none"),
    "cause_late_correction": ("Sửa số liệu cũ", "Late correction"),
    "cause_new_data": ("Số liệu mới", "New data"),
    "cause_coverage": ("Độ phủ số liệu", "Coverage"),
    "cause_rule_change": ("Đổi quy tắc chấm điểm", "Rule change"),
    "changes_none": ("Không chỉ số nào làm điểm thay đổi.", "No indicator moved the score."),
    "changes_no_score": (
        "Một trong hai bảng điểm chưa có điểm của cơ quan này.",
        "One of the two scoreboards gives this agency no score.",
    ),
    "changes_first": (
        "Không có bảng điểm của thời điểm đó để so sánh.",
        "There is no scoreboard of that moment to compare with.",
    ),
    "changes_cannot": (
        "Cấu hình đã đổi từ đó, nên không tách được nguyên nhân.",
        "The configuration has changed since, so that the causes cannot be told apart.",
    ),
    "changes_away": (
        "Kho số liệu tạm thời không đọc được, nên chưa biết vì sao điểm thay đổi.",
        "The store cannot be read at the moment, so what moved the score is not known.",
    ),
    # Statuses.
    "ok": ("Đã cập nhật", "Up to date"),
    "stale": ("Số liệu cũ", "Out of date"),
    "missing": ("Chưa có số liệu", "No data yet"),
    "not_applicable": ("Không áp dụng", "Not applicable"),
    "not_connected": ("Chưa kết nối", "Not connected"),
    "held": ("Tạm giữ để kiểm tra", "Held for checking"),
    "stale_why": ("Cũ hơn mức {limit} của nguồn", "Older than the source's {limit}"),
    "missing_zero": (
        "Đã hỏi nguồn, chưa nhận được số liệu kỳ này; tính 0 điểm",
        "The source was asked, nothing came for this period; counts as 0 points",
    ),
    "missing_exclude": (
        "Đã hỏi nguồn, chưa nhận được số liệu kỳ này; không tính vào điểm tối đa",
        "The source was asked, nothing came for this period; left out of the maximum",
    ),
    "not_applicable_why": (
        "Không có nhiệm vụ này, hoặc mẫu số bằng 0; không tính vào điểm tối đa",
        "No such duty, or the denominator is 0; left out of the maximum",
    ),
    "not_connected_why": (
        "Chưa có hệ thống nguồn cung cấp số liệu này",
        "No source system feeds this yet",
    ),
    "held_why": (
        "Số liệu nhận được đã bị giữ lại; lý do ở trang nguồn số liệu",
        "What came was not used; the reason is on the page of sources",
    ),
    "legend": ("Ký hiệu", "Marks"),
    "from_points": ("từ {start} điểm", "from {start}"),
    **SOURCE_WORDS,
}


def say(key: str, language: Language, **fill: object) -> str:
    """The word in a language, its gaps filled; KeyError for a key or a gap that is not there."""
    return WORDS[key][0 if language == "vi" else 1].format_map(fill)
