// gdn2 trace, as a user sees it.
#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/io/file.h"
#include "reference/scenarios/scenario.h"
#include "reference/trace/trace_file.h"
#include "tests/support/json_bytes.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using test::Finished;
using test::Workplace;
using trace::Field;

namespace {

trace::Trace read_trace(const std::string& path) { return trace::trace_of(io::read_file(path)); }

}  // namespace

TEST_CASE("a scenario is traced with every field and its labels") {
    const Workplace here;
    const Finished done = here.gdn2("trace overwrite -o overwrite.npz");
    CHECK(done.code == 0);
    CHECK(done.error.empty());
    CHECK(done.out.ends_with(", 5 tokens, 1 value head\n"));
    const trace::Trace found = read_trace(here / "overwrite.npz");
    CHECK(found.fields.size() == trace::field_count);
    CHECK(found.meta.scenario == "overwrite");
    CHECK(found.meta.labels == scenario("overwrite").labels);
    CHECK(found.meta.made_by.starts_with("gdn2 "));
    const Result<double> result = forward(scenario("overwrite").problem, {.path = Path::recurrent});
    CHECK(found.fields.at(Field::o).values() == result.o.values());
}

TEST_CASE("a problem from a file is traced with the fields asked for") {
    const Workplace here;
    const Finished done = here.gdn2("trace '" + test::golden("g05_packed.in.npz") +
                                    "' -o t.safetensors --fields S,T,du --chunk 16 --precision f32");
    CHECK(done.error == "");
    CHECK(done.code == 0);
    const trace::Trace found = read_trace(here / "t.safetensors");
    CHECK(found.fields.size() == 3);
    CHECK(found.meta.precision == "f32");
    CHECK(found.meta.chunk == 16);
    CHECK(found.fields.at(Field::T).shape()[2] == 16);
    for (const double x : found.fields.at(Field::S).values())
        REQUIRE(x == static_cast<double>(static_cast<float>(x)));
}

TEST_CASE("the names that a file gives its tokens go along as they are") {
    const Workplace here;
    io::Archive problem = io::read_file(test::golden("g05_packed.in.npz"));
    problem.add("labels", test::json_bytes(R"([["a", "b"], ["c", "d"]])"));
    io::write_file(here / "named.npz", problem);
    const Finished done = here.gdn2("trace named.npz -o t.npz --fields S");
    CHECK(done.error == "");
    CHECK(done.code == 0);
    const io::Archive found = io::read_file(here / "t.npz");
    REQUIRE(found.find("labels"));
    CHECK(found.at("labels") == problem.at("labels"));
    CHECK(read_trace(here / "t.npz").meta.labels.empty());
}

TEST_CASE("a path limits the fields to those that it makes") {
    const Workplace here;
    CHECK(here.gdn2("trace decay -o chunk.npz --path chunk").code == 0);
    CHECK(read_trace(here / "chunk.npz").fields.count(Field::S) == 0);
    CHECK(read_trace(here / "chunk.npz").fields.count(Field::A_qk) == 1);
    CHECK(here.gdn2("trace decay -o recurrent.npz --path recurrent").code == 0);
    CHECK(read_trace(here / "recurrent.npz").fields.count(Field::S) == 1);
    CHECK(read_trace(here / "recurrent.npz").fields.count(Field::A_qk) == 0);
}

TEST_CASE("a problem without upstream gradients is traced without gradient fields") {
    const Workplace here;
    const io::Archive whole = io::read_file(test::golden("g01_tiny.in.npz"));
    io::Archive forward_only;
    for (const auto& [name, array] : whole.entries())
        if (name != "do" && name != "dht") forward_only.add(name, array);
    io::write_file(here / "p.npz", forward_only);
    CHECK(here.gdn2("trace p.npz -o t.npz").code == 0);
    CHECK(read_trace(here / "t.npz").fields.count(Field::S) == 1);
    CHECK(read_trace(here / "t.npz").fields.count(Field::dS) == 0);
    const Finished refused = here.gdn2("trace p.npz -o u.npz --fields dS");
    CHECK(refused.code == 2);
    CHECK(test::is_one_line(refused.error, "gdn2 trace: ", "field `dS` is a gradient"));
}

TEST_CASE("trace refuses in one line and leaves no file") {
    const Workplace here;
    const struct {
        const char *arguments, *says;
    } cases[] = {
        {"trace nothing -o t.npz", "there is no scenario `nothing`"},
        {"trace nothing.npz -o t.npz", "nothing.npz"},
        {"trace overwrite -o t.txt", "t.txt"},
        {"trace overwrite -o no/where.npz", "no"},
        {"trace overwrite -o t.npz --fields S,nonsense", "there is no field `nonsense`"},
        {"trace overwrite -o t.npz --fields all,S", "`all` is every field and stands alone"},
        {"trace overwrite -o t.npz --fields S,,u", "--fields `S,,u`: a name is missing beside a comma"},
        {"trace overwrite -o t.npz --fields S,", "a name is missing"},
        {"trace overwrite -o t.npz --fields T --path recurrent", "field `T` is made chunk by chunk"},
        {"trace overwrite -o t.npz --fields S --path chunk", "field `S` is made token by token"},
        {"trace overwrite -o t.npz --chunk 0", "--chunk"},
        {"trace overwrite -o t.npz --device gpu", "--device"},
        {"trace overwrite -o t.npz --precision bf16", "--precision bf16"},
        {"trace killer -o t.npz --limit 0.001", "limit of"},
        {"trace overwrite", "--output"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.arguments);
        const Finished refused = here.gdn2(each.arguments);
        CHECK(refused.code == 2);
        CHECK(refused.out.empty());
        CHECK_MESSAGE(test::is_one_line(refused.error, "gdn2 trace: ", each.says), refused.error);
        CHECK(here.empty());
    }
}
