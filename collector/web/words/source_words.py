"""Words of sources, their runs and what was refused: key → (Vietnamese, English)."""

from collections.abc import Mapping

from collector.insight.wording import REASONS

SOURCE_WORDS: Mapping[str, tuple[str, str]] = {
    # Sources.
    "sources_lead": (
        "Nguồn nào gửi muộn, từ bao giờ, cần gọi cho ai",
        "Which sources are late, since when, and whom to call",
    ),
    "late_one": ("1 nguồn số liệu cần chú ý.", "1 source needs attention."),
    "late_many": ("{count} nguồn số liệu cần chú ý.", "{count} sources need attention."),
    "until": ("số liệu đến", "data as of"),
    "see_sources": ("Xem nguồn số liệu", "See the sources"),
    "all_well": ("Tất cả {count} nguồn đúng hạn.", "All {count} sources are on time."),
    "source_name": ("Nguồn", "Source"),
    "state": ("Tình trạng", "State"),
    "last_run": ("Lượt gần nhất", "Last run"),
    "run": ("Lượt", "Run"),
    "run_number": ("lượt\N{NO-BREAK SPACE}{number}", "run\N{NO-BREAK SPACE}{number}"),
    "accept_how": (
        "Lượt {number} đang bị giữ. Nếu số liệu đúng, người vận hành điền lý do và chạy:",
        "Run {number} is held. If its figures are right, the operator fills in why, and runs:",
    ),
    "next_run": ("Lượt tới", "Next run"),
    "owner": ("Liên hệ", "Contact"),
    "never_data": ("chưa từng có", "never"),
    "failures": ("Lỗi gần đây", "Recent failures"),
    "failures_of": ("{failed}/{count} lượt", "{failed} of {count} runs"),
    "runs": ("{count} lượt gần nhất", "Last {count} runs"),
    "no_runs": ("Chưa có lượt thu thập nào.", "No run yet."),
    "runs_away": (
        "Kho số liệu tạm thời không đọc được, nên chưa có danh sách lượt thu thập.",
        "The store cannot be read at the moment, so the runs cannot be listed.",
    ),
    "due": ("Đến hạn", "Due"),
    "ended": ("Kết thúc", "Ended"),
    "outcome": ("Kết quả", "Outcome"),
    "rows": ("Nhận / khai báo", "Received / declared"),
    "admitted": ("Đã dùng", "Used"),
    "refused": ("Không dùng", "Refused"),
    "message": ("Lý do", "Reason"),
    "refusals": ("Không dùng, và vì sao", "What was refused, and why"),
    "refusals_of": ("Lượt kết thúc lúc", "Run that ended at"),
    "refusals_more": ("và {count} dòng nữa", "and {count} more"),
    "no_refusals": (
        "không có gì bị từ chối",
        "nothing was refused",
    ),
    "where": ("Ở đâu", "Where"),
    "got": ("Đã nhận", "Got"),
    "about": ("Của", "Of"),
    # States of a source.
    "state_fresh": ("Đúng hạn", "On time"),
    "state_late": ("Muộn", "Late"),
    "state_stale": ("Số liệu cũ", "Out of date"),
    "state_never": ("Chưa từng có", "Never"),
    "state_frozen": ("Không đổi", "Unchanged"),
    "state_partial": ("Thiếu một phần", "Partial"),
    "state_held": ("Tạm giữ", "Held"),
    "state_regressed": ("Lùi về trước", "Went backwards"),
    "state_future": ("Thời điểm ở tương lai", "Dated in the future"),
    "state_wrong_content": ("Nội dung sai", "Wrong content"),
    # Outcomes of a run.
    "outcome_ok": ("Thành công", "Ok"),
    "outcome_held": ("Tạm giữ", "Held"),
    "outcome_failed": ("Lỗi", "Failed"),
    "outcome_interrupted": ("Bị ngắt", "Interrupted"),
    "outcome_coalesced": ("Gộp vào lượt sau", "Joined with a later run"),
    # Reasons of refused rows.
    **{f"refused_{reason}": words for reason, words in REASONS.items()},
}
