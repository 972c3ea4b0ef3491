"""Words of what would be: other readings, another set. Key → (Vietnamese, English)."""

from collections.abc import Mapping

ASKING_WORDS: Mapping[str, tuple[str, str]] = {
    # What if readings were others.
    "whatif": ("Nếu số liệu khác đi", "If figures were different"),
    "whatif_lead": (
        "Tính thử trên bảng điểm số {number}; không có gì được lưu hay công bố.",
        "Tried on scoreboard {number}; nothing is stored or published.",
    ),
    "whatif_metric": ("Số liệu", "Figure"),
    "whatif_now": ("hiện là {value}", "now {value}"),
    "whatif_value": ("nếu là", "were it"),
    "whatif_try": ("Tính thử", "Try"),
    "whatif_many": ("Đổi nhiều số liệu cùng lúc", "Change several figures at once"),
    "whatif_blank": (
        "Để trống số liệu giữ nguyên.",
        "Leave blank what stays as it is.",
    ),
    "whatif_before": ("Hiện nay", "Now"),
    "whatif_after": ("Khi đó", "Then"),
    "whatif_change": ("Thay đổi", "Change"),
    "whatif_same": ("Không có gì thay đổi.", "Nothing would change."),
    "whatif_standing": ("Kết quả của cơ quan", "The agency’s result"),
    "whatif_indicators": ("Các chỉ số thay đổi", "Indicators that change"),
    "whatif_no_indicator": ("Không chỉ số nào thay đổi.", "No indicator changes."),
    "whatif_others": ("Các cơ quan đổi hạng", "Agencies whose rank changes"),
    "whatif_no_others": (
        "Không cơ quan nào khác đổi hạng.",
        "No other agency’s rank changes.",
    ),
    "whatif_wholes": ("Khối và toàn tỉnh", "Block and province"),
    "whatif_command": ("Cùng câu hỏi ở dòng lệnh:", "The same question as a command:"),
    "whatif_document": ("Kết quả dạng JSON", "The answer as JSON"),
    # What is wrong with such a question.
    "whatif_wrong": ("Chưa tính được:", "This cannot be tried:"),
    "wrong_form": ("“{text}” không có giá trị", "“{text}” has no value"),
    "wrong_twice": ("{metric} được nhập nhiều lần", "{metric} is given more than once"),
    "wrong_metric": ("không có số liệu “{metric}”", "there is no figure “{metric}”"),
    "wrong_unused": (
        "{metric} không dùng trong bộ chỉ số này",
        "{metric} is not used in this indicator set",
    ),
    "wrong_number": ("{metric}: “{text}” không phải là số", "{metric}: “{text}” is not a number"),
    "wrong_state": (
        "{metric}: “{text}” không thuộc các trạng thái {known}",
        "{metric}: “{text}” is none of the states {known}",
    ),
    "wrong_range": (
        "{metric}: {value} ngoài khoảng từ {least} đến {most}",
        "{metric}: {value} is outside the range {least} to {most}",
    ),
    "wrong_part": (
        "{metric}: {value} lớn hơn {whole}, {most}",
        "{metric}: {value} is more than {whole}, {most}",
    ),
    "wrong_agency": ("cơ quan không có trong bảng điểm", "the agency is not on the scoreboard"),
    "wrong_board": ("chưa có bảng điểm", "there is no scoreboard yet"),
    # What another set would have made of stored history.
    "rescorings": ("Chấm lại theo bộ chỉ số khác", "Rescored by other sets"),
    "rescorings_lead": (
        "Lịch sử đã lưu chấm theo bộ chỉ số khác, bên cạnh kết quả đã công bố, vốn không đổi.",
        "Stored history scored by another set, beside what was published, which stays as it is.",
    ),
    "rescorings_none": ("Chưa có lần chấm lại nào.", "Nothing has been rescored yet."),
    "rescorings_how": (
        "Chấm lại mất vài giây và được lưu, nên là một lệnh của người vận hành:",
        "Rescoring takes seconds and is stored, so it is a command of the operator:",
    ),
    "rescoring": ("Chấm lại số {number}", "Rescoring {number}"),
    "rescoring_of": ("Chấm lại số {number}: {set}", "Rescoring {number}: {set}"),
    "rescoring_set": ("Bộ chỉ số", "Set"),
    "rescoring_against": ("so với {live}", "beside {live}"),
    "rescoring_range": ("Bảng điểm", "Scoreboards"),
    "rescoring_boards": ("số {first} đến {last}", "{first} to {last}"),
    "rescoring_days": ("{first} đến {last}", "{first} to {last}"),
    "rescoring_gains": ("Tăng nhiều nhất", "Gains most"),
    "rescoring_loses": ("Giảm nhiều nhất", "Loses most"),
    "rescoring_nobody": ("không ai", "nobody"),
    "rescoring_counts": (
        "{up} cơ quan tăng, {down} giảm, {stay} giữ nguyên.",
        "{up} agencies gain, {down} lose, {stay} stay.",
    ),
    "rescoring_lead": (
        "Bảng điểm số {first} đến {last} chấm theo “{set}”, so với “{live}”.",
        "Scoreboards {first} to {last} scored by “{set}”, beside “{live}”.",
    ),
    "rescoring_made": ("chấm lại lúc {at}", "made {at}"),
    "rescoring_made_until": (
        "Chấm lại lúc {at}; trung bình tính đến {until}.",
        "Made {at}; means count until {until}.",
    ),
    "rescoring_unstored": (
        "Kho không ghi lúc chấm lại; bộ đang dùng là bộ cùng mã, hoặc bộ đầu tiên.",
        "The store does not say when; the live set is that of the same id, or the first.",
    ),
    "rescoring_scale": (
        "Chênh lệch ở bảng điểm cuối, theo thang điểm của bộ đang dùng; trung bình theo thời gian.",
        "Gains at the last scoreboard, on the live set’s scale; means are weighted by time.",
    ),
    "rescoring_live": ("Đã công bố", "Published"),
    "rescoring_other": ("Chấm lại", "Rescored"),
    "rescoring_gain": ("Chênh lệch", "Gain"),
    "rescoring_mean_gain": ("Chênh lệch trung bình", "Mean gain"),
    "rescoring_why": ("Vì sao", "Why"),
    "rescoring_same": (
        "Hai bộ chỉ số giống nhau ở mọi chỉ số.",
        "The two sets say the same of every indicator.",
    ),
    "rescoring_unsaid": ("không ghi", "unsaid"),
    "rescoring_added": ("thêm mới, {points} điểm", "added, {points} points"),
    "rescoring_removed": ("bỏ, {points} điểm", "removed, {points} points"),
    "rescoring_mean_points": ("Điểm trung bình", "Mean points"),
    "rescoring_up": ("Số tăng", "Gain"),
    "rescoring_down": ("Số giảm", "Lose"),
    "rescoring_most_by": ("nhiều nhất do {what}", "most by {what}"),
    "rescoring_agencies": ("Ai tăng, ai giảm", "Who gains, who loses"),
    "rescoring_line": (
        "Theo “{set}” (chấm lại số {number}):",
        "Under “{set}” (rescoring {number}):",
    ),
    "rescoring_rank": ("hạng {rank}", "rank {rank}"),
    "rescoring_gone": ("không có điểm", "no score"),
}
