// Reads the line of state_string.h.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "reference/io/text.h"
#include "visualizer/model/state_fields.h"
#include "visualizer/model/state_string.h"

namespace gdn2::viewer {
namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& expected, std::string_view given) {
    throw Error("state string: " + (key.empty() ? "" : io::quote(key) + ": ") + "expected " + expected + ", got " +
                (given.empty() ? "nothing" : io::quote(given)));
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return "";
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// All of the text as one number; nothing where it is not.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

struct Pair {
    std::string key, value;
};

/// Takes pairs off the front of a line.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}
    bool done() const { return rest_.empty(); }

    Pair next() {
        Pair pair;
        const std::size_t equals = rest_.find('='), end = rest_.find(';');
        if (equals == std::string_view::npos || end < equals) refuse("", "key=value", rest_.substr(0, end));
        pair.key = rest_.substr(0, equals);
        rest_.remove_prefix(equals + 1);
        pair.value = rest_.starts_with('"') ? quoted(pair.key) : plain();
        if (!rest_.empty() && rest_.front() != ';') refuse(pair.key, "; after the quotes", rest_);
        rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
        return pair;
    }

private:
    std::string plain() {
        std::string value(rest_.substr(0, rest_.find(';')));
        rest_.remove_prefix(value.size());
        return value;
    }

    std::string quoted(const std::string& key) {
        std::string value;
        for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
            if (rest_.front() == '"') {
                rest_.remove_prefix(1);
                return value;
            }
            value += rest_.front() == '\\' ? escaped(key) : rest_.front();
        }
        refuse(key, "quotes at the end", value);
    }

    /// The character behind a backslash; leaves its last one to be taken.
    char escaped(const std::string& key) {
        const std::string_view sequence = rest_.substr(0, 4);
        rest_.remove_prefix(1);
        if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\\')) return rest_.front();
        unsigned char byte = 0;
        const bool hex = sequence.size() == 4 && sequence[1] == 'x' &&
                         std::from_chars(sequence.data() + 2, sequence.data() + 4, byte, 16).ptr == sequence.end();
        if (!hex) refuse(key, "\\\", \\\\ or \\x and two digits", sequence);
        rest_.remove_prefix(2);
        return static_cast<char>(byte);
    }

    std::string_view rest_;
};

Index whole_number(const std::string& key, std::string_view text) {
    const std::optional<Index> number = number_of<Index>(text);
    if (!number || *number < 0) refuse(key, "a whole number from 0 on", text);
    return *number;
}

double number_in(const std::string& key, std::string_view text, double low, double high) {
    const std::optional<double> number = number_of<double>(text);
    const bool inside = number && std::isfinite(*number) && *number >= low && *number <= high;
    if (!inside) refuse(key, "a number from " + io::number(low) + " to " + io::number(high), text);
    return *number;
}

bool on_or_off(const std::string& key, std::string_view text) {
    if (text != "on" && text != "off") refuse(key, "on or off", text);
    return text == "on";
}

int word_of(const Word& field, std::string_view text) {
    std::string all;
    for (int i = 0; i < field.count; ++i) {
        if (text == field.word(i)) return i;
        all += (i == 0 ? "" : ", ") + std::string(field.word(i));
    }
    refuse(field.key, "one of " + all, text);
}

/// "3,4".
Cell cell_of(const std::string& text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) refuse("pin", "row,column", text);
    return {whole_number("pin", text.substr(0, comma)), whole_number("pin", text.substr(comma + 1))};
}

/// "b[8][3]=0.05"; "*" for all channels.
Edit edit_of(const std::string& text) {
    const std::size_t token = text.find('['), middle = text.find("]["), end = text.find("]=");
    const bool shaped = token == 1 && middle != std::string::npos && end != std::string::npos && middle + 2 <= end &&
                        std::string("bwg").find(text[0]) != std::string::npos;
    if (!shaped) refuse("edit", "b, w or g[token][channel]=value", text);
    Edit edit{text[0] == 'b' ? Gate::b : text[0] == 'w' ? Gate::w : Gate::g, 0, Edit::all_channels, 0};
    edit.token = whole_number("edit", text.substr(2, middle - 2));
    const std::string channel = text.substr(middle + 2, end - middle - 2);
    if (channel != "*") edit.channel = whole_number("edit", channel);
    const std::optional<double> value = number_of<double>(std::string_view(text).substr(end + 2));
    const bool known = value && (std::isfinite(*value) || (edit.gate == Gate::g && *value < 0));
    if (!known) refuse("edit", "a number behind =", text);
    edit.value = *value;
    return edit;
}

