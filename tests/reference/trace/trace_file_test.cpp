// Traces as archives: what is written is read back, and what does not fit is refused.
#include "reference/trace/trace_file.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "tests/support/json_bytes.h"
#include "tests/support/random_problem.h"

using namespace gdn2;
using namespace gdn2::trace;

namespace {

const TraceMeta meta{"a test", "", "cpu", "f64", 4, {"A=3", "\"quoted\" \xe2\x9c\x93", ""}};

Problem<double> small_problem() { return test::draw_problem({{1, 6, 1, 2, 3, 2, 1}}); }

io::Archive recorded(const std::vector<Field>& fields) {
    const Problem<double> problem = small_problem();
    Recorder recorder(fields, recorder_sizes(problem, 4));
    (void)forward(problem, {.path = Path::recurrent, .recorder = &recorder});
    (void)forward(problem, {.path = Path::chunk, .chunk = 4, .recorder = &recorder});
    return archive_of(archive_of(problem), recorder, meta);
}

/// The archive with one array replaced, or left out when `array` is null.
io::Archive with(const io::Archive& archive, const std::string& name, const io::Array* array) {
    io::Archive changed;
    for (const auto& entry : archive.entries())
        if (entry.name != name) changed.add(entry.name, entry.array);
    if (array) changed.add(name, *array);
    return changed;
}

}  // namespace

TEST_CASE("a trace is read back as it was recorded") {
    const io::Archive archive = recorded({Field::S, Field::o, Field::T, Field::R});
    const Trace trace = trace_of(archive);
    CHECK(trace.meta == meta);
    CHECK(trace.chunk_starts == std::vector<Index>{0, 4});
    CHECK(trace.chunk_sequence == std::vector<Index>{0, 0});
    REQUIRE(trace.fields.size() == 4);
    CHECK(trace.fields.at(Field::T).shape() == Shape{2, 2, 4, 4});

    const Result<double> result = forward(small_problem(), {.path = Path::recurrent});
    CHECK(trace.fields.at(Field::o).values() == result.o.values());
    std::vector<std::string> notes;
    const Problem<double> read = problem_of(trace.problem, notes), given = small_problem();
    CHECK(read.q.values() == given.q.values());
    CHECK(notes.empty());
}

TEST_CASE("launches of kernels travel with a trace") {
    const Problem<double> problem = small_problem();
    const Recorder recorder({}, recorder_sizes(problem, 4));
    TraceMeta with_launches = meta;
    with_launches.launches = R"([{"grid":[2,1],"kernel":"scan","timeline":{"spans":[[0,1,0,0,9]]}}])";
    CHECK(trace_of(archive_of(archive_of(problem), recorder, with_launches)).meta == with_launches);
    for (const char* text : {"[1,", "{}", "7"}) {
        with_launches.launches = text;
        CHECK_THROWS_WITH_AS(archive_of(archive_of(problem), recorder, with_launches),
                             doctest::Contains("`launches`"), Error);
    }
}

TEST_CASE("launches in a file may be nested as deep as anyone likes") {
    const io::Archive archive = recorded({Field::o});
    const std::string start =
        R"({"format":"gdn2 trace","made_by":"","scenario":"","device":"","precision":"","chunk":4,"labels":[],)"
        R"("launches":)";
    const auto read = [&](const std::string& launches) {
        const io::Array array = test::json_bytes(start + launches + "}");
        return trace_of(with(archive, "meta", &array)).meta.launches;
    };
    CHECK(read("[[1]]") == "[[1]]");
    CHECK(read(std::string(1000000, '[') + std::string(1000000, ']')).size() < 100);
    CHECK_THROWS_WITH_AS(read("{}"), doctest::Contains("`launches` must be a list"), Error);
}

