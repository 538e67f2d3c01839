// Problems as files: what is read, what each refusal says. Results and claims are in claim_file_test.cpp.
#include "reference/delta_rule/problem_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

#include "reference/io/file.h"

namespace gdn2 {
namespace {

using io::Archive;
using io::Array;
using io::DType;

using Arrays = std::map<std::string, Array>;
using Change = std::function<void(Arrays&)>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::string golden = GDN2_SOURCE_DIR "/tests/golden/";

Array filled(const Shape& shape, double x) { return io::from_tensor(Tensor<double>(shape, x)); }

/// One number of a filled array is another.
Array marked(const Shape& shape, double x, Index offset, double mark) {
    Tensor<double> tensor(shape, x);
    tensor[offset] = mark;
    return io::from_tensor(tensor);
}

Array integers(const std::vector<std::int64_t>& values) {
    return io::from_integers({static_cast<Index>(values.size())}, values);
}

// batch 2, length 3, 1 key head, 2 value heads, key_dim 4, value_dim 5
const Shape keys{2, 3, 1, 4}, values{2, 3, 2, 5}, states{2, 2, 4, 5};

Arrays good() {
    return {{"q", filled(keys, 0.5)},    {"k", filled(keys, 0.5)}, {"v", filled(values, 1)},
            {"g", filled(keys, -0.125)}, {"b", filled(keys, 1)},   {"w", filled(values, 1)}};
}

Archive archive_with(const Change& change) {
    Arrays arrays = good();
    change(arrays);
    Archive archive;
    for (auto& [name, array] : arrays) archive.add(name, array);
    return archive;
}

struct Outcome {
    Problem<double> problem;
    std::vector<std::string> notes;
    std::string message;
};

Outcome read(const Change& change) {
    Outcome outcome;
    try {
        outcome.problem = problem_of(archive_with(change), outcome.notes);
    } catch (const Error& error) {
        outcome.message = error.what();
    }
    return outcome;
}

struct Case {
    Change change;
    std::string says;
};

void expect_refusals(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        const std::string message = read(one.change).message;
        CAPTURE(message);
        CHECK(message.find(one.says) != std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
    }
}

Change set(const std::string& name, const Array& array) {
    return [=](Arrays& arrays) { arrays[name] = array; };
}

Array ones_of(DType dtype, const Shape& shape) {
    return {dtype, shape, std::vector<std::byte>(io::byte_count(dtype, shape), std::byte{1})};
}

}  // namespace

TEST_CASE("a problem needs only its six tensors") {
    const Outcome outcome = read([](Arrays&) {});
    CHECK(outcome.message == "");
    CHECK(outcome.notes.empty());
    CHECK(outcome.problem.v.shape() == values);
    CHECK(outcome.problem.g[7] == -0.125);
    CHECK(!outcome.problem.scale);
    CHECK(!outcome.problem.initial_state);
    CHECK(!outcome.problem.cu_seqlens);
    CHECK(!outcome.problem.d_o);
    CHECK(!outcome.problem.d_final_state);
}

TEST_CASE("a problem may bring its scale and states and upstream gradients") {
    const Outcome outcome = read([](Arrays& arrays) {
        arrays["scale"] = filled({}, 0.25);
        arrays["initial_state"] = filled(states, 2);
        arrays["do"] = filled(values, 3);
        arrays["dht"] = filled(states, 4);
    });
    CHECK(outcome.message == "");
    CHECK(outcome.problem.scale == 0.25);
    CHECK(outcome.problem.initial_state->values().back() == 2);
    CHECK(outcome.problem.d_o->values().back() == 3);
    CHECK(outcome.problem.d_final_state->values().back() == 4);
}

TEST_CASE("a problem is read under the names that peers use") {
    const Outcome outcome = read([](Arrays& arrays) {
        arrays["h0"] = filled(states, 2);
        arrays["d_final_state"] = filled(states, 4);
    });
    CHECK(outcome.message == "");
    CHECK(outcome.problem.initial_state->values().front() == 2);
    CHECK(outcome.problem.d_final_state->values().front() == 4);
    CHECK(outcome.notes.empty());
}

TEST_CASE("the scale of a problem may be one number in any form") {
    CHECK(read(set("scale", filled({1}, 0.25))).problem.scale == 0.25);
    CHECK(read(set("scale", integers({2}))).problem.scale == 2.0);
    CHECK(read(set("scale", io::from_tensor(Tensor<float>({}, 0.5f)))).problem.scale == 0.5);
}

TEST_CASE("a problem in half precision is read exactly") {
    for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
        const Outcome outcome = read(set("g", io::from_tensor(Tensor<double>(keys, -0.375), dtype)));
        CHECK(outcome.message == "");
        CHECK(outcome.problem.g[0] == -0.375);
    }
}

