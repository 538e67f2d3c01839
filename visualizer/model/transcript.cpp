// See transcript.h.
#include "visualizer/model/transcript.h"

#include <algorithm>

#include "reference/io/text.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/picture.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/state_string.h"

namespace gdn2::viewer {
namespace {

constexpr std::size_t name_width = 10, number_width = 12, numbers_a_line = 8;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string without_blanks_at_end(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// "    name      1           0.5 ...", continued below its first number; the rest of a long one counted.
std::string numbers_line(const std::string& name, const Vector<double>& x, Index longest) {
    std::string text, line = "    " + padded(name, name_width);
    const std::string start(line.size(), ' ');
    const Index shown = std::min(x.size(), longest);
    for (Index i = 0; i < shown; ++i) {
        if (i > 0 && static_cast<std::size_t>(i) % numbers_a_line == 0) {
            text += without_blanks_at_end(line) + "\n";
            line = start;
        }
        line += padded(io::number(x[i] + 0.0), number_width);  // + 0.0: no sign on a zero
    }
    if (shown < x.size()) line += "... " + std::to_string(x.size() - shown) + " more";
    return text + without_blanks_at_end(line) + "\n";
}

std::string vectors_of(const TokenFrame& x, Index longest) {
    const auto line = [longest](const char* name, const Vector<double>& values) {
        return numbers_line(name, values, longest);
    };
    return "  key axis, one number for each row of S\n" + line("alpha", x.alpha) + line("b", x.b) + line("k", x.k) +
           line("e = b*k", x.e) + line("q", x.q) + "  value axis, one number for each column of S\n" +
           line("v", x.v) + line("w", x.w) + line("z = w*v", x.z) + line("r", x.r) + line("u = z-r", x.u) +
           line("o", x.o);
}

std::string matrix_lines(const Matrix<double>& S, const TranscriptLimits& limits) {
    std::string text;
    const Index shown = std::min(S.rows(), limits.rows);
    for (Index i = 0; i < shown; ++i) text += numbers_line("row " + std::to_string(i), S.row(i), limits.numbers);
    return shown < S.rows() ? text + "    ... " + std::to_string(S.rows() - shown) + " more rows\n" : text;
}

std::string sizes_line(const TokenFrame& x) {
    const auto size = [](const auto& matrix) { return io::number(matrix.norm()); };
    return "  |S| " + size(x.S_before) + " before, " + size(x.S_decayed) + " decayed, " + size(x.S) +
           " written;  |r| " + size(x.r) + "  |z| " + size(x.z) + "  |u| " + size(x.u) + "  |o| " + size(x.o) + "\n";
}

std::string answer_words(const RecallCell& cell) {
    return std::string(cell.right ? "right " : "wrong ") + cell.answer + " (cosine " +
           io::number(cell.content.cosine, 3) + ", strength " + io::number(cell.content.norm, 3) + ")";
}

std::vector<Rule> rules_shown(const Session& session) {
    if (session.ui.compare) return all_rules();
    return {session.ui.mixer};
}

/// One line for each key and rule; nothing where there is nothing to recall.
std::string recall_lines(const Session& session, const Cursor& at) {
    const std::vector<Rule> rules = rules_shown(session);
    const RecallTable table = recall_table(session, rules, at);
    if (table.rows.empty()) return "";
    std::string text = "  what each key answers\n";
    for (const RecallRow& row : table.rows)
        for (std::size_t i = 0; i < rules.size(); ++i) {
            const std::string rule = rules.size() > 1 ? padded(name_of(rules[i]), 24) : "";
            text += "    " + padded(io::escaped(row.key), name_width) + "should be " + padded(row.expected, 6) + rule +
                    answer_words(row.cells[i]) + "\n";
        }
    return text;
}

/// Of a file, which names no keys: whose writes the token's output looks like.
std::string retrieved_lines(const Session& session, const Cursor& at) {
    const Index token = written_until(at);
    if (session.document().recall || token < 0) return "";
    std::string text;
    for (const Retrieved& each : retrieved(session.track(), token, Session::retrieved_shown))
        text += "    " + padded(io::escaped(session.name(each.token)), 2 * name_width) + " cosine " +
                io::number(each.cosine, 3) + ", share " + io::number(each.share, 3) + "\n";
    return text.empty() ? "" : "  whose writes o of token " + std::to_string(token) + " looks like\n" + text;
}

std::string edit_line(const Edit& edit) {
    const std::string channel =
        edit.channel == Edit::all_channels ? "all channels" : "channel " + std::to_string(edit.channel);
    return "  edited: " + std::string(name_of(edit.gate)) + " of token " + std::to_string(edit.token) + ", " + channel +
           " = " + io::number(edit.value) + "\n";
}

/// What is open and what was chosen.
std::string head_of(const Session& session) {
    const UiState& ui = session.ui;
    const Document& document = session.document();
    std::string text = io::escaped(document.title) + "\n";
    if (!document.shows.empty()) text += document.shows + "\n";
    text += "  " + state_string(session) + "\n  rule: " + name_of(ui.mixer) + " (" + session.gates_of(ui.mixer) + ")\n";
    if (ui.gates.tie) text += "  tied: b = w = beta, one gate per token\n";
    text += "  layer " + std::to_string(ui.layer) + ", sequence " + std::to_string(ui.sequence) + ", head " +
            std::to_string(ui.head) + "; " + std::to_string(session.length()) + " tokens, S is " +
            std::to_string(session.track().key_dim()) + " x " + std::to_string(session.track().value_dim()) + "\n";
    for (const std::string& note : document.notes) text += "  note: " + io::escaped(note) + "\n";
    for (const Edit& edit : session.edits().edits()) text += edit_line(edit);
    if (const auto token = session.track().first_non_finite())
        text += "  not a number or infinite from token " + std::to_string(*token) + " on\n";
    return text;
}

std::string token_title(const Session& session, Index token) {
    return "\nToken " + std::to_string(token) + " of 0 to " + std::to_string(session.length() - 1) + ": " +
           io::escaped(session.label(token)) + "\n";
}

std::string phase_lines(const Session& session, const Cursor& at) {
    const std::optional<Recall>& recall = session.document().recall;
    const Narration said =
        narrate(session.track(), at, io::escaped(session.name(at.token)), recall ? &*recall : nullptr);
    return "  phase " + std::to_string(static_cast<int>(at.phase)) + ", " + name_of(at.phase) + ": " + said.equation +
           "\n    " + said.sentence + "\n";
}

/// The lesson's text, as the reader has it before him.
std::string lesson_lines(const Session& session) {
    const LessonStep* step = step_of(session);
    if (!step) return "";
    std::string text = "\nLesson\n  " + step->text + "\n";
    const std::vector<std::string>& choices = guide_of(session)->question.choices;
    for (std::size_t i = 0; at_question(session) && i < choices.size(); ++i)
        text += "  " + std::to_string(i + 1) + ". " + choices[i] + "\n";
    return text;
}

}  // namespace

std::string transcript(const Session& session, const TranscriptLimits& limits) {
    const std::string head = head_of(session) + lesson_lines(session);
    if (session.length() == 0) return head + "\nThere are no tokens.\n";
    const Cursor& at = session.ui.cursor;
    if (at == first_cursor())
        return head + "\nBefore token 0, " + io::escaped(session.label(0)) + ": S is\n" +
               matrix_lines(session.track().S(-1), limits);
    const TokenFrame frame = session.track().frame(at.token);
    return head + token_title(session, at.token) + phase_lines(session, at) + vectors_of(frame, limits.numbers) +
           sizes_line(frame) + "  S as it stands at the end of this phase\n" +
           matrix_lines(state_at(session.track(), at_phase(at, at.phase)), limits) +
           recall_lines(session, at_phase(at, at.phase)) + retrieved_lines(session, at_phase(at, at.phase));
}

std::string transcript_of_run(const Session& session, const TranscriptLimits& limits) {
    std::string text = head_of(session);
    for (Index token = 0; token < session.length(); ++token) {
        const TokenFrame frame = session.track().frame(token);
        text += token_title(session, token);
        for (int phase = 1; phase <= phase_count; ++phase)
            text += phase_lines(session, {token, static_cast<Phase>(phase), 1});
        text += vectors_of(frame, limits.numbers) + sizes_line(frame) +
                recall_lines(session, at_token(token, session.length()));
    }
    return text;
}

}  // namespace gdn2::viewer