TEST_CASE("a trace passes through both file formats bit for bit") {
    const io::Archive archive = recorded({Field::S, Field::U});
    for (const char* extension : {".npz", ".safetensors"}) {
        const std::string path = "/tmp/gdn2_trace_file_test" + std::string(extension);
        io::write_file(path, archive);
        const Trace trace = trace_of(io::read_file(path));
        std::remove(path.c_str());
        CHECK(trace.meta == meta);
        CHECK(trace.fields.at(Field::S).values() == trace_of(archive).fields.at(Field::S).values());
    }
}

TEST_CASE("the text of a trace is plain JSON") {
    const io::Array array = recorded({}).at("meta");
    const std::string text(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
    CHECK(text.starts_with("{\"chunk\":4,"));
    CHECK(text.find("\"made_by\":\"a test\"") != std::string::npos);
}

TEST_CASE("a field that no run recorded is not written") {
    const Problem<double> problem = small_problem();
    Recorder recorder({Field::e, Field::dS}, recorder_sizes(problem, 4));
    (void)forward(problem, {.path = Path::recurrent, .recorder = &recorder});
    CHECK_THROWS_WITH_AS((void)archive_of(archive_of(problem), recorder, meta),
                         "field `dS` was asked for and not recorded by this run", Error);
}

TEST_CASE("a problem that holds a name of the trace is refused") {
    io::Archive problem = archive_of(small_problem());
    problem.add("meta", test::json_bytes("{}"));
    CHECK_THROWS_AS((void)archive_of(problem, Recorder({}, recorder_sizes(small_problem(), 4)), meta), Error);
}

TEST_CASE("malformed traces are refused") {
    const io::Archive good = recorded({Field::S, Field::T});
    CHECK(is_trace(good));
    CHECK(!is_trace(archive_of(small_problem())));
    CHECK_NOTHROW((void)trace_of(good));

    for (const char* name : {"meta", "q", "v", "chunk_starts", "chunk_sequence"}) {
        CAPTURE(name);
        CHECK_THROWS_AS((void)trace_of(with(good, name, nullptr)), Error);
    }
    for (const char* text : {"", "[]", "{", "{\"made_by\":1}", "nonsense"}) {
        CAPTURE(text);
        const io::Array array = test::json_bytes(text);
        CHECK_THROWS_AS((void)trace_of(with(good, "meta", &array)), Error);
    }
    const io::Array& T = good.at("T");
    CHECK_THROWS_WITH_AS((void)trace_of(with(good, "S", &T)),
                         "field `S` must be [1, 6, 2, 3, 2], got [2, 2, 4, 4]", Error);
    const std::vector<std::int64_t> wrong{0, 3};
    const io::Array starts = io::from_integers({2}, wrong);
    CHECK_THROWS_AS((void)trace_of(with(good, "chunk_starts", &starts)), Error);
}

TEST_CASE("a trace whose description has a wrong part is refused") {
    const io::Archive good = recorded({});
    const std::string head = R"({"made_by":"","scenario":"","device":"","precision":"")";
    const auto read = [&](const std::string& rest) {
        const io::Array array = test::json_bytes(head + rest);
        return trace_of(with(good, "meta", &array)).meta;
    };
    CHECK(read(R"(,"chunk":4,"labels":["a"]})").labels == std::vector<std::string>{"a"});
    for (const char* rest :
         {R"(})", R"(,"chunk":0,"labels":[]})", R"(,"chunk":-4,"labels":[]})", R"(,"chunk":4.5,"labels":[]})",
          R"(,"chunk":1e30,"labels":[]})", R"(,"chunk":4,"labels":"a"})", R"(,"chunk":4,"labels":[1]})",
          R"(,"chunk":99999999999999999999,"labels":[]})"}) {
        CAPTURE(rest);
        CHECK_THROWS_AS((void)read(rest), Error);
    }
}

TEST_CASE("a problem in a trace that disagrees with itself is refused before anything large is made") {
    const io::Archive good = recorded({});
    const io::Array endless{io::DType::f64, {1, Index(1) << 40, 0, 3}, {}};
    CHECK_THROWS_AS((void)trace_of(with(good, "q", &endless)), Error);
}
