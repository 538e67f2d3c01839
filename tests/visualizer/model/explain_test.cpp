// A tooltip's arithmetic adds up: for every tensor the inputs that it names, and the numbers that it prints, give the
// number that it shows.
#include "visualizer/model/explain.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "reference/io/text.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "tests/support/worked_out.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Session session_of(Problem<double> problem) {
    Document document;
    const Sizes sizes = validate_shapes(problem);
    for (Index t = 0; t < sizes.length; ++t) document.labels.push_back("t" + std::to_string(t));
    document.layers.push_back({"", std::move(problem), sizes, {}, {}});
    Session session;
    session.open(std::move(document));
    return session;
}

/// Numbers of a tensor from a run: its corners, and some from within.
std::vector<Number> some_numbers(const Session& session, const TensorLine& line, Random& random, int count) {
    std::vector<Number> numbers;
    for (int n = 0; n < count; ++n) {
        Number number{std::string(line.id), {}};
        const auto draw = [&](Index size) {
            const Index last = size - 1;
            number.index.push_back(n == 0 ? 0 : n == 1 ? last : random.integer(0, static_cast<int>(last)));
        };
        for (const char letter : line.letters) {
            const Track& x = session.track();
            if (letter == 't') draw(x.length());
            if (letter == 'n') draw(session.chunk_count());
            if (letter == 'i') draw(x.key_dim());
            if (letter == 'j') draw(x.value_dim());
            if (letter == 'r' || letter == 's') draw(session.chunk_view(number.index[0]).rows);
        }
        numbers.push_back(number);
    }
    return numbers;
}

/// The formula's value from the inputs that are named, and whether it needs every one of them and no other.
struct FromInputs {
    double value = 0;
    bool enough = true, all_needed = true;
};
FromInputs from_inputs(const Session& session, const TensorLine& line, const Number& number,
                       const std::vector<Number>& inputs) {
    std::map<std::pair<std::string, std::vector<Index>>, int> uses;
    for (const Number& input : inputs) uses[{input.tensor, input.index}] = 0;
    FromInputs result;
    const auto use = [&](const std::string& tensor, const std::vector<Index>& index) {
        const auto found = uses.find({tensor, index});
        if (found == uses.end()) return result.enough = false, 0.0;
        ++found->second;
        return value_of(session, {tensor, index});
    };
    const Index length = session.length();
    const Numbers numbers(session);
    trace::Scope scope = numbers.scope_of(number);
    scope.number = [&](std::string_view name, std::span<const Index> at) {
        const std::string id(name);
        const std::vector<Index> index(at.begin(), at.end());
        const std::string letters = tensor_line(id).letters;
        if (index.size() > letters.size()) return use(id, {64 * index[0] + index[1], index[2]});
        if (index.empty() || (0 <= index[0] && index[0] < (letters[0] == 't' ? length : (length + 63) / 64)))
            return use(id, index);
        if (id == "S" || id == "S_0") return use("initial_state", {index[1], index[2]});
        if (id == "dS") return use("d_final_state", {index[1], index[2]});
        return id == "alpha" || id == "gamma" ? 1.0 : 0.0;
    };
    result.value = trace::Formula(line.formula).value(scope);
    for (const auto& [input, count] : uses) result.all_needed = result.all_needed && count > 0;
    return result;
}

/// Every printed line that says "x = y" or stands for the value.
void check_lines(const Explanation& found) {
    REQUIRE(found.lines.size() >= 3);
    CAPTURE(found.lines[2]);
    REQUIRE(found.lines[2].starts_with("= "));
    CHECK(worked_out(found.lines[2].substr(2)).holds(found.value));
    CHECK(found.title.ends_with(" = " + io::number(found.value == 0 ? 0 : found.value, 4)));
    for (std::size_t n = 3; n < found.lines.size(); ++n) {
        const std::size_t colon = found.lines[n].find(": "), equals = found.lines[n].find(" = ");
        if (colon != 3 || found.lines[n][1] != '=' || equals == std::string::npos) continue;
        CAPTURE(found.lines[n]);
        const Interval left = worked_out(found.lines[n].substr(colon + 2, equals - colon - 2));
        const Interval right = worked_out(found.lines[n].substr(equals + 3));
        CHECK(left.low <= right.high);
        CHECK(right.low <= left.high);
    }
}

