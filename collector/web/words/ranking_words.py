"""Words of the two rankings, and of how firm ranks are: key → (Vietnamese, English)."""

from collections.abc import Mapping

RANKING_WORDS: Mapping[str, tuple[str, str]] = {
    "block": ("Khối", "Block"),
    "rankings": ("Cách xếp hạng", "Which ranking"),
    "ranking_which": ("Xếp hạng:", "Ranking:"),
    "ranking_live": ("theo số liệu mới nhất", "by the newest data"),
    "ranking_level": ("cùng thời điểm", "level"),
    "level_lead": (
        "Mỗi chỉ số tính theo thời điểm gần nhất mà mọi cơ quan trong khối đều có số liệu.",
        "Each indicator counts at the latest time that all agencies of a block have data of.",
    ),
    "level_promise": (
        "Không ai bị xếp sau vì số liệu của cơ quan khác mới hơn.",
        "Nobody is beaten by data newer than theirs.",
    ),
    "level_times": ("Thời điểm của từng chỉ số", "The time of each indicator"),
    "level_time": ("Thời điểm", "Time"),
    "level_indicators": ("Chỉ số", "Indicators"),
    "level_none": ("không có thời điểm chung, không tính", "no common time, left out"),
    "robust": ("Độ vững của thứ hạng", "How firm the ranks are"),
    "robust_lead": (
        "Trọng số được thay đổi ngẫu nhiên trong khoảng ±{spread}, {draws} lần.",
        "Weights are drawn at random within ±{spread} of the set's, {draws} times.",
    ),
    "robust_lead_level": (
        "Cơ quan giữ hạng nào trong ít nhất {level} số lần? Và nếu lần lượt bỏ từng chỉ số?",
        "Which ranks are kept to in at least {level}? And with each indicator left out once?",
    ),
    "robust_stays": ("Giữ hạng", "Stays at"),
    "robust_inside": ("trong số lần", "in draws"),
    "robust_holds": ("Đúng hạng này", "At this rank"),
    "robust_without": ("Khi bỏ một chỉ số", "One left out"),
    "robust_picture": ("Độ vững của thứ hạng: {block}", "How firm the ranks are: {block}"),
    "robust_picture_desc": (
        "Mỗi dòng một cơ quan; ô là các hạng giữ trong {level} số lần thử; số liệu ở bảng dưới.",
        "A row an agency; boxes are the ranks kept to in {level} of the draws; the table has them.",
    ),
    "robust_legend": (
        "Ô: hạng giữ được khi trọng số đổi. Vạch: hạng khi bỏ một chỉ số. Chấm: hạng hiện nay.",
        "Box: ranks kept to as weights change. Line: ranks with one indicator left out. Dot: now.",
    ),
    "robust_leaned": (
        "Thứ hạng dựa nhiều nhất vào chỉ số nào",
        "The indicators that ranks lean on most",
    ),
    "robust_moved": (
        "bỏ đi thì {count} cơ quan đổi hạng",
        "left out, {count} agencies change their rank",
    ),
}
