// Formulas are read and evaluated as formula.h says, and every number that a run records satisfies its own.
#include "reference/trace/formula.h"

#include <doctest/doctest.h>

#include "reference/core/random.h"
#include "reference/delta_rule/heads.h"
#include "reference/trace/recorder.h"

using namespace gdn2;
using trace::Field;
using trace::FieldInfo;
using trace::Formula;
using trace::Kind;

namespace {

constexpr Index length = 11, key_dim = 3, value_dim = 2, chunk_length = 4;

/// Three packed sequences, one of them empty; two value heads on each key head; states at both ends.
Problem<double> packed_problem() {
    Random random(11);
    const Shape keys{1, length, 2, key_dim}, values{1, length, 4, value_dim},
        states{3, 4, key_dim, value_dim};
    Problem<double> problem;
    problem.q = random_normal(keys, random);
    problem.k = unit_rows(random_normal(keys, random));
    problem.v = random_normal(values, random);
    problem.g = random_uniform(keys, random, -0.6, -0.01);
    problem.b = random_uniform(keys, random, 0, 2);
    problem.w = random_uniform(values, random, 0, 1);
    problem.scale = 0.7;
    problem.cu_seqlens = std::vector<Index>{0, 9, 9, length};
    problem.initial_state = random_normal(states, random);
    problem.d_o = random_normal(values, random);
    problem.d_final_state = random_normal(states, random);
    return problem;
}

/// One (sequence, value head) of a recorded run: looks numbers up by the names that formulas use.
struct Recorded {
    const Problem<double>& problem;
    const trace::Recorder& tokens;
    const trace::Recorder& chunks;
    Index sequence, value_head;

    Index first() const { return (*problem.cu_seqlens)[static_cast<std::size_t>(sequence)]; }
    Index end() const { return (*problem.cu_seqlens)[static_cast<std::size_t>(sequence) + 1]; }
    Index token_count() const { return end() - first(); }
    Index chunk_count() const { return (token_count() + chunk_length - 1) / chunk_length; }
    Index rows_of(Index n) const { return std::min(chunk_length, token_count() - n * chunk_length); }
    Index first_chunk() const {
        const auto& owners = chunks.chunk_sequence();
        return std::lower_bound(owners.begin(), owners.end(), sequence) - owners.begin();
    }

    const Tensor<double>& tensor_of(std::string_view name) const {
        if (name == "q") return problem.q;
        if (name == "k") return problem.k;
        if (name == "v") return problem.v;
        if (name == "g") return problem.g;
        if (name == "b") return problem.b;
        if (name == "w") return problem.w;
        if (name == "do") return *problem.d_o;
        const Field field = trace::field_named(name).value();
        return tokens.wants(field) ? tokens.tensor(field) : chunks.tensor(field);
    }

    /// Outside the sequence: the states handed in, decays that keep everything, and zeros.
    double outside(std::string_view name, const std::vector<Index>& at) const {
        const bool before = name == "S" || name == "S_0";
        if (before || name == "dS") {
            const Tensor<double>& states = before ? *problem.initial_state : *problem.d_final_state;
            return state_of(states, sequence, value_head)(at.at(1), at.at(2));
        }
        return name == "alpha" || name == "gamma" ? 1 : 0;
    }

    double number(std::string_view name, std::vector<Index> at) const {
        if (name == "scale") return *problem.scale;
        const std::optional<Field> field = trace::field_named(name);
        const bool by_chunk = field && trace::info(*field).kind == Kind::chunk;
        if (by_chunk) {
            if (at[0] < 0) return outside(name, at);
            at[0] += first_chunk();
            at.insert(at.begin() + 1, value_head);
        } else {
            if (!field && at.size() == 3) {  // a problem tensor at row r of chunk n
                at = {at[0] * chunk_length + at[1], at[2]};
                if (at[0] >= token_count()) return 0;
            }
            if (at[0] < 0 || at[0] >= token_count()) return outside(name, at);
            const Index group = field || name == "v" || name == "w" || name == "do" ? 1 : 2;
            at.insert(at.begin() + 1, value_head / group);
            at[0] += first();
            at.insert(at.begin(), 0);
        }
        const Tensor<double>& tensor = tensor_of(name);
        REQUIRE(at.size() == tensor.shape().size());
        Index offset = 0;
        for (std::size_t axis = 0; axis < at.size(); ++axis) {
            REQUIRE(0 <= at[axis]);
            REQUIRE(at[axis] < tensor.shape()[axis]);
            offset = offset * tensor.shape()[axis] + at[axis];
        }
        return tensor[offset];
    }
};

/// Calls check(index of each name) for every number of the field in this sequence; rows beyond a short
/// chunk's last are left out.
template <class Check>
void for_each_number(const FieldInfo& line, const Recorded& run, const Check& check) {
    const std::string names = trace::letters_of(line);
    const std::map<char, Index> sizes{{'t', run.token_count()}, {'n', run.chunk_count()},
                                      {'i', key_dim},           {'j', value_dim},
                                      {'r', chunk_length},      {'s', chunk_length}};
    Shape shape;
    for (const char name : names) shape.push_back(sizes.at(name));
    for (Index offset = 0; offset < element_count(shape); ++offset) {
        const std::vector<Index> at = unravel(offset, shape);
        std::map<char, Index> indices;
        for (std::size_t axis = 0; axis < names.size(); ++axis) indices[names[axis]] = at[axis];
        const bool padding = std::any_of(indices.begin(), indices.end(), [&](const auto& index) {
            return (index.first == 'r' || index.first == 's') && index.second >= run.rows_of(indices.at('n'));
        });
        check(indices, at, padding);
    }
}

/// The run's numbers, as a formula asks for them. `run` must outlive it.
trace::Scope scope_of(const Recorded& run, const std::map<char, Index>& indices) {
    return {indices,
            {{'i', key_dim}, {'j', value_dim}, {'r', chunk_length}, {'m', chunk_length}},
            [&run](Index n) { return n < 0 ? 0 : run.rows_of(n) - 1; },
            [&run](std::string_view name, std::span<const Index> at) {
                return run.number(name, {at.begin(), at.end()});
            }};
}

/// Both runs of the problem, with every field recorded.
struct Runs {
    Problem<double> problem = packed_problem();
    trace::Recorder tokens, chunks;

