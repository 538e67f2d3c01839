// See explain.h.
#include "visualizer/model/explain.h"

#include <algorithm>
#include <cmath>

#include "reference/io/text.h"
#include "reference/trace/arithmetic.h"
#include "visualizer/model/gradient_shown.h"
#include "visualizer/model/half_life.h"

namespace gdn2::viewer {
namespace {

std::string text_of(double value) { return io::number(value == 0 ? 0 : value, trace::Writing{}.digits); }

/// "S[A=7; 5, 9]": a token by its label.
std::string name_of(const Session& session, const TensorLine& line, const std::vector<Index>& index) {
    std::string text(line.symbol);
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
        const char letter = line.letters[axis];
        text += axis == 0 ? "[" : axis == 1 && line.letters[0] != 'i' ? "; " : ", ";
        text += letter == 'n' ? "chunk " : "";
        text += letter == 't' ? session.name(index[axis]) : std::to_string(index[axis]);
    }
    return text + (index.empty() ? "" : "]");
}

/// "i=5: -0.5632 * 0.2 = -0.1126"
std::string line_of(char letter, const trace::Term& term) {
    const std::string text = std::string(1, letter) + "=" + std::to_string(term.at) + ": " + term.numbers;
    const std::string value = text_of(term.value);
    return term.numbers == value ? text : text + " = " + value;
}

void add_arithmetic(const trace::Arithmetic& arithmetic, std::vector<std::string>& lines) {
    lines.push_back("= " + arithmetic.symbols);
    lines.push_back("= " + arithmetic.numbers);
    for (const trace::Term& term : arithmetic.terms) lines.push_back(line_of(arithmetic.letter, term));
    const Index others = arithmetic.others;
    if (others == 0) return;
    const std::string add = others == 1 ? "term adds " : std::to_string(others) + " terms add ";
    lines.push_back(arithmetic.terms.empty() ? "every term is 0" : "the other " + add + text_of(arithmetic.rest));
}

/// What stands for numbers that lie outside the run.
std::string outside_of(const Number& number) {
    if (number.tensor == "S_decayed") return "before the first token S is initial_state";
    if (number.tensor == "S_0") return "before the first chunk S_0 is initial_state and gamma 1";
    return "after the last token dS is d_final_state, alpha 1, e and du 0";
}

std::string writer_of(const Session& session, Index token, const Cell& cell) {
    const std::optional<Index> writer = last_writer(session.track(), token, cell);
    if (!writer) return "no token has written here";
    return "last written by " + (*writer == token ? "this token" : session.in_words(*writer));
}

void remark_on_state(const Session& session, const Number& number, std::vector<std::string>& lines) {
    const Index t = number.index[0], i = number.index[1], j = number.index[2];
    const double before = session.track().S(t - 1, i, j), after = session.track().S(t, i, j);
    lines.push_back("before " + text_of(before) + ", change " + text_of(after - before));
    lines.push_back(writer_of(session, t, {i, j}));
}

std::string words_of_decay(double g) {
    if (g == 0) return "g = 0: nothing is forgotten";
    const double alpha = std::exp(g);
    return "g = " + text_of(g) + ": " +
           (alpha > 0 ? "half is gone after " + half_life_text(alpha) : std::string("everything is forgotten"));
}

/// Which tokens the rows of a chunk are.
void remark_on_rows(const Session& session, const TensorLine& line, const Number& number,
                    std::vector<std::string>& lines) {
    std::string text;
    for (std::size_t axis = 1; axis < number.index.size(); ++axis) {
        if (line.letters[axis] != 'r' && line.letters[axis] != 's') continue;
        const Index row = number.index[axis];
        text += (text.empty() ? "row " : ", row ") + std::to_string(row) + " is " +
                session.in_words(number.index[0] * chunk_length + row);
    }
    if (!text.empty()) lines.push_back(text);
}

/// What there is to say about a number that was not computed.
void remark_on_given(const Session& session, const Number& number, std::vector<std::string>& lines) {
    const bool gate = number.tensor == "b" || number.tensor == "w" || number.tensor == "g";
    const bool loss = number.tensor == "do" || number.tensor == "d_final_state";
    lines.push_back(loss ? "loss: " + session.gradients().loss().says : "given");
    if (!gate) return;
    if (session.ui.mixer != Mixer::gdn2)
        lines.push_back(std::string(name_of(session.ui.mixer)) + ": " + session.gates_of(session.ui.mixer));
    if (const Track* ghost = session.ghost()) {
        const Head& head = ghost->head();
        const Matrix<double>& was = number.tensor == "b" ? head.b : number.tensor == "w" ? head.w : head.g;
        lines.push_back("before all changes " + text_of(was(number.index[0], number.index[1])));
    }
}

/// What central differences give for a gradient at the cursor's token, as far as that is known.
void remark_on_check(const Session& session, const Number& number, std::vector<std::string>& lines) {
    if (number.index.empty() || number.index[0] != session.ui.cursor.token) return;
    const ChannelGradient* check = check_of(session.numeric_gradient(), number.tensor);
    if (!check || check->verdict == GradientVerdict::open) return;
    const Index channel = number.index[1];
    lines.push_back("by central differences " + text_of(check->numeric[channel]) + ": " +
                    text_of(check->difference[channel]) + " more, of which rounding may be " +
                    text_of(check->error[channel]));
}

void remark(const Session& session, const TensorLine& line, const Number& number, std::vector<std::string>& lines) {
    if (line.formula.empty()) remark_on_given(session, number, lines);
    if (line.id == "S") remark_on_state(session, number, lines);
    if (line.id == "alpha" || line.id == "g")
        lines.push_back(words_of_decay(session.track().head().g(number.index[0], number.index[1])));
    if (line.letters.starts_with('n')) remark_on_rows(session, line, number, lines);
    if (line.letters.starts_with('t') && line.id.starts_with('d')) remark_on_check(session, number, lines);
}

}  // namespace

Explanation explain(const Session& session, const Number& number) {
    const Numbers numbers(session);
    const TensorLine& line = tensor_line(number.tensor);
    Explanation result;
    result.value = numbers.at(number);
    result.title = name_of(session, line, number.index) + " = " + text_of(result.value);
    if (!line.formula.empty()) {
        const trace::Arithmetic made = arithmetic_of(trace::Formula(line.formula), numbers.scope_of(number));
        result.lines.push_back(line.equation);
        add_arithmetic(made, result.lines);
        bool outside = false;
        for (const trace::Read& read : made.reads) {
            const std::optional<Number> input = numbers.shown(read);
            outside = outside || !input || (input->tensor != read.name);
            if (input) result.inputs.push_back(*input);
        }
        if (outside) result.lines.push_back(outside_of(number));
    }
    remark(session, line, number, result.lines);
    return result;
}

std::optional<Index> last_writer(const Track& track, Index token, const Cell& cell) {
    for (Index t = token; t >= 0; --t)
        if (track.head().k(t, cell.row) * track.u()(t, cell.col) != 0) return t;
    return std::nullopt;
}

}  // namespace gdn2::viewer
