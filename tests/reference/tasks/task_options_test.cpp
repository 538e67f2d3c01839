// Options of tasks: what is read, printed back and refused.
#include "reference/tasks/task_options.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "reference/tasks/task.h"

using namespace gdn2;

namespace {

const TaskOptions two{{"M", 8, 1, 100, "keys"}, {"W", 24, 1, 100, "writes"}};

std::string refusal(const std::string& spec) {
    try {
        make_task(spec);
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("options are set by name and print back in their own order") {
    const TaskOptions set = set_options(two, "W=64,M=4");
    CHECK(value_of(set, "M") == 4);
    CHECK(value_of(set, "W") == 64);
    CHECK(to_spec("overwrite", set) == "overwrite:M=4,W=64");
    CHECK(to_spec("overwrite", {}) == "overwrite");
    CHECK(to_spec("overwrite", set_options(two, "")) == "overwrite:M=8,W=24");
}

TEST_CASE("a spec is a name and what follows the first colon") {
    CHECK(split_spec("mqar") == std::pair<std::string, std::string>{"mqar", ""});
    CHECK(split_spec("mqar:N=8") == std::pair<std::string, std::string>{"mqar", "N=8"});
}

TEST_CASE("what a task prints as its spec makes the same task") {
    for (const TaskKind& kind : task_kinds()) {
        const std::string spec = make_task(kind.name).spec();
        CHECK(make_task(spec).spec() == spec);
        CHECK(make_task(spec).name == kind.name);
    }
    CHECK(make_task("overwrite:W=64").spec() == "overwrite:M=8,W=64,keys=48,values=16,mixture=60");
}

TEST_CASE("bad specs are refused by name in one line") {
    CHECK(refusal("nothing") ==
          "there is no task `nothing`; there are mqar, mqar_zoology, overwrite, streaming_overwrite, "
          "attribute_update, record, s_niah_1, s_niah_2, s_niah_3, mk_niah_1");
    CHECK(refusal("mqar:Q=1") == "task mqar: there is no option `Q`; there are N, keys, values, mixture");
    CHECK(refusal("mqar:N") == "task mqar: expected option=value, not `N`");
    CHECK(refusal("mqar:N=8,") == "task mqar: expected option=value, not ``");
    CHECK(refusal("mqar:N=8,N=9") == "task mqar: option N is given twice");
    for (const std::string bad : {"", "x", "8x", "1.5", " 8", "+8", "99999999999999999999", "0x10"})
        CHECK(refusal("mqar:N=" + bad) ==
              "task mqar: option N (pairs, the most) must be a whole number, not `" + bad + "`");
    CHECK(refusal("mqar:N=1") == "task mqar: option N (pairs, the most) must be in [2, 512], not 1");
    CHECK(refusal("mqar:N=-4") == "task mqar: option N (pairs, the most) must be in [2, 512], not -4");
    CHECK(refusal("mqar:N=513") == "task mqar: option N (pairs, the most) must be in [2, 512], not 513");
}

TEST_CASE("options that do not go together are refused") {
    CHECK(refusal("mqar:N=49") == "task mqar: option N (pairs, the most) must be at most keys = 48, not 49");
    CHECK(refusal("overwrite:W=7") ==
          "task overwrite: option W (writes, the most) must be at least M = 8, not 7");
    CHECK(refusal("overwrite:M=9,keys=8") ==
          "task overwrite: option M (keys in a sequence) must be at most keys = 8, not 9");
    CHECK(refusal("streaming_overwrite:M=9,keys=8") ==
          "task streaming_overwrite: option M (keys in a sequence) must be at most keys = 8, not 9");
    CHECK(refusal("attribute_update:W=7") ==
          "task attribute_update: option W (writes, the most) must be at least 2 M = 8, not 7");
    CHECK(refusal("attribute_update:keys=3") ==
          "task attribute_update: option M (keys in a sequence) must be at most keys = 3, not 4");
    CHECK(refusal("record:W=3") == "task record: option W (writes, the most) must be at least M = 4, not 3");
    CHECK(refusal("record:keys=3") ==
          "task record: option M (keys in a sequence) must be at most keys = 3, not 4");
    CHECK(refusal("mk_niah_1:T=15") ==
          "task mk_niah_1: option T (tokens before the question, the most in training) must be at least "
          "N (L + 1) = 16, not 15");
    CHECK(refusal("mk_niah_1:keys=3") ==
          "task mk_niah_1: option N (needles) must be at most keys = 3, not 4");
    CHECK(refusal("mqar_zoology:vocabulary=1024") ==
          "task mqar_zoology: option vocabulary (tokens) must be at least 4 T + 1 = 1025, not 1024");
}

TEST_CASE("the least and the most that options may be make tasks that work") {
    for (const std::string spec :
         {"mqar:N=2,keys=2,values=2", "mqar_zoology:T=64,vocabulary=258", "overwrite:M=1,W=1,keys=1",
          "streaming_overwrite:M=1,items=2,keys=1,write=1", "streaming_overwrite:M=1,items=2,write=99",
          "attribute_update:M=1,W=2,keys=1", "record:M=1,W=1,keys=1", "record:M=1,W=2,add=100",
          "s_niah_1:T=2,keys=1,filler=1", "mk_niah_1:T=16", "mk_niah_1:N=1,L=1,T=2,confusers=100"})
        for (Index step = 0; step < 20; ++step)
            CHECK(training_batch(make_task(spec), 0, step, 2).batch.length > 0);
}
