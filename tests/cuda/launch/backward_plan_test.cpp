// Plans of the backward pass: kernels, sizes, workspace, refusals.
//   sources  cuda/launch/backward_plan.cpp plan_parts.cpp block_needs.h
#include <doctest/doctest.h>

#include <string>

#include "cuda/launch/backward_plan.h"
#include "cuda/launch/block_needs.h"
#include "tests/support/refusal.h"

namespace gdn2::cuda {
namespace {

void* address(std::uintptr_t n) { return reinterpret_cast<void*>(n); }
float* floats(std::uintptr_t n) { return reinterpret_cast<float*>(n); }

BackwardArguments arguments_of(Precision precision, int key_dim, int value_dim) {
    BackwardArguments a;
    a.forward.precision = precision;
    a.forward.tokens = 300;
    a.forward.sequences = {2, 150, nullptr, false};
    a.forward.key.q = address(0x1000), a.forward.key.k = address(0x1100), a.forward.key.b = address(0x1200);
    a.forward.key.g = address(0x1300), a.forward.key.g_is_float = true;
    a.forward.key.heads = 3, a.forward.key.dim = key_dim;
    a.forward.value.v = address(0x2000), a.forward.value.w = address(0x2100), a.forward.value.o = address(0x2200);
    a.forward.value.heads = 6, a.forward.value.dim = value_dim;
    a.d_o = address(0x3000);
    a.d_q = address(0x4000), a.d_k = address(0x4100), a.d_b = address(0x4200);
    a.d_v = address(0x4300), a.d_w = address(0x4400), a.d_g = floats(0x4500);
    return a;
}

void* workspace() { return address(0x10000); }

std::string names_of(const std::vector<KernelCall>& plan) {
    std::string names;
    for (const KernelCall& call : plan) names += (names.empty() ? "" : " ") + std::string(name_of(call.id));
    return names;
}

TEST_CASE("the backward plan has four kernels and two where the forward pass has saved") {
    for (const auto& [dim, size] : {std::pair{64, "64"}, {65, "128"}, {128, "128"}, {129, "256"}, {256, "256"}})
        for (const auto& [precision, word] :
             {std::pair{Precision::f32, "f32_"}, {Precision::bf16, "bf16_"}, {Precision::f16, "f16_"}}) {
            BackwardArguments a = arguments_of(precision, dim, 130);
            const std::string type = word, end = type + size, chunk_end = type.substr(0, type.size() - 1);
            const std::string two = "reverse_scan_" + end + " chunk_grad_" + chunk_end;
            CHECK(names_of(make_backward_plan(a, workspace())) ==
                  "prepare_" + chunk_end + " scan_saves_" + end + " " + two);
            CHECK(names_of(make_saving_plan(a, workspace())) == "prepare_" + chunk_end + " scan_both_" + end);
            a.saved = true;
            CHECK(names_of(make_backward_plan(a, workspace())) == two);
        }
}

TEST_CASE("gates and norms add their adjoints") {
    BackwardArguments a = arguments_of(Precision::bf16, 64, 64);
    a.saved = a.forward.key.normalise = true;
    CHECK(names_of(make_backward_plan(a, workspace())) == "reverse_scan_bf16_64 chunk_grad_bf16 key_adjoint_bf16");
    a.forward.key.decay = Decay::softplus;
    a.forward.key.A_log = floats(0x5000);
    a.d_gate = floats(0x6000);
    const std::vector<KernelCall> plan = make_backward_plan(a, workspace());
    CHECK(names_of(plan) == "reverse_scan_bf16_64 chunk_grad_bf16 key_adjoint_bf16 sum_rows_f32");
    CHECK(plan[2].grid.x == 5);
    CHECK(plan[2].grid.y == 3);
    CHECK(plan[3].grid.x == (3 * 65 + 31) / 32);
    a.forward.tokens = a.forward.sequences.length = 0;
    CHECK(names_of(make_backward_plan(a, workspace())) == "reverse_scan_bf16_64 chunk_grad_bf16 sum_rows_f32");
}

TEST_CASE("the backward workspace holds the records and the tiles of every chunk") {
    BackwardArguments a = arguments_of(Precision::bf16, 128, 130);
    const std::size_t slots = 300 / 64 + 2, tile = 64 * 64 * 2, records = slots * 3 * (9 * tile + 2 * 256),
                      tiles = slots * 6 * 3;
    CHECK(backward_workspace_bytes(a) == records + 2 * tiles * 3 * tile);
    a.forward.key.normalise = true;
    CHECK(backward_workspace_bytes(a) == records + 2 * tiles * 3 * tile + 2 * 300 * 3 * 128 * 4);
    const std::vector<KernelCall> plan = make_backward_plan(a, workspace());
    const auto params = std::get<ChunkGradParams>(plan[3].params);
    CHECK(params.saved.states == static_cast<unsigned char*>(workspace()) + records);
    CHECK(params.d_q != a.d_q);
    CHECK(std::get<KeyAdjointParams>(plan[4].params).d_q_normalised == params.d_q);
}

TEST_CASE("blocks of the backward kernels fit the smallest card they are compiled for") {
    constexpr std::size_t smallest_card = 99 * 1024;  // a block of sm_86, 89 and 120
    for (const auto precision : {Precision::f32, Precision::bf16, Precision::f16}) {
        CHECK(chunk_grad_needs(precision).shared_bytes <= smallest_card);
        for (const int slabs : {1, 2, 4}) CHECK(reverse_scan_needs(precision, slabs).shared_bytes <= smallest_card);
    }
}

TEST_CASE("rows are written in pairs and units only where the outputs allow it too") {
    const auto grad = [](const BackwardArguments& a) {
        return std::get<ChunkGradParams>(make_backward_plan(a, workspace())[3].params);
    };
    const BackwardArguments good = arguments_of(Precision::bf16, 64, 64);
    CHECK(grad(good).key.pairs);
    CHECK(grad(good).value.units);
    for (void* BackwardArguments::*member :
         {&BackwardArguments::d_q, &BackwardArguments::d_k, &BackwardArguments::d_b}) {
        BackwardArguments odd = good;
        odd.*member = address(0x4002);
        CHECK_FALSE(grad(odd).key.pairs);
    }
    for (void* BackwardArguments::*member : {&BackwardArguments::d_v, &BackwardArguments::d_w}) {
        BackwardArguments odd = good;
        odd.*member = address(0x4008);
        CHECK_FALSE(grad(odd).value.units);
    }
    BackwardArguments odd = good;
    odd.d_g = floats(0x4504);
    CHECK_FALSE(grad(odd).key.pairs);
    odd = good;
    odd.d_o = address(0x3008);
    CHECK_FALSE(grad(odd).value.units);
}

TEST_CASE("backward plans refuse by name what does not fit") {
    const BackwardArguments good = arguments_of(Precision::bf16, 64, 64);
    const auto refusal = [&](auto&& change, void* memory = workspace()) -> std::string {
        BackwardArguments a = good;
        change(a);
        return test::message_of([&] { make_backward_plan(a, memory); });
    };
    const auto nothing = [](auto&) {};
    CHECK(refusal(nothing) == "accepted");
    CHECK(refusal(nothing, nullptr) == "the workspace must be device memory, aligned to 16 bytes");
    CHECK(refusal([](auto& a) { a.d_w = nullptr; }) ==
          "do, dq, dk, dg, db, dv and dw must be device memory, got a null pointer");
    CHECK(refusal([](auto& a) { a.forward.path = ForwardPath::recurrent_2; }) ==
          "gradients are computed by the chunk path only");
    CHECK(refusal([](auto& a) { a.forward.key.dim = 257; }).starts_with("on a device dims are 1 to 256"));
    CHECK(refusal([](auto& a) {
              a.forward.key.decay = Decay::softplus;
          }) == "a gated decay needs d_gate, got a null pointer");
    CHECK(make_backward_plan([&] {
              BackwardArguments a = good;
              a.forward.sequences.count = a.forward.tokens = 0;
              return a;
          }(), nullptr).empty());
}

}  // namespace
}  // namespace gdn2::cuda