/// A cursor in the parts that were given.
struct Place {
    std::optional<Index> token;
    std::optional<Phase> phase;
    std::optional<double> fraction;

    /// The end of a token whose phase is not given; the start where nothing is.
    Cursor cursor() const {
        if (!token && !phase && !fraction) return first_cursor();
        return {token.value_or(0), phase.value_or(token ? Phase::read_out : Phase::decay), fraction.value_or(1)};
    }
};

Phase phase_of(const std::string& text) {
    const Index number = whole_number("ph", text);
    if (number < 1 || number > phase_count) refuse("ph", "1 to 5", text);
    return static_cast<Phase>(number);
}

/// Keys that are more than one choice of a table. False: not one of them.
bool take_special(const Pair& pair, StateLine& line, Place& place) {
    const std::string& value = pair.value;
    if (pair.key == "task" || pair.key == "file") {
        if (value.empty() || !line.source.empty()) refuse(pair.key, "one name, of a task or of a file", value);
        line.source = value;
        line.is_file = pair.key == "file";
    } else if (pair.key == "claim") line.claim = value;
    else if (pair.key == "tensor") line.ui.difference_tensor = value;
    else if (pair.key == "t") place.token = whole_number("t", value);
    else if (pair.key == "ph") place.phase = phase_of(value);
    else if (pair.key == "fr") place.fraction = number_in("fr", value, 0, 1);
    else if (pair.key == "pin") line.ui.pinned = cell_of(value);
    else if (pair.key == "answer") line.ui.lesson.answer = whole_number("answer", value);
    else if (pair.key == "edit") line.edits.push_back(edit_of(value));
    else return false;
    return true;
}

template <class Field>
const Field* named(std::span<const Field> fields, const std::string& key) {
    for (const Field& each : fields)
        if (key == each.key) return &each;
    return nullptr;
}

/// Keys of the tables. False: not one of them.
bool take_field(const Pair& pair, UiState& ui) {
    const auto& [key, value] = pair;
    if (const Flag* flag = named(state_flags(), key)) flag->of(ui) = on_or_off(key, value);
    else if (const Setting* setting = named(state_settings(), key))
        setting->of(ui) = number_in(key, value, setting->low, setting->high);
    else if (const Count* count = named(state_counts(), key)) count->of(ui) = whole_number(key, value);
    else if (const Word* word = named(state_words(), key)) word->set(ui, word_of(*word, value));
    else return false;
    return true;
}

std::string all_keys() {
    std::string all = "task, file, claim, t, ph, fr, pin, tensor, answer, edit";
    for (const Count& each : state_counts()) all += std::string(", ") + each.key;
    for (const Word& each : state_words()) all += std::string(", ") + each.key;
    for (const Setting& each : state_settings()) all += std::string(", ") + each.key;
    for (const Flag& each : state_flags()) all += std::string(", ") + each.key;
    return all;
}

/// The defaults, but for what belongs to the window.
UiState defaults(const UiState& window) {
    UiState ui;
    ui.theme = window.theme;
    ui.ui_scale = window.ui_scale;
    ui.reduce_motion = window.reduce_motion;
    ui.keyboard_focus = window.keyboard_focus;
    return ui;
}

}  // namespace

StateLine parse_state(std::string_view text, const UiState& window) {
    constexpr std::string_view start = "gdn2:";
    text = trimmed(text);
    if (!text.starts_with(start)) refuse("", "gdn2: at the start", text);
    StateLine line;
    line.ui = defaults(window);
    Place place;
    std::set<std::string> seen;
    for (Reader rest(text.substr(start.size())); !rest.done();) {
        const Pair pair = rest.next();
        if (pair.key != "edit" && !seen.insert(pair.key).second) refuse(pair.key, "it once", pair.value);
        const bool known = take_special(pair, line, place) || take_field(pair, line.ui);
        if (!known) refuse("", "one of " + all_keys(), pair.key);
    }
    line.finds_step = seen.count("step") + seen.count("guide") + seen.count("answer") == 0;
    line.finds_wide_b = seen.count("wide_b") == 0;
    line.finds_versus = seen.count("versus") == 0;
    line.ui.cursor = place.cursor();
    return line;
}

}  // namespace gdn2::viewer
