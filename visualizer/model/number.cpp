// See number.h.
#include "visualizer/model/number.h"

#include <algorithm>

#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

using trace::Field;

/// What is not in fields.def: gradients, which a result holds per key head where the adjoint of one head does not, and
/// what a problem gives.
const TensorLine other_lines[] = {
    {"dq", "dq", "adjoint of Eq. 10", "ti", "scale * sum(j) S[t,i,j] * do[t,j]"},
    {"dk", "dk", "adjoint of Eqs. 8, 9", "ti", "sum(j) dS[t,i,j] * u[t,j] + de[t,i] * b[t,i]"},
    {"dg", "dg", "adjoint of Eq. 9", "ti", "sum(j) (dS[t,i,j] - e[t,i] * du[t,j]) * S_decayed[t,i,j]"},
    {"db", "db", "adjoint of Eq. 8", "ti", "de[t,i] * k[t,i]"},
    {"dv", "dv", "adjoint of Eq. 8", "tj", "dz[t,j] * w[t,j]"},
    {"dw", "dw", "adjoint of Eq. 8", "tj", "dz[t,j] * v[t,j]"},
    {"dz", "dz", "adjoint of Eq. 9", "tj", "du[t,j]"},
    {"dr", "dr", "adjoint of Eq. 9", "tj", "-du[t,j]"},
    {"d_initial_state", "d_initial_state", "adjoint of Eq. 9", "ij",
     "alpha[t+1,i] * (dS[t+1,i,j] - e[t+1,i] * du[t+1,j])"},
    {"q", "q", "", "ti", ""},
    {"k", "k", "", "ti", ""},
    {"g", "g", "", "ti", ""},
    {"b", "b", "", "ti", ""},
    {"v", "v", "", "tj", ""},
    {"w", "w", "", "tj", ""},
    {"do", "do", "", "tj", ""},
    {"scale", "scale", "", "", ""},
    {"initial_state", "initial_state", "", "ij", ""},
    {"d_final_state", "d_final_state", "", "ij", ""},
};

std::vector<TensorLine> all_lines() {
    std::vector<TensorLine> lines;
    for (const trace::FieldInfo& line : trace::fields()) {
        const std::string adjoint = line.kind == trace::Kind::token_gradient ? "adjoint of " : "";
        lines.push_back({line.id, line.symbol, adjoint + std::string(line.equation), letters_of(line), line.formula});
    }
    lines.insert(lines.end(), std::begin(other_lines), std::end(other_lines));
    return lines;
}

/// What the track keeps: rows are tokens, or key channels of a state. Null: it does not.
const Matrix<double>* kept(const Track& track, std::string_view id) {
    const Head& x = track.head();
    const std::pair<std::string_view, const Matrix<double>*> found[] = {
        {"q", &x.q}, {"k", &x.k}, {"g", &x.g}, {"b", &x.b}, {"v", &x.v}, {"w", &x.w}, {"alpha", &track.alpha()},
        {"e", &track.e()}, {"z", &track.z()}, {"r", &track.r()}, {"u", &track.u()}, {"o", &track.o()},
        {"initial_state", &x.initial_state}};
    for (const auto& [name, matrix] : found)
        if (name == id) return matrix;
    return nullptr;
}

const Matrix<double>* kept(const GradientView& gradients, std::string_view id) {
    const Gradient<double>& d = gradients.gradient();
    const std::pair<std::string_view, const Matrix<double>*> found[] = {
        {"dq", &d.dq}, {"dk", &d.dk}, {"dg", &d.dg}, {"db", &d.db}, {"dv", &d.dv}, {"dw", &d.dw},
        {"du", &gradients.du()}, {"de", &gradients.de()}, {"dz", &gradients.du()}, {"dr", &gradients.du()},
        {"do", &gradients.loss().d_o},
        {"d_initial_state", &d.d_initial_state}, {"d_final_state", &gradients.loss().d_final_state}};
    for (const auto& [name, matrix] : found)
        if (name == id) return matrix;
    return nullptr;
}

const char* word_of(char letter) {
    switch (letter) {
        case 't': return "token";
        case 'n': return "chunk";
        case 'i': return "key channel";
        case 'j': return "value channel";
        default: return "row";
    }
}

}  // namespace

std::span<const TensorLine> tensor_lines() {
    static const std::vector<TensorLine> lines = all_lines();
    return lines;
}

const TensorLine& tensor_line(std::string_view id) {
    for (const TensorLine& line : tensor_lines())
        if (line.id == id) return line;
    throw Error("there is no tensor " + io::quote(id));
}

/// Where a tensor's numbers are.
struct Numbers::Source {
    std::string_view id;
    const TensorLine* line = nullptr;
    const Matrix<double>* kept = nullptr;  ///< rows are tokens, or key channels; null: see below
    double sign = 1;                       ///< of what is kept
    std::optional<Field> of_chunk = {};
    const GradientView* gradients = nullptr;  ///< null unless it is from there
};

Numbers::Numbers(const Session& session) : session_(session), track_(session.track()) {}
Numbers::~Numbers() = default;