void check_adds_up(const Session& session, int count, std::uint64_t seed) {
    Random random(seed);
    for (const TensorLine& line : tensor_lines())
        for (const Number& number : some_numbers(session, line, random, count)) {
            const Explanation found = explain(session, number);
            CAPTURE(found.title);
            CHECK(found.value == value_of(session, number));
            if (line.formula.empty()) {
                CHECK(found.inputs.empty());
                continue;
            }
            const FromInputs made = from_inputs(session, line, number, found.inputs);
            CHECK(made.enough);
            CHECK(made.all_needed);
            CHECK(std::abs(made.value - found.value) <= 1e-12 * (1 + std::abs(found.value)));
            check_lines(found);
        }
}

TEST_CASE("of every tensor of a lesson the arithmetic adds up") {
    for (const Scenario& lesson : scenarios()) {
        CAPTURE(lesson.name);
        Session session;
        session.open(lesson.name);
        check_adds_up(session, 6, 5);
    }
}

TEST_CASE("of every tensor of a random problem the arithmetic adds up, whatever its rule, decay and edits") {
    for (const Decay decay : {Decay::slow, Decay::fast, Decay::mixed}) {
        CAPTURE(name_of(decay));
        Session session = session_of(draw_problem({{1, 150, 1, 1, 13, 9, 1}, decay, 2, false, true, true, {}, 6}));
        check_adds_up(session, 12, 1);
        session.edits().make({Gate::b, 20, Edit::all_channels, 0});
        check_adds_up(session, 6, 2);
        session.ui.mixer = Mixer::kda;
        check_adds_up(session, 6, 3);
    }
}

TEST_CASE("of a problem without states and gradients, and of packed heads, the arithmetic adds up") {
    Problem<double> bare = draw_problem({{1, 20, 1, 1, 4, 6, 1}, Decay::slow, 1, false, true, false, {}, 8});
    bare.d_o.reset();
    bare.d_final_state.reset();
    check_adds_up(session_of(bare), 8, 4);
    Session packed =
        session_of(draw_problem({{1, 100, 2, 4, 5, 3, 2}, Decay::mild, 2, false, true, true, {0, 80, 100}, 9}));
    packed.ui.sequence = 1;
    packed.ui.head = 3;
    check_adds_up(packed, 8, 7);
    CHECK(explain(packed, {"S", {3, 0, 0}}).title.starts_with("S[3 (t83); 0, 0] = "));
}

std::string text_of(const Explanation& found) {
    std::string text = found.title;
    for (const std::string& line : found.lines) text += "\n" + line;
    return text;
}

TEST_CASE("a cell of the state says its equation, its numbers, what changed and who wrote there last") {
    Session session;
    session.open("overwrite");
    CHECK(text_of(explain(session, {"S", {2, 0, 7}})) ==
          "S[A=7; 0, 7] = -1\nEq. 9\n= S'[t,0,7] + k[t,0] * u[t,7]\n= 1 + 1 * (-2)\n"
          "before 1, change -2\nlast written by this token");
    CHECK(explain(session, {"S", {2, 0, 7}}).inputs ==
          std::vector<Number>{{"S_decayed", {2, 0, 7}}, {"k", {2, 0}}, {"u", {2, 7}}});
    CHECK(explain(session, {"S", {4, 1, 3}}).lines.back() == "last written by B=5");
    CHECK(explain(session, {"S", {4, 2, 3}}).lines.back() == "no token has written here");
    CHECK(explain(session, {"S", {4, 1, 3}}).lines[3] == "before -1, change 0");
}

