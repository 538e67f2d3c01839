// Every number by its name: the one that the track, the chunk or the gradients hold, and what its formula gives.
#include "visualizer/model/number.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

/// Two chunks, the second short; states at both ends.
Session small_session() {
    Document document;
    document.layers.push_back(
        {"", draw_problem({{1, 70, 1, 1, 3, 4, 1}, Decay::mild, 2, false, true, true, {}, 21}), {}, {}, {}});
    document.layers[0].sizes = validate_shapes(document.layers[0].problem);
    for (int t = 0; t < 70; ++t) document.labels.push_back(std::to_string(t));
    Session session;
    session.open(std::move(document));
    return session;
}

Shape shape_of(const TensorLine& line, Index chunk) {
    const Index rows = chunk == 0 ? 64 : 6;
    const std::map<char, Index> sizes{{'t', 70}, {'n', 1}, {'i', 3}, {'j', 4}, {'r', rows}, {'s', rows}};
    Shape shape;
    for (const char letter : line.letters) shape.push_back(sizes.at(letter));
    return shape;
}

/// Calls check(number) for every number of a tensor in the run, or in one of its chunks.
template <class Check>
void for_each_number(const TensorLine& line, const Check& check) {
    const bool by_chunk = line.letters.starts_with('n');
    for (Index chunk = 0; chunk < (by_chunk ? 2 : 1); ++chunk) {
        const Shape shape = shape_of(line, chunk);
        for (Index offset = 0; offset < element_count(shape); ++offset) {
            Number number{std::string(line.id), unravel(offset, shape)};
            if (by_chunk) number.index[0] = chunk;
            check(number);
        }
    }
}

TEST_CASE("a number is the one that its frame, its chunk or its gradient holds") {
    const Session session = small_session();
    for (const Index t : {0, 7, 69}) {
        const TokenFrame x = session.track().frame(t);
        const GradientFrame d = session.gradients().frame(t);
        const std::pair<const char*, const Vector<double>*> vectors[] = {
            {"alpha", &x.alpha}, {"g", &x.g},   {"b", &x.b},   {"k", &x.k},   {"e", &x.e},   {"q", &x.q},
            {"v", &x.v},         {"w", &x.w},   {"z", &x.z},   {"r", &x.r},   {"u", &x.u},   {"o", &x.o},
            {"dg", &d.dg},       {"db", &d.db}, {"dk", &d.dk}, {"de", &d.de}, {"dq", &d.dq}, {"dv", &d.dv},
            {"dw", &d.dw},       {"dz", &d.dz}, {"dr", &d.dr}, {"du", &d.du}, {"do", &d.d_o}};
        for (const auto& [name, vector] : vectors)
            for (Index c = 0; c < vector->size(); ++c) CHECK(value_of(session, {name, {t, c}}) == (*vector)[c]);
        const std::pair<const char*, const Matrix<double>*> states[] = {
            {"S", &x.S}, {"S_decayed", &x.S_decayed}, {"dS", &d.dS}};
        for (const auto& [name, S] : states) CHECK(value_of(session, {name, {t, 2, 3}}) == (*S)(2, 3));
    }
    for (const Field field : {Field::G, Field::T, Field::A_qk, Field::Y, Field::S_0})
        for (const Index n : {0, 1}) {
            const std::string id(info(field).id);
            CHECK(value_of(session, {id, {n, 2, 1}}) == session.chunk_view(n).field(field)(2, 1));
        }
    CHECK(value_of(session, {"initial_state", {2, 3}}) == session.track().head().initial_state(2, 3));
    CHECK(value_of(session, {"d_final_state", {2, 3}}) == (*session.track().head().d_final_state)(2, 3));
    CHECK(value_of(session, {"d_initial_state", {2, 3}}) == session.gradients().dS(-1)(2, 3));
    CHECK(value_of(session, {"scale", {}}) == session.track().head().scale);
}

