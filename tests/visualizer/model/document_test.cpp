// What can be opened, and what a bad file is told.
#include "visualizer/model/document.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "reference/delta_rule/heads.h"
#include "reference/io/file.h"
#include "tests/support/json_bytes.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// A file that is gone at the end.
struct TemporaryFile {
    std::string path;
    explicit TemporaryFile(const io::Archive& archive, const char* name = "gdn2_document_test.npz")
        : path((std::filesystem::temp_directory_path() / name).string()) {
        io::write_file(path, archive);
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
};

Problem<double> small(std::uint64_t seed = 1) {
    return draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow, 1, false, true, false, {}, seed});
}

io::Archive with_prefix(const std::vector<std::pair<std::string, Problem<double>>>& layers) {
    io::Archive all;
    for (const auto& [prefix, problem] : layers) {
        const io::Archive one = archive_of(problem);
        for (const auto& [name, array] : one.entries()) all.add(prefix + name, array);
    }
    return all;
}

TEST_CASE("every scenario opens with a label for each token") {
    for (const Scenario& each : scenarios()) {
        const Document document = open_any(each.name);
        CHECK(document.built_in);
        CHECK(document.source == each.name);
        CHECK(static_cast<Index>(document.labels.size()) == document.layers.front().sizes.length);
        CHECK(document.recall.has_value() == each.recall.has_value());
    }
    CHECK_THROWS_WITH_AS(open_any("no_such"), doctest::Contains("overwrite"), Error);
}

TEST_CASE("a problem file opens with numbered tokens, its results beside it") {
    const Problem<double> problem = small();
    io::Archive archive = archive_of(problem);
    archive.add("o", io::from_tensor(forward(problem).o));
    archive.add("ht", io::from_tensor(forward(problem).final_state));
    const TemporaryFile file(archive);
    const Document document = open_any(file.path);
    CHECK(document.layers.size() == 1);
    CHECK(document.layers[0].problem.k.values() == problem.k.values());
    CHECK(document.layers[0].claim.tensors.size() == 2);
    CHECK(document.layers[0].claim.tensors.count("final_state") == 1);
    CHECK(document.labels == std::vector<std::string>{"0", "1", "2", "3", "4", "5"});
    CHECK(document.title == "gdn2_document_test.npz");
    CHECK(document.notes.empty());
}

TEST_CASE("prefixes are layers, in the order of their numbers") {
    const TemporaryFile file(with_prefix({{"blocks.10.", small(3)}, {"blocks.2.", small(4)}, {"a1.b.", small(5)},
                                          {"blocks.2.x.", small(6)}, {"a01.", small(7)}}));
    const Document document = open_file(file.path);
    std::vector<std::string> names;
    for (const Layer& layer : document.layers) names.push_back(layer.name);
    CHECK(names == std::vector<std::string>{"a01", "a1.b", "blocks.2", "blocks.2.x", "blocks.10"});
    const Problem<double> ten = small(3);
    CHECK(document.layers[4].problem.q.values() == ten.q.values());
}

