// See state_string.h: writing a line, and going where one says. state_parser.cpp reads it.
#include "visualizer/model/state_string.h"

#include <algorithm>
#include <charconv>

#include "reference/io/text.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/state_fields.h"

namespace gdn2::viewer {
namespace {

/// As short as comes back exactly.
std::string exact(double number) {
    char text[32];
    return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

/// In quotes; quotes, backslashes and control characters escaped.
std::string quoted(const std::string& text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') result += {'\\', c};
        else if (byte < 0x20 || byte == 0x7f) result += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
        else result += c;
    }
    return result + "\"";
}

/// "gdn2:key=value;key=value".
class Writer {
public:
    void add(const std::string& key, const std::string& value) {
        text_ += (first_ ? "" : ";") + key + "=" + value;
        first_ = false;
    }
    const std::string& text() const { return text_; }

private:
    std::string text_ = "gdn2:";
    bool first_ = true;
};

void add_source(Writer& line, const Session& session) {
    const Document& document = session.document();
    if (document.built_in) line.add("task", document.source);
    else if (!document.source.empty()) line.add("file", quoted(document.source));
    if (!session.claim_path().empty()) line.add("claim", quoted(session.claim_path()));
}

void add_cursor(Writer& line, const Cursor& at) {
    if (at == first_cursor()) return;
    line.add("t", std::to_string(at.token));
    line.add("ph", std::to_string(static_cast<int>(at.phase)));
    if (at.fraction != 1) line.add("fr", exact(at.fraction));
}

/// What a line that says nothing of it means, where there is a second file, and with these edits.
Versus default_versus(bool second_file) {
    return second_file ? Versus::second_reference : Versus::own_reference;
}
bool default_wide_b(const std::vector<Edit>& edits) {
    return std::any_of(edits.begin(), edits.end(), [](const Edit& x) { return x.gate == Gate::b && x.value > 1; });
}

/// Those of the tables in state_fields.h that differ from the defaults. `ui` is a copy: the tables give references.
void add_fields(Writer& line, UiState ui, UiState plain) {
    for (const Count& each : state_counts())
        if (each.of(ui) != each.of(plain)) line.add(each.key, std::to_string(each.of(ui)));
    for (const Word& each : state_words())
        if (each.get(ui) != each.get(plain)) line.add(each.key, each.word(each.get(ui)));
    for (const Setting& each : state_settings())
        if (each.of(ui) != each.of(plain)) line.add(each.key, exact(each.of(ui)));
    for (const Flag& each : state_flags())
        if (each.of(ui) != each.of(plain)) line.add(each.key, each.of(ui) ? "on" : "off");
}

std::string text_of(const Edit& edit) {
    const std::string channel = edit.channel == Edit::all_channels ? "*" : std::to_string(edit.channel);
    return std::string(name_of(edit.gate)) + "[" + std::to_string(edit.token) + "][" + channel +
           "]=" + exact(edit.value);
}

void require_inside(const char* key, Index given, Index count) {
    require(0 <= given && given < count, "state string: " + std::string(key) + "=" + std::to_string(given) +
                                             ": expected 0 to " + std::to_string(std::max<Index>(count, 1) - 1));
}

Index length_of(const Layer& layer, Index sequence) {
    const std::optional<std::vector<Index>>& starts = layer.problem.cu_seqlens;
    const auto n = static_cast<std::size_t>(sequence);
    return starts ? starts->at(n + 1) - starts->at(n) : layer.sizes.length;
}

/// The lesson's step and answer; where no lesson is, there is neither.
void require_step(const LessonProgress& lesson, const Document& document) {
    const std::optional<Index> number = lesson_number(document);
    const LessonGuide* guide = number ? &lesson_guides()[static_cast<std::size_t>(*number)] : nullptr;
    const Index question = guide ? std::ssize(guide->steps) : 0;
    require_inside("step", lesson.step, question + 1);
    if (!lesson.answer) return;
    require(guide && lesson.step == question,
            "state string: answer=" + std::to_string(*lesson.answer) + ": expected only at a lesson's question");
    require_inside("answer", *lesson.answer, std::ssize(guide->question.choices));
}

/// That all the line names is in the document.
void require_there(const UiState& ui, const Document& document) {
    require_inside("layer", ui.layer, std::ssize(document.layers));
    const Layer& layer = document.layers[static_cast<std::size_t>(ui.layer)];
    require_inside("seq", ui.sequence, layer.sizes.sequences);
    require_inside("head", ui.head, layer.sizes.value_heads);
    if (ui.cursor.token > 0) require_inside("t", ui.cursor.token, length_of(layer, ui.sequence));
    if (ui.pinned) {
        require_inside("pin (row)", ui.pinned->row, layer.sizes.key_dim);
        require_inside("pin (column)", ui.pinned->col, layer.sizes.value_dim);
    }
    require_step(ui.lesson, document);
}

/// That each edit is of a token and channel of some layer, and of a value that its gate can have at all: edits stay
/// when another layer is chosen, or b in [0, 2] is.
void require_possible(const Edit& edit, const Document& document) {
    Index length = 0, channels = 0;
    for (const Layer& layer : document.layers) {
        length = std::max(length, layer.sizes.length);
        channels = std::max(channels, edit.gate == Gate::w ? layer.sizes.value_dim : layer.sizes.key_dim);
    }
    require_inside("edit (token)", edit.token, length);
    if (edit.channel != Edit::all_channels) require_inside("edit (channel)", edit.channel, channels);
    const double most = largest(edit.gate, {.wide_b = true});
    const bool possible = edit.value <= most && (edit.gate == Gate::g || edit.value >= 0);
    require(possible, "state string: edit=" + text_of(edit) + ": expected " +
                          (edit.gate == Gate::g ? "at most 0" : "0 to " + io::number(most)));
}

bool is_open(const StateLine& line, const Document& document) {
    return line.source == document.source && line.is_file != document.built_in;
}

}  // namespace

std::string state_string(const Session& session) {
    const UiState& ui = session.ui;
    Writer line;
    add_source(line, session);
    add_cursor(line, ui.cursor);
    UiState plain;
    plain.versus = default_versus(session.claim().has_value());
    plain.gates.wide_b = default_wide_b(session.edits().edits());
    add_fields(line, ui, plain);
    const Document& document = session.document();
    if (lesson_number(document) && ui.lesson == LessonProgress{} &&
        standing_step(document, ui, session.edits().edits()) != 0)
        line.add("step", "0");  // else the line would find another one
    if (ui.pinned) line.add("pin", std::to_string(ui.pinned->row) + "," + std::to_string(ui.pinned->col));
    if (!ui.difference_tensor.empty()) line.add("tensor", quoted(ui.difference_tensor));
    if (ui.lesson.answer) line.add("answer", std::to_string(*ui.lesson.answer));
    for (const Edit& edit : session.edits().edits()) line.add("edit", text_of(edit));
    return line.text();
}

void restore(Session& session, std::string_view text) {
    StateLine line = parse_state(text, session.ui);
    const bool stays = line.source.empty();
    std::optional<Document> opened;
    if (!stays && !is_open(line, session.document()))
        opened = line.is_file ? open_file(line.source) : open_scenario(line.source);
    const Document& document = opened ? *opened : session.document();
    if (line.finds_wide_b) line.ui.gates.wide_b = default_wide_b(line.edits);
    if (line.finds_step && lesson_number(document)) {
        const std::optional<Index> step = standing_step(document, line.ui, line.edits);
        line.ui.lesson.followed = step.has_value();
        line.ui.lesson.step = step.value_or(0);
    }
    require_there(line.ui, document);
    for (const Edit& edit : line.edits) require_possible(edit, document);
    std::optional<ClaimFile> claim;
    if (!line.claim.empty()) {
        claim = open_claim_file(line.claim);
        require_shapes(*claim, document);
    }

    // From here on nothing is refused.
    if (opened) session.open(std::move(*opened));
    if (claim) session.open_claim(std::move(*claim));
    else if (!stays) session.close_claim();
    if (line.finds_versus) line.ui.versus = default_versus(session.claim().has_value());
    session.ui = line.ui;
    if (session.edits().edits() != line.edits) session.edits().replace(std::move(line.edits));
}

}  // namespace gdn2::viewer