    static std::vector<Field> wanted(bool chunk) {
        std::vector<Field> result;
        for (const FieldInfo& line : trace::fields())
            if ((line.kind == Kind::chunk) == chunk) result.push_back(line.field);
        return result;
    }

    Runs()
        : tokens(wanted(false), recorder_sizes(problem, chunk_length)),
          chunks(wanted(true), recorder_sizes(problem, chunk_length)) {
        Options options;
        options.chunk = chunk_length;
        options.path = Path::recurrent;
        options.recorder = &tokens;
        (void)gradient(problem, options);
        options.path = Path::chunk;
        options.recorder = &chunks;
        (void)forward(problem, options);
    }
};

}  // namespace

TEST_CASE("a gradient by the recurrent path and a forward by chunks record every field completely") {
    const Runs runs;
    for (const FieldInfo& line : trace::fields()) {
        CAPTURE(line.id);
        CHECK((line.kind == Kind::chunk ? runs.chunks : runs.tokens).complete(line.field));
    }
}

TEST_CASE("every recorded number is what the formula of its field gives") {
    const Runs runs;
    for (Index sequence : {0, 2})
        for (Index head = 0; head < 4; ++head)
            for (const FieldInfo& line : trace::fields()) {
                const Recorded run{runs.problem, runs.tokens, runs.chunks, sequence, head};
                const Formula formula(line.formula);
                CAPTURE(line.id);
                CAPTURE(sequence);
                CAPTURE(head);
                for_each_number(line, run, [&](const auto& indices, const auto& at, bool padding) {
                    const double recorded = run.number(line.id, at);
                    if (padding) {
                        CHECK(recorded == 0);
                        return;
                    }
                    const double difference = std::abs(recorded - formula.value(scope_of(run, indices)));
                    CHECK(difference <= 1e-13);
                });
            }
}

/// x[...] is its last index, y[...] its first, scale 10.
trace::Scope small_scope() {
    return {{{'r', 2}, {'s', 1}}, {{'m', 3}}, [](Index n) { return 10 * n; },
            [](std::string_view name, std::span<const Index> at) {
                return at.empty() ? 10.0 : static_cast<double>(name == "y" ? at.front() : at.back());
            }};
}

double value(std::string_view text) { return Formula(text).value(small_scope()); }

TEST_CASE("a formula says what it computes, and another formula another number") {
    CHECK(value("x[r] * x[s] + scale") == 12);
    CHECK(value("sum(m<r) x[m]") == 1);
    CHECK(value("sum(m<=r) x[m]") == 3);
    CHECK(value("-sum(m) x[m] * x[r]") == -6);
    CHECK(value("scale - sum(m) x[m] - x[r]") == 5);
    CHECK(value("scale * (x[r] - x[s])") == 10);
    CHECK(value("if(r<s) scale") == 0);
    CHECK(value("if(s<=s) scale * x[r]") == 20);
    CHECK(value("[r=s] - x[r-1]") == -1);
    CHECK(value("x[s,last] + y[r+1,s]") == 13);
    CHECK(value("exp(x[r] - x[s])") == std::exp(1.0));
}

TEST_CASE("a formula reports every number that it reads, once") {
    std::vector<trace::Read> reads;
    CHECK(Formula("scale * sum(m<r) x[m,s] * x[s,s] + if(r<s) y[r]").value(small_scope(), &reads) == 20);
    REQUIRE(reads.size() == 3);  // x[1,1] twice
    CHECK(reads[0].name == "scale");
    CHECK(reads[0].rank == 0);
    CHECK(reads[0].value == 10);
    for (std::size_t i = 1; i < 3; ++i) {
        CHECK(reads[i].name == "x");
        REQUIRE(reads[i].rank == 2);
        CHECK(reads[i].at[0] == static_cast<Index>(i) - 1);
        CHECK(reads[i].at[1] == 1);
    }
}

TEST_CASE("a formula that is not one is an Error that says where") {
    const auto refused = [](const char* text, const char* why) {
        CHECK_THROWS_WITH_AS(value(text), doctest::Contains(why), Error);
    };
    refused("x[r] x[s]", "unread text at 5");
    refused("x[r", "expected `]` at 3");
    refused("x[last]", "expected `]`");
    refused("x[R]", "expected an index at 2");
    refused("(x[r]", "expected `)`");
    refused("x[r] *", "expected a name at 6");
    refused("sum(m+1) x[m]", "expected a range");
    refused("if(r) x[r]", "expected a condition");
    refused("x[r,r,r,r]", "too many indices");
    refused("", "expected a name at 0");
}

TEST_CASE("a letter that stands for nothing is an Error") {
    CHECK_THROWS_WITH_AS(value("x[t]"), "formula: `t` has no value", Error);
    CHECK_THROWS_WITH_AS(value("x[m] + sum(m) x[m]"), "formula: `m` has no value", Error);
    CHECK_THROWS_WITH_AS(value("sum(i) x[i]"), "formula: `i` has no size", Error);
}