TEST_CASE("offsets of a packed batch may be integers of any width") {
    const auto packed = [](const Array& offsets) {
        return read([&](Arrays& arrays) {
            for (auto& [name, array] : arrays) array.shape[0] = 1, array.shape[1] = 6;
            arrays["cu_seqlens"] = offsets;
        });
    };
    CHECK(packed(integers({0, 2, 2, 6})).problem.cu_seqlens == std::vector<Index>{0, 2, 2, 6});
    const Array narrow{DType::u8, {2}, {std::byte{0}, std::byte{6}}};
    CHECK(packed(narrow).problem.cu_seqlens == std::vector<Index>{0, 6});
    CHECK(packed(integers({1, 6})).message.find("`cu_seqlens[0]` must be 0, got 1") != std::string::npos);
    CHECK(packed(integers({0, 5})).message.find("must be length = 6, got 5") != std::string::npos);
    CHECK(packed(integers({0, 4, 3, 6})).message.find("must never decrease") != std::string::npos);
    CHECK(packed(integers({0})).message.find("at least 2 numbers") != std::string::npos);
    CHECK(packed(filled({2}, 0)).message == "`cu_seqlens` must hold integers, got f64");
    CHECK(packed(io::from_integers({1, 2}, std::vector<std::int64_t>{0, 6})).message ==
          "`cu_seqlens` must be [sequences + 1], got [1, 2]");
}

TEST_CASE("missing tensors are all named") {
    expect_refusals(
        {{[](Arrays& arrays) { arrays.erase("b"); }, "missing tensor `b`"},
         {[](Arrays& arrays) { arrays.erase("q"), arrays.erase("w"); }, "missing tensors `q`, `w`"},
         {[](Arrays& arrays) { arrays.clear(); }, "`q`, `k`, `v`, `g`, `b`, `w`"}});
}

TEST_CASE("a tensor under two names is refused") {
    const Change twice_h0 = [](Arrays& arrays) {
        arrays["initial_state"] = arrays["h0"] = filled(states, 0);
    };
    const Change twice_dht = [](Arrays& arrays) {
        arrays["dht"] = arrays["d_final_state"] = filled(states, 0);
    };
    expect_refusals({{twice_h0, "`initial_state` and `h0` are the same tensor; give one"},
                     {twice_dht, "`dht` and `d_final_state` are the same tensor; give one"}});
}

TEST_CASE("values that are not finite are refused with their index") {
    expect_refusals({{set("q", marked(keys, 1, 5, nan)), "`q`[0, 1, 0, 1] = nan is not a finite number"},
                     {set("v", marked(values, 1, 59, infinity)), "`v`[1, 2, 1, 4] = inf is not a finite"},
                     {set("g", marked(keys, -1, 23, -infinity)), "`g`[1, 2, 0, 3] = -inf is not a finite"},
                     {set("g", marked(keys, -1, 0, nan)), "`g`[0, 0, 0, 0] = nan is not a finite"},
                     {set("h0", marked(states, 1, 1, nan)), "`initial_state`[0, 0, 0, 1] = nan"},
                     {set("do", marked(values, 1, 1, nan)), "`do`[0, 0, 0, 1] = nan"},
                     {set("dht", marked(states, 1, 1, nan)), "`dht`[0, 0, 0, 1] = nan"},
                     {set("scale", filled({}, nan)), "`scale` = nan is not a finite number"},
                     {set("scale", filled({}, infinity)), "`scale` = inf is not a finite number"}});
}

TEST_CASE("a decay that grows is refused") {
    expect_refusals({{set("g", marked(keys, -1, 4, 0.5)), "`g`[0, 1, 0, 0] = 0.5 must be <= 0"}});
}

TEST_CASE("types other than floating point are refused by name") {
    expect_refusals({{set("q", ones_of(DType::i64, keys)), "`q` must be floating point, got i64"},
                     {set("w", ones_of(DType::u8, values)), "`w` must be floating point, got u8"},
                     {set("k", ones_of(DType::u16, keys)), "got u16; bfloat16 travels in .safetensors"},
                     {set("scale", filled({2}, 1)), "`scale` must be a single number, got shape [2]"},
                     {set("scale", filled({1, 1}, 1)), "`scale` must be a single number, got shape [1, 1]"}});
}