TEST_CASE("every number of every tensor that has a formula is what the formula gives") {
    const Session session = small_session();
    const Numbers numbers(session);
    for (const TensorLine& line : tensor_lines()) {
        if (line.formula.empty()) continue;
        CAPTURE(line.id);
        const trace::Formula formula(line.formula);
        for_each_number(line, [&](const Number& number) {
            const double difference = std::abs(numbers.at(number) - formula.value(numbers.scope_of(number)));
            CHECK(difference <= 1e-12);
        });
    }
}

TEST_CASE("what a formula read is shown where it stands, and what lies outside the run as what stands for it") {
    const Session session = small_session();
    const Numbers numbers(session);
    const auto shown = [&numbers](std::string_view name, std::vector<Index> at) {
        trace::Read read{.name = name, .rank = at.size()};
        std::copy(at.begin(), at.end(), read.at.begin());
        return numbers.shown(read);
    };
    CHECK(shown("S", {3, 1, 2}) == Number{"S", {3, 1, 2}});
    CHECK(shown("S", {-1, 1, 2}) == Number{"initial_state", {1, 2}});
    CHECK(shown("S_0", {-1, 1, 2}) == Number{"initial_state", {1, 2}});
    CHECK(shown("dS", {70, 1, 2}) == Number{"d_final_state", {1, 2}});
    CHECK(shown("k", {1, 5, 2}) == Number{"k", {69, 2}});
    CHECK(shown("v", {0, 5, 3}) == Number{"v", {5, 3}});
    CHECK(shown("K_tail", {1, 5, 2}) == Number{"K_tail", {1, 5, 2}});
    CHECK(shown("scale", {}) == Number{"scale", {}});
    CHECK_FALSE(shown("alpha", {70, 1}));
    CHECK_FALSE(shown("gamma", {-1, 0, 1}));
}

TEST_CASE("a number that is not there is an Error that says which index of what") {
    const Session session = small_session();
    const auto refused = [&session](const char* tensor, std::vector<Index> index, const char* why) {
        CHECK_THROWS_WITH_AS(value_of(session, {tensor, std::move(index)}), why, Error);
    };
    refused("S", {70, 0, 0}, "`S`: there is no token 70: expected 0 to 69");
    refused("S", {-1, 0, 0}, "`S`: there is no token -1: expected 0 to 69");
    refused("S", {0, 3, 0}, "`S`: there is no key channel 3: expected 0 to 2");
    refused("dS", {0, 0, -1}, "`dS`: there is no value channel -1: expected 0 to 3");
    refused("T", {2, 0, 0}, "`T`: there is no chunk 2: expected 0 to 1");
    refused("T", {1, 6, 0}, "`T`: there is no row 6: expected 0 to 5");
    refused("A", {1, 0, 6}, "`A`: there is no row 6: expected 0 to 5");
    refused("Y", {-1, 0, 0}, "`Y`: there is no chunk -1: expected 0 to 1");
    refused("k", {3, 9}, "`k`: there is no key channel 9: expected 0 to 2");
    refused("k", {3}, "`k` has 2 indices, got 1");
    refused("scale", {0}, "`scale` has 0 indices, got 1");
    refused("K", {0, 0}, "there is no tensor `K`");
}

TEST_CASE("every tensor says its indices, and every input of its formula is a tensor too") {
    for (const TensorLine& line : tensor_lines()) {
        CAPTURE(line.id);
        CHECK(&tensor_line(line.id) == &line);
        CHECK(line.formula.empty() == line.equation.empty());
        CHECK(line.letters.find_first_not_of("tnijrs") == std::string::npos);
    }
    CHECK(tensor_line("S").letters == "tij");
    CHECK(tensor_line("S_decayed").symbol == "S'");
    CHECK(tensor_line("T").letters == "nrs");
    CHECK(tensor_line("dS").equation == "adjoint of Eq. 9");
}

}  // namespace
}  // namespace gdn2::test
