// The table of fields: complete, unique and in the words of the problem.
#include "reference/trace/fields.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>

using namespace gdn2::trace;

namespace {

const std::set<std::string> problem_names{
    "q", "k", "v", "g", "b", "w", "scale", "initial_state", "cu_seqlens", "do", "d_final_state"};

}  // namespace

TEST_CASE("every line of the table of fields is complete") {
    CHECK(fields().size() == field_count);
    for (const FieldInfo& line : fields()) {
        CAPTURE(line.id);
        CHECK(!line.symbol.empty());
        CHECK(line.equation.starts_with("Eq. "));
        CHECK(!line.inputs.empty());
        CHECK(!line.formula.empty());
        CHECK(info(line.field).id == line.id);
    }
}

TEST_CASE("no two fields share a name and none takes one of the problem") {
    std::set<std::string> ids = problem_names;
    for (const char* alias : {"dht", "h0", "meta", "chunk_starts", "chunk_sequence"}) ids.insert(alias);
    for (const FieldInfo& line : fields()) CHECK_MESSAGE(ids.insert(std::string(line.id)).second, line.id);
}

TEST_CASE("fields are found by name and others are not") {
    CHECK(field_named("A_qk") == Field::A_qk);
    CHECK(field_named("S") == Field::S);
    CHECK(!field_named("s"));
    CHECK(!field_named(""));
}

TEST_CASE("the inputs of a field are fields or tensors of the problem and stand in its formula") {
    for (const FieldInfo& line : fields()) {
        std::istringstream words{std::string(line.inputs)};
        for (std::string word; words >> word;) {
            CAPTURE(line.id);
            CAPTURE(word);
            CHECK((field_named(word) || problem_names.count(word) == 1));
            // States from outside the sequence come in through the first S or the last dS.
            const bool outside = word == "initial_state" || word == "d_final_state";
            CHECK((outside || line.formula.find(word + "[") != std::string_view::npos || word == "scale"));
        }
    }
}