TEST_CASE("shapes that disagree are refused with what was expected") {
    expect_refusals({{set("k", filled({2, 3, 1, 3}, 1)), "`k` must be [batch, length, key_heads, key_dim] ="},
                     {set("w", filled({2, 3, 2, 4}, 1)), "[2, 3, 2, 5], got [2, 3, 2, 4]"},
                     {set("q", filled({2, 0, 1, 4}, 1)), "`q` must have no size of 0"},
                     {set("v", filled({2, 3, 2, 0}, 1)), "`v` must have no size of 0"},
                     {set("h0", filled({1, 2, 4, 5}, 1)), "`initial_state` must be"},
                     {set("dht", filled({2, 1, 4, 5}, 1)), "`dht` must be"},
                     {set("do", filled({2, 3, 1, 5}, 1)), "`do` must be"},
                     {set("cu_seqlens", integers({0, 3})), "`cu_seqlens` needs batch = 1"}});
}

TEST_CASE("a likely cause follows a shape that disagrees") {
    const Change swapped = [](Arrays& arrays) { std::swap(arrays["b"], arrays["w"]); };
    const Change unbatched = [](Arrays& arrays) { arrays["q"].shape = {6, 1, 4}; };
    expect_refusals(
        {{swapped, "; `b` and `w` look swapped"},
         {unbatched, "; a batch axis of 1 in front is missing?"},
         {set("k", filled({2, 1, 3, 4}, 1)), "; `k` looks like [batch, heads, length, dim]"},
         {set("do", filled({2, 2, 3, 5}, 1)), "; `do` looks like [batch, heads, length, dim]"},
         {set("b", filled({2, 3, 1}, 1)), "; one gate per head? repeat it along the last axis"},
         {set("w", filled({2, 3, 2, 1}, 1)), "; one gate per head? repeat it along the last axis"},
         {set("h0", filled({2, 2, 5, 4}, 1)), "; `initial_state` looks like [..., value_dim, key_dim]"}});
    CHECK(read(set("k", filled({2, 3, 1, 3}, 1))).message.find(';') == std::string::npos);
    const Change square = [](Arrays& arrays) {
        for (auto& [name, array] : arrays) array = filled({1, 2, 2, 4}, -0.0);
        arrays["do"] = filled({1, 2, 2, 3}, 1);
    };
    CHECK(read(square).message ==
          "`do` must be [batch, length, value_heads, value_dim] = [1, 2, 2, 4], got [1, 2, 2, 3]");
}

TEST_CASE("what is ignored or unusual in a problem is noted") {
    CHECK(read(set("mask", ones_of(DType::u8, {3}))).notes == std::vector<std::string>{"ignored: `mask`"});
    CHECK(read(set("", filled({}, 0))).notes == std::vector<std::string>{"ignored: ``"});
    const auto notes = read(set("b", marked(keys, 1, 4, 2.5))).notes;
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].starts_with("`b`[0, 1, 0, 0] = 2.5"));
    CHECK(read(set("b", filled(keys, 2))).notes.empty());
    const auto transposed = read([](Arrays& arrays) {
                                for (auto& [name, array] : arrays) array = filled({1, 2, 65, 1}, -0.0);
                            }).notes;
    REQUIRE(transposed.size() == 1);
    CHECK(transposed[0].find("are the tensors [batch, heads, length, dim]?") != std::string::npos);
}

TEST_CASE("a problem survives both file formats exactly") {
    const auto folder = std::filesystem::temp_directory_path();
    for (const char* name : {"g01_tiny", "g04_grouped", "g05_packed"})
        for (const char* extension : {".npz", ".safetensors"}) {
            std::vector<std::string> notes;
            const Problem<double> problem = read_problem(golden + name + ".in.npz", notes);
            const std::string path = folder / ("gdn2_problem_" + std::to_string(::getpid()) + extension);
            io::write_file(path, archive_of(problem));
            const Problem<double> copy = read_problem(path, notes);
            std::filesystem::remove(path);
            CHECK(notes.empty());
            CHECK(copy.q.values() == problem.q.values());
            CHECK(copy.g.values() == problem.g.values());
            CHECK(copy.w.shape() == problem.w.shape());
            CHECK(copy.scale == problem.scale);
            CHECK(copy.initial_state->values() == problem.initial_state->values());
            CHECK(copy.cu_seqlens == problem.cu_seqlens);
            CHECK(copy.d_o->values() == problem.d_o->values());
            CHECK(copy.d_final_state->values() == problem.d_final_state->values());
        }
}

TEST_CASE("an archive of a problem holds what the problem holds and no more") {
    const Archive archive = archive_of(read([](Arrays&) {}).problem);
    CHECK(archive.size() == 6);
    CHECK_THROWS_AS(archive_of(Problem<double>{}), Error);
}

}  // namespace gdn2
