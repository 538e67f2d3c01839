// Results and claims as files, and messages that name the file.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"

namespace gdn2 {
namespace {

using io::Archive;
using io::Array;
using io::DType;

const std::string golden = GDN2_SOURCE_DIR "/tests/golden/";
const Shape keys{2, 3, 1, 4}, values{2, 3, 2, 5}, states{2, 2, 4, 5};

Array filled(const Shape& shape, double x) { return io::from_tensor(Tensor<double>(shape, x)); }

Array ones_of(DType dtype, const Shape& shape) {
    return {dtype, shape, std::vector<std::byte>(io::byte_count(dtype, shape), std::byte{1})};
}

}  // namespace

TEST_CASE("a result holds its gradients only when they were computed") {
    Result<float> result;
    result.o = Tensor<float>(values, 1);
    result.final_state = Tensor<float>(states, 2);
    CHECK(archive_of(result).size() == 2);
    CHECK(archive_of(result).at("o").dtype == DType::f32);
    result.dq = result.dk = result.dg = result.db = Tensor<float>(keys, 3);
    result.dv = result.dw = Tensor<float>(values, 4);
    result.d_initial_state = Tensor<float>(states, 5);
    const Archive archive = archive_of(result);
    std::string names;
    for (const auto& entry : archive.entries()) names += entry.name + " ";
    CHECK(names == "o final_state dq dk dv dg db dw d_initial_state ");
    Result<double> exact;
    exact.o = Tensor<double>(values, 1);
    CHECK(archive_of(exact).at("o").dtype == DType::f64);
}

TEST_CASE("a claim is read under either name with the type it came in") {
    Archive archive;
    archive.add("ht", io::from_tensor(Tensor<double>(states, 2), DType::bf16));
    archive.add("dh0", io::from_tensor(Tensor<float>(states, 3)));
    archive.add("dq", filled(keys, std::nan("")));
    archive.add("loss", filled({}, 1));
    std::vector<std::string> notes;
    const Claim claim = claim_of(archive, notes);
    CHECK(claim.tensors.size() == 3);
    CHECK(claim.tensors.at("final_state").dtype == DType::bf16);
    CHECK(claim.tensors.at("final_state").values[3] == 2);
    CHECK(claim.tensors.at("d_initial_state").dtype == DType::f32);
    CHECK(std::isnan(claim.tensors.at("dq").values[0]));
    CHECK(notes == std::vector<std::string>{"ignored: `loss`"});
}

TEST_CASE("claims without a known tensor or with one twice are refused") {
    const auto message = [](const std::vector<std::string>& names, DType dtype) {
        Archive archive;
        for (const std::string& name : names) archive.add(name, ones_of(dtype, {1}));
        std::vector<std::string> notes;
        try {
            claim_of(archive, notes);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message({"loss"}, DType::f64) == "holds none of o final_state dq dk dv dg db dw d_initial_state");
    CHECK(message({"ht", "final_state"}, DType::f64) ==
          "`final_state` and `ht` are the same tensor; give one");
    CHECK(message({"dq"}, DType::i32) == "`dq` must be floating point, got i32");
}

TEST_CASE("errors and notes of files name the file") {
    std::vector<std::string> notes;
    const std::string results = golden + "g01_tiny.out.npz", problem = golden + "g01_tiny.in.npz";
    CHECK_THROWS_WITH_AS(read_problem(results, notes),
                         ("`" + results + "`: missing tensors `q`, `k`, `v`, `g`, `b`, `w`").c_str(), Error);
    CHECK(notes.empty());
    CHECK_THROWS_WITH_AS(read_claim("none.npz", notes),
                         "`none.npz`: cannot be opened: No such file or directory", Error);
    CHECK(read_claim(results, notes).tensors.size() == 9);
    CHECK(notes.empty());
    CHECK_THROWS_AS(read_claim(problem, notes), Error);
}

}  // namespace gdn2
