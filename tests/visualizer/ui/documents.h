// What tests open: the scenarios, and what breaks a picture of them.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "tests/support/random_problem.h"
#include "visualizer/model/document.h"

namespace gdn2::test {

inline viewer::Document document_of(const std::string& source, const Problem<double>& problem) {
    viewer::Document document;
    document.source = source;
    document.title = source;
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    for (Index t = 0; t < document.layers.front().sizes.length; ++t) document.labels.push_back(std::to_string(t));
    return document;
}

inline viewer::Document drawn(const std::string& source, const Sizes& sizes, std::vector<Index> offsets = {}) {
    return document_of(source, draw_problem({sizes, Decay::slow, 1, false, true, true, std::move(offsets), 5}));
}

/// 80 tokens in whole numbers without decay, in which every sum is exact in whatever order: each erases one channel and
/// writes to it and to another.
inline viewer::Document whole_number_document() {
    constexpr Index length = 80, keys = 8, values = 12;
    Problem<double> problem = draw_problem({{1, length, 1, 1, keys, values, 1}});
    problem.scale = 1;
    problem.initial_state.reset();
    problem.g = Tensor<double>(problem.g.shape());
    for (Tensor<double>* x : {&problem.k, &problem.b, &problem.q}) *x = Tensor<double>(x->shape());
    for (Index t = 0; t < length; ++t) {
        const Index erased = 3 * t % keys, other = (erased + 1 + t / 3 % (keys - 1)) % keys;
        problem.k[t * keys + erased] = problem.b[t * keys + erased] = 1;
        problem.k[t * keys + other] = t % 2 == 0 ? 1 : -1;
        problem.q[t * keys + other] = 1;
        for (Index j = 0; j < values; ++j) {
            problem.v[t * values + j] = static_cast<double>((t * t + 5 * j + t * j) % 7 - 3);
            problem.w[t * values + j] = (t + j) % 4 == 0 ? 0 : 1;
        }
    }
    return document_of("whole_numbers.npz", problem);
}

/// A state of 128 x 128 after each of 70 tokens.
inline viewer::Document large_document() { return drawn("large.npz", {1, 70, 1, 1, 128, 128, 1}); }

inline viewer::Document not_a_number_document() {
    Problem<double> problem = draw_problem({{1, 9, 1, 1, 4, 6, 1}});
    problem.v.values()[20] = std::numeric_limits<double>::quiet_NaN();
    problem.k.values()[17] = std::numeric_limits<double>::infinity();
    return document_of("not_a_number.npz", problem);
}

/// Layers, heads, sequences of different lengths and one without tokens, names longer than any window.
inline viewer::Document many_document() {
    const std::string long_name = "/home/somebody/" + std::string(300, 'x') + "/layers.npz";
    viewer::Document document = drawn(long_name, {1, 9, 2, 4, 3, 5, 2}, {0, 0, 3, 9});
    document.layers.push_back(document.layers.front());
    document.layers[0].name = "model.layers.0." + std::string(100, 'a');
    document.layers[1].name = "model.layers.1";
    document.labels[4] = std::string(80, 'W');
    document.notes = {"keys are not of length 1 (" + std::string(200, 'k') + ")"};
    return document;
}

/// Every scenario, and what is not like them.
inline std::vector<viewer::Document> all_documents() {
    std::vector<viewer::Document> all;
    for (const Scenario& each : scenarios()) all.push_back(viewer::open_scenario(each.name));
    all.push_back(drawn("one.npz", {1, 1, 1, 1, 1, 1, 1}));
    all.push_back(drawn("flat.npz", {1, 5, 1, 1, 2, 40, 1}));
    all.push_back(drawn("tall.npz", {1, 200, 1, 1, 48, 1, 1}));
    all.push_back(large_document());
    all.push_back(not_a_number_document());
    all.push_back(many_document());
    return all;
}

}  // namespace gdn2::test