TEST_CASE("a sum says its largest terms and what the others add") {
    Session session;
    session.open("overwrite");
    CHECK(text_of(explain(session, {"r", {2, 3}})) ==
          "r[A=7; 3] = 1\nEq. 9\n= sum(i) S'[t,i,3] * e[t,i]\n= 1\ni=0: 1 * 1 = 1\nthe other 3 terms add 0");
    CHECK(text_of(explain(session, {"T", {0, 2, 0}})) ==
          "T[chunk 0; 2, 0] = 1\nEq. 21\n= sum(i) b[n,2,i] * k[n,2,i] * k[n,0,i] * exp(G[n,2,i] - G[n,0,i])\n= 1\n"
          "i=0: 1 * 1 * 1 * exp(0 - 0) = 1\nthe other 3 terms add 0\nrow 2 is A=7, row 0 is A=3");
    CHECK(text_of(explain(session, {"T", {0, 0, 2}})) ==
          "T[chunk 0; 0, 2] = 0\nEq. 21\n"
          "= if(2<0) sum(i) b[n,0,i] * k[n,0,i] * k[n,2,i] * exp(G[n,0,i] - G[n,2,i])\n= 0\n"
          "row 0 is A=3, row 2 is A=7");
    CHECK(explain(session, {"A", {0, 2, 0}}).lines[4] == "the other term adds 0");
    CHECK(explain(session, {"r", {0, 3}}).lines.back() == "every term is 0");

    Session wide = session_of(draw_problem({{1, 3, 1, 1, 40, 2, 1}, Decay::slow, 1, false, true, true, {}, 2}));
    const Explanation r = explain(wide, {"r", {1, 0}});
    REQUIRE(r.lines.size() == 9);
    CHECK(r.lines[8].starts_with("the other 35 terms add "));
    double total = 0;
    for (std::size_t n = 3; n < 8; ++n) total += worked_out(r.lines[n].substr(r.lines[n].find(" = ") + 3)).middle();
    total += worked_out(r.lines[8].substr(23)).middle();
    CHECK(std::abs(total - r.value) <= 1e-3 * (1 + std::abs(r.value)));
    CHECK(r.inputs.size() == 80);
}

TEST_CASE("a decay says after how many tokens half is gone") {
    Session session = session_of(draw_problem({{1, 4, 1, 1, 3, 2, 1}, Decay::zero, 1, false, true, true, {}, 2}));
    CHECK(explain(session, {"alpha", {2, 1}}).lines.back() == "g = 0: nothing is forgotten");
    session.edits().make({Gate::g, 2, 1, -std::log(2) / 10});
    CHECK(explain(session, {"alpha", {2, 1}}).lines.back() == "g = -0.06931: half is gone after 10 tokens");
    CHECK(explain(session, {"g", {2, 1}}).lines ==
          std::vector<std::string>{"given", "before all changes 0", "g = -0.06931: half is gone after 10 tokens"});
}

TEST_CASE("at the ends of a run it is said what stands for the numbers outside") {
    Session session = session_of(draw_problem({{1, 4, 1, 1, 3, 2, 1}, Decay::mild, 1, false, true, true, {}, 2}));
    CHECK(explain(session, {"S_decayed", {0, 1, 1}}).lines.back() == "before the first token S is initial_state");
    CHECK(explain(session, {"S_decayed", {1, 1, 1}}).lines.size() == 3);
    CHECK(explain(session, {"dS", {3, 1, 1}}).lines.back() ==
          "after the last token dS is d_final_state, alpha 1, e and du 0");
    CHECK(explain(session, {"S_0", {0, 1, 1}}).lines[3] == "before the first chunk S_0 is initial_state and gamma 1");
    CHECK(explain(session, {"S_0", {0, 1, 1}}).inputs == std::vector<Number>{{"initial_state", {1, 1}}});
}