Numbers::Source Numbers::source_of(std::string_view id) const {
    Source source{.id = id, .line = &tensor_line(id), .kept = kept(track_, id)};
    const std::optional<Field> field = trace::field_named(id);
    if (field && info(*field).kind == trace::Kind::chunk) source.of_chunk = field;
    if (source.kept || source.of_chunk || id == "S" || id == "S_decayed" || id == "scale") return source;
    source.gradients = &session_.gradients();
    source.kept = kept(*source.gradients, id);
    if (id == "dr") source.sign = -1;
    return source;
}

/// A formula's names are asked for again and again: they are found by where they stand.
const Numbers::Source& Numbers::source(std::string_view id) const {
    for (const Source& known : sources_)
        if (known.id.data() == id.data() && known.id.size() == id.size()) return known;
    return sources_.emplace_back(source_of(id));
}

Index Numbers::rows_of(Index chunk) const {
    return std::clamp<Index>(track_.length() - chunk * chunk_length, 0, chunk_length);
}

/// How far an index runs. Rows: of the chunk that `at` begins with.
Index Numbers::size_of(char letter, At at) const {
    switch (letter) {
        case 't': return track_.length();
        case 'n': return (track_.length() + chunk_length - 1) / chunk_length;
        case 'i': return track_.key_dim();
        case 'j': return track_.value_dim();
        default: return rows_of(at[0]);
    }
}

double Numbers::at(const Number& number) const {
    const Source found = source_of(number.tensor);
    const TensorLine& line = *found.line;
    require(number.index.size() == line.letters.size(),
            io::quote(line.id) + " has " + std::to_string(line.letters.size()) + " indices, got " +
                std::to_string(number.index.size()));
    for (std::size_t axis = 0; axis < line.letters.size(); ++axis) {
        const Index given = number.index[axis], count = size_of(line.letters[axis], number.index);
        require(0 <= given && given < count, io::quote(line.id) + ": there is no " + word_of(line.letters[axis]) + " " +
                                                 std::to_string(given) + ": expected 0 to " +
                                                 std::to_string(count - 1));
    }
    return value(found, number.index);
}

const Matrix<double>& Numbers::chunk_matrix(Field field, Index n) const {
    if (!chunk_ || chunk_->chunk != n) chunk_ = &session_.chunk_view(n);
    return chunk_->field(field);
}

double Numbers::value(const Source& source, At at) const {
    if (at.size() > source.line->letters.size()) return (*source.kept)(at[0] * chunk_length + at[1], at[2]);
    if (!within(source, at)) return outside(source, at);
    if (source.kept) return source.sign * (*source.kept)(at[0], at[1]);
    if (source.of_chunk) return chunk_matrix(*source.of_chunk, at[0])(at[1], at[2]);
    if (source.gradients) return source.gradients->dS(at[0], at[1], at[2]);
    if (at.empty()) return track_.head().scale;
    if (source.id == "S") return track_.S(at[0], at[1], at[2]);
    return track_.alpha()(at[0], at[1]) * track_.S(at[0] - 1, at[1], at[2]);                 // Eq. 9   S'
}

/// Formulas leave a run only at its ends.
bool Numbers::within(const Source& source, At at) const {
    return at.empty() || (0 <= at[0] && at[0] < size_of(source.line->letters[0], at));
}

double Numbers::outside(const Source& source, At at) const {
    if (source.id == "S" || source.id == "S_0") return track_.head().initial_state(at[1], at[2]);
    if (source.id == "dS") return source.gradients->loss().d_final_state(at[1], at[2]);
    return source.id == "alpha" || source.id == "gamma" ? 1 : 0;
}

trace::Scope Numbers::scope_of(const Number& number) const {
    const std::string& letters = tensor_line(number.tensor).letters;
    trace::Scope scope;
    scope.indices['t'] = -1;  // d_initial_state is what the first token sends to the one before
    for (std::size_t axis = 0; axis < letters.size(); ++axis) scope.indices[letters[axis]] = number.index[axis];
    const bool first = letters.starts_with('n') && number.index[0] == 0;
    // sum(r) of S_0 is over the chunk before, which is full.
    scope.sizes = {{'i', track_.key_dim()}, {'j', track_.value_dim()}, {'r', first ? 0 : chunk_length}};
    scope.last = [this](Index n) { return n < 0 ? 0 : rows_of(n) - 1; };
    scope.number = [this](std::string_view id, At at) { return value(source(id), at); };
    return scope;
}

std::optional<Number> Numbers::shown(const trace::Read& read) const {
    const Source& found = source(read.name);
    Number number{std::string(read.name), {read.indices().begin(), read.indices().end()}};
    if (read.rank > found.line->letters.size()) number.index = {read.at[0] * chunk_length + read.at[1], read.at[2]};
    if (within(found, number.index)) return number;
    if (!found.line->letters.ends_with("ij")) return std::nullopt;
    return Number{read.name == "dS" ? "d_final_state" : "initial_state", {read.at[1], read.at[2]}};
}

double value_of(const Session& session, const Number& number) { return Numbers(session).at(number); }

}  // namespace gdn2::viewer