TEST_CASE("every token of the longest layer has a label") {
    const Problem<double> longer = draw_problem({{1, 8, 1, 1, 3, 4, 1}, Decay::slow, 1, false, true, false, {}, 2});
    const TemporaryFile file(with_prefix({{"a.", small()}, {"b.", longer}}));
    const Document document = open_file(file.path);
    REQUIRE(document.layers.size() == 2);
    CHECK(document.labels == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"});
}

TEST_CASE("a file names its tokens, once for all batch rows or each row for itself") {
    const Problem<double> two_rows = draw_problem({{2, 3, 1, 1, 3, 4, 2}, Decay::slow, 1, false, true, false, {}, 2});
    const auto opened = [&](const io::Archive& problem, const char* json) {
        io::Archive archive = problem;
        archive.add("labels", json_bytes(json));
        Session session;
        session.open(open_file(TemporaryFile(archive).path));
        CHECK(session.document().notes.empty());
        return session;
    };
    Session same = opened(archive_of(two_rows), R"(["a", "b\n", "c"])");
    CHECK(same.label(1) == "b\\x0a");
    same.ui.sequence = 1;
    CHECK(same.label(2) == "c");
    Session own = opened(archive_of(two_rows), R"([["a", "b", "c"], ["d", "e", "f"]])");
    CHECK(own.label(2) == "c");
    own.ui.sequence = 1;
    CHECK(own.label(0) == "d");
    CHECK(own.label(2) == "f");
    const Session layers = opened(with_prefix({{"x.", small()}, {"y.", small()}}), R"(["a", "b", "c", "d", "e", "f"])");
    CHECK(layers.document().layers.size() == 2);
    CHECK(layers.label(5) == "f");
    const std::string long_x(20000, 'x'), long_y = std::string(47, 'y') + "\u00e9z";
    const Session long_ones = opened(archive_of(two_rows), ("[\"" + long_x + "\", \"" + long_y + "\", \"\"]").c_str());
    CHECK(long_ones.label(0) == std::string(48, 'x') + "\u2026");
    CHECK(long_ones.label(1) == std::string(47, 'y') + "\u2026");
    CHECK(long_ones.label(2) == "");
    Problem<double> packed = small();
    packed.cu_seqlens = {0, 2, 6};
    packed.initial_state.reset();
    packed.d_final_state.reset();
    Session both = opened(archive_of(packed), R"(["a", "b", "c", "d", "e", "f"])");
    both.ui.sequence = 1;
    CHECK(both.label(3) == "f");
    CHECK(both.name(3) == "3 (f)");
    CHECK(both.in_words(3) == "token 3 (f)");
    Session numbers;
    numbers.open(open_file(TemporaryFile(archive_of(packed)).path));
    numbers.ui.sequence = 1;
    CHECK(numbers.label(3) == "3");
    CHECK(numbers.name(3) == "3");
    CHECK(numbers.in_words(3) == "token 3");
    numbers.open("overwrite");
    CHECK(numbers.name(2) == "A=7");
    CHECK(numbers.in_words(2) == "A=7");
}

TEST_CASE("a file whose names are not as many as its tokens is refused, and a layer's own are noted") {
    const auto with_labels = [](const char* name, const char* json) {
        io::Archive archive = with_prefix({{"a.", small()}});
        archive.add(name, json_bytes(json));
        return archive;
    };
    const auto refused = [&](const char* json, const char* says) {
        CHECK_THROWS_WITH_AS(open_archive(with_labels("labels", json), "f.npz"), says, Error);
    };
    refused(R"(["a", "b"])", "f.npz: `labels` has a list of 2 texts, expected 6, one for each token");
    refused(R"([["a"], ["b"]])", "f.npz: `labels` has 2 lists of texts, expected one, or one for each of 1 batch rows");
    refused("7", "f.npz: `labels` must be the text of a JSON list of texts, or of lists of them, got a JSON number");
    const Document own = open_archive(with_labels("a.labels", R"(["a", "b", "c", "d", "e", "f"])"), "f.npz");
    CHECK(own.notes == std::vector<std::string>{"ignored: `a.labels`; those of all layers have no prefix"});
    CHECK(own.labels.front() == "0");
}

TEST_CASE("what belongs to no layer is noted") {
    io::Archive archive = with_prefix({{"a.", small()}});
    archive.add("embedding", io::from_tensor(Tensor<double>({2, 2})));
    archive.add("b.weight", io::from_tensor(Tensor<double>({2, 2})));
    const TemporaryFile file(archive);
    const Document document = open_file(file.path);
    CHECK(document.layers.size() == 1);
    REQUIRE(document.notes.size() == 2);
    CHECK(document.notes[0].find("embedding") != std::string::npos);
    CHECK(document.notes[1].find("b.*") != std::string::npos);
}

TEST_CASE("a bad file is told in one line what is wrong and where") {
    const auto message_of = [](const io::Archive& archive) {
        const TemporaryFile file(archive);
        try {
            open_file(file.path);
        } catch (const Error& error) {
            CHECK(std::string(error.what()).find('\n') == std::string::npos);
            CHECK(std::string(error.what()).find("gdn2_document_test.npz: ") != std::string::npos);
            return std::string(error.what());
        }
        return std::string();
    };
    io::Archive results;
    results.add("o", io::from_tensor(Tensor<double>({1, 2, 1, 2})));
    CHECK(message_of(results).find("nothing to run") != std::string::npos);

    Problem<double> swapped = small();
    std::swap(swapped.b, swapped.w);
    io::Archive archive;
    for (const auto& [name, tensor] : {std::pair{"q", swapped.q}, {"k", swapped.k}, {"v", swapped.v},
                                       {"g", swapped.g}, {"b", swapped.b}, {"w", swapped.w}})
        archive.add(name, io::from_tensor(tensor));
    CHECK(message_of(archive).find("did you swap b") != std::string::npos);

    Problem<double> growing = small();
    growing.g[0] = 0.5;
    CHECK(message_of(with_prefix({{"x.", growing}})).find("`x`: ") != std::string::npos);
    CHECK_THROWS_WITH_AS(open_any("./nowhere.npz"), doctest::Contains("nowhere.npz"), Error);
}

}  // namespace
}  // namespace gdn2::test