TEST_CASE("what is given says what a rule or an edit made of it, and what a gradient is of") {
    Session session;
    session.open("overwrite");
    CHECK(explain(session, {"b", {1, 1}}).lines == std::vector<std::string>{"given"});
    session.edits().make({Gate::b, 1, 1, 0.25});
    CHECK(explain(session, {"b", {1, 1}}).title == "b[B=5; 1] = 0.25");
    CHECK(explain(session, {"b", {1, 1}}).lines == std::vector<std::string>{"given", "before all changes 1"});
    CHECK(explain(session, {"k", {1, 1}}).lines == std::vector<std::string>{"given"});
    session.edits().undo();
    session.ui.mixer = Mixer::kda;
    CHECK(explain(session, {"w", {1, 1}}).lines[1] == "KDA: one gate per token: the mean of b and w");
    CHECK(explain(session, {"do", {1, 1}}).lines[0] == "loss: " + session.gradients().loss().says);
}

TEST_CASE("a gradient at the cursor says what central differences give, as far as they are known") {
    Session session;
    session.open("killer");
    session.ui.cursor = at_token(12, session.length());
    const ChannelGradient& db = session.numeric_gradient().tensors[3];
    REQUIRE(std::string(db.name) == "db");
    const std::string said = explain(session, {"db", {12, 1}}).lines.back();
    CHECK(said.starts_with("by central differences " + io::number(db.numeric[1], 4) + ": "));
    CHECK(said.ends_with(" more, of which rounding may be " + io::number(db.error[1], 4)));
    CHECK(text_of(explain(session, {"db", {11, 1}})).find("central differences") == std::string::npos);
    CHECK(text_of(explain(session, {"de", {12, 1}})).find("central differences") == std::string::npos);
    CHECK(text_of(explain(session, {"d_initial_state", {12, 1}})).find("central differences") == std::string::npos);
}

TEST_CASE("the last writer of a cell is the last token that added something there") {
    Head head = head_of(draw_problem({{1, 30, 1, 1, 3, 2, 1}, Decay::slow, 1, false, true, true, {}, 2}), 0, 0);
    for (Index t = 0; t < 30; ++t) {
        if (t % 7 != 3) head.k(t, 1) = 0;
        if (t != 12) head.k(t, 2) = 0;
    }
    const Track track(head);
    CHECK(last_writer(track, 29, {0, 1}) == 29);
    CHECK(last_writer(track, 29, {1, 1}) == 24);
    CHECK(last_writer(track, 24, {1, 1}) == 24);
    CHECK(last_writer(track, 23, {1, 1}) == 17);
    CHECK(last_writer(track, 2, {1, 1}) == std::nullopt);
    CHECK(last_writer(track, 29, {2, 0}) == 12);
    CHECK(last_writer(track, 11, {2, 0}) == std::nullopt);
}

TEST_CASE("numbers that are not finite are explained like others") {
    const AllowFpExceptions allowed;
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        Session session = session_of(draw_problem({{1, 70, 1, 1, 8, 5, 1}, Decay::slow, 1, false, true, true, {}, 2}));
        Document document = session.document();
        document.layers[0].problem.v[5 * 20] = bad;
        session.open(document);
        Random random(3);
        for (const TensorLine& line : tensor_lines())
            for (const Number& number : some_numbers(session, line, random, 10)) {
                const Explanation found = explain(session, number);
                CHECK(found.lines.empty() == false);
                CHECK((std::isfinite(found.value) || found.title.ends_with("nan") || found.title.ends_with("inf")));
            }
        CHECK(explain(session, {"z", {20, 0}}).title == "z[20 (t20); 0] = " + io::number(bad));
    }
}

TEST_CASE("an explanation of what is not there is an Error that says which index") {
    const Session session;
    CHECK_THROWS_WITH_AS(explain(session, {"S", {99, 0, 0}}), doctest::Contains("no token 99"), Error);
    CHECK_THROWS_WITH_AS(explain(session, {"r", {0, 99}}), doctest::Contains("no value channel 99"), Error);
    CHECK_THROWS_WITH_AS(explain(session, {"nothing", {}}), doctest::Contains("no tensor `nothing`"), Error);
}

}  // namespace
}  // namespace gdn2::test
