// Plans: which kernels, which grids, how much memory, and what is refused. Nothing runs here.
//   sources  forward_plan.cpp
#include <doctest/doctest.h>

#include <array>
#include <set>

#include "cuda/launch/forward_plan.h"
#include "cuda/launch/block_needs.h"
#include "tests/support/refusal.h"

namespace gdn2::test {
namespace {

using namespace cuda;

/// Some address that nobody looks at.
char* address(std::size_t at) { return reinterpret_cast<char*>(at); }

ForwardArguments arguments_of(Precision precision, ForwardPath path, int key_dim, int value_dim) {
    ForwardArguments a;
    a.precision = precision;
    a.path = path;
    a.tokens = 2 * 150;
    a.sequences = {2, 150, nullptr, false};
    a.key.q = a.key.k = a.key.b = a.key.g = address(0x1000);
    a.key.g_is_float = true;
    a.key.heads = 3;
    a.key.dim = key_dim;
    a.value.v = a.value.w = address(0x2000);
    a.value.o = address(0x3000);
    a.value.heads = 6;
    a.value.dim = value_dim;
    return a;
}

DecodeArguments step_of(int key_dim, int value_dim) {
    const ForwardArguments a = arguments_of(Precision::bf16, ForwardPath::chunk, key_dim, value_dim);
    DecodeArguments d;
    d.sequences = 5;
    d.tokens = 2;
    d.key = a.key;
    d.value = a.value;
    d.states = address(0x4000);
    return d;
}

void* workspace() { return address(0x8000); }

std::string refusal(const ForwardArguments& a, void* memory = workspace()) {
    return message_of([&] { make_forward_plan(a, memory); });
}
std::string refusal(const DecodeArguments& a) {
    return message_of([&] { make_decode_call(a); });
}

TEST_CASE("every kernel has a name of its own") {
    std::set<std::string> names;
    for (int id = 0; id < static_cast<int>(KernelId::count); ++id)
        names.insert(name_of(static_cast<KernelId>(id)));
    CHECK(names.size() == static_cast<std::size_t>(KernelId::count));
    CHECK(std::string(name_of(KernelId::scan_f32_64)) == "scan_f32_64");
    CHECK(std::string(name_of(KernelId::decode_f16_256_state_bf16)) == "decode_f16_256_state_bf16");
}

TEST_CASE("the chunkwise plan is prepare and then scan with a kernel for each size of key") {
    const std::pair<int, KernelId> sizes[] = {{1, KernelId::scan_bf16_64},    {64, KernelId::scan_bf16_64},
                                              {65, KernelId::scan_bf16_128},  {128, KernelId::scan_bf16_128},
                                              {129, KernelId::scan_bf16_256}, {256, KernelId::scan_bf16_256}};
    for (const auto& [key_dim, scan] : sizes) {
        const std::vector<KernelCall> plan =
            make_forward_plan(arguments_of(Precision::bf16, ForwardPath::chunk, key_dim, 130), workspace());
        REQUIRE(plan.size() == 2);
        CHECK(plan[0].id == KernelId::prepare_bf16);
        CHECK(plan[0].grid.x == 300 / 64 + 2);
        CHECK(plan[0].grid.y == 3);
        CHECK(plan[0].threads == 256);
        CHECK(plan[0].shared_bytes == prepare_needs(Precision::bf16).shared_bytes);
        CHECK(plan[1].id == scan);
        CHECK(plan[1].grid.x == 2 * 3);
        CHECK(plan[1].grid.y == 6);
        const BlockNeeds needs = scan_needs(Precision::bf16, key_dim <= 64 ? 1 : key_dim <= 128 ? 2 : 4);
        CHECK(plan[1].threads == needs.threads);
        CHECK(plan[1].shared_bytes == needs.shared_bytes);
    }
}

TEST_CASE("dynamic shared memory is within its budget and every block fits the smallest card it is compiled for") {
    struct Row {
        Precision precision;
        int slabs;  ///< of scan; 0 is prepare
        std::size_t budget;
    };
    constexpr std::size_t smallest_card = 99 * 1024;  // a block of sm_120
    const Row table[] = {{Precision::f32, 0, 93'696},  {Precision::f32, 1, 87'040},  {Precision::f32, 2, 87'040},
                         {Precision::f32, 4, 87'040},  {Precision::bf16, 0, 53'760}, {Precision::bf16, 1, 79'872},
                         {Precision::bf16, 2, 79'872}, {Precision::bf16, 4, 83'968}};
    for (const auto& [precision, slabs, budget] : table) {
        CAPTURE(slabs);
        const BlockNeeds needs = slabs == 0 ? prepare_needs(precision) : scan_needs(precision, slabs);
        CHECK(needs.shared_bytes <= budget);
        CHECK(budget <= smallest_card);
        const BlockNeeds f16 = slabs == 0 ? prepare_needs(Precision::f16) : scan_needs(Precision::f16, slabs);
        if (precision == Precision::bf16) CHECK(f16.shared_bytes == needs.shared_bytes);
    }
}

TEST_CASE("every precision has its own kernels") {
    for (const auto& [precision, word] :
         {std::pair{Precision::f32, "f32"}, std::pair{Precision::bf16, "bf16"},
          std::pair{Precision::f16, "f16"}}) {
        for (const auto path : {ForwardPath::chunk, ForwardPath::recurrent_1, ForwardPath::recurrent_2})
            for (const KernelCall& call :
                 make_forward_plan(arguments_of(precision, path, 64, 64), workspace()))
                CHECK(std::string(name_of(call.id)).find(std::string("_") + word) != std::string::npos);
        DecodeArguments d = step_of(64, 64);
        d.precision = precision;
        CHECK(std::string(name_of(make_decode_call(d).id)) == std::string("decode_") + word + "_128");
    }
}

TEST_CASE("recurrent plans need no workspace and cover every value channel") {
    const auto only = [](ForwardPath path, int key_dim, int value_dim) {
        const ForwardArguments a = arguments_of(Precision::f32, path, key_dim, value_dim);
        CHECK(forward_workspace_bytes(a) == 0);
        const std::vector<KernelCall> plan = make_forward_plan(a, nullptr);
        REQUIRE(plan.size() == 1);
        CHECK(plan[0].shared_bytes == 0);
        CHECK(plan[0].grid.y == 6);
        return plan[0];
    };
    CHECK(only(ForwardPath::recurrent_1, 64, 65).grid.x == 2 * 2);
    CHECK(only(ForwardPath::recurrent_1, 64, 64).threads == 64);
    CHECK(only(ForwardPath::recurrent_2, 128, 17).grid.x == 2 * 2);
    CHECK(only(ForwardPath::recurrent_2, 128, 16).id == KernelId::recurrent_2_f32_128);
    CHECK(only(ForwardPath::recurrent_2, 129, 16).id == KernelId::recurrent_2_f32_256);
}

TEST_CASE("decode plans follow the sizes of key and value and the format of the states") {
    CHECK(make_decode_call(step_of(128, 64)).id == KernelId::decode_bf16_128);
    CHECK(make_decode_call(step_of(129, 64)).id == KernelId::decode_bf16_256);
    DecodeArguments d = step_of(256, 64);
    d.state_is_bf16 = true;
    CHECK(make_decode_call(d).id == KernelId::decode_bf16_256_state_bf16);
    d = step_of(128, 64);
    d.state_is_bf16 = true;
    CHECK(make_decode_call(d).id == KernelId::decode_bf16_128_state_bf16);
    for (const auto& [value_dim, threads, blocks] :
         {std::array{1, 32, 1}, {8, 32, 1}, {9, 64, 1}, {32, 128, 1}, {33, 128, 2}, {256, 128, 8}}) {
        const KernelCall call = make_decode_call(step_of(64, value_dim));
        CHECK(call.threads == static_cast<unsigned>(threads));
        CHECK(call.grid.x == 5u * static_cast<unsigned>(blocks));
        CHECK(call.grid.y == 6);
    }
}

TEST_CASE("the workspace holds a record for every chunk slot and key head") {
    for (const auto& [key_dim, slabs] : {std::pair{64, 1}, {65, 2}, {128, 2}, {129, 4}, {256, 4}}) {
        ForwardArguments a = arguments_of(Precision::bf16, ForwardPath::chunk, key_dim, 64);
        const std::size_t record = static_cast<std::size_t>((3 * slabs + 3) * 64 * 64 * 2 + slabs * 64 * 4);
        CHECK(forward_workspace_bytes(a) == (300 / 64 + 2) * 3 * record);
        const std::vector<KernelCall> plan = make_forward_plan(a, workspace());
        CHECK(std::get<PrepareParams>(plan[0].params).workspace.record_bytes ==
              static_cast<std::int64_t>(record));
        CHECK(std::get<ScanParams>(plan[1].params).workspace.slabs == slabs);
        a.sequences = {7, 0, address(0x9000), true};
        CHECK(forward_workspace_bytes(a) == (300 / 64 + 7) * 3 * record);
        a.precision = Precision::f32;
        CHECK(forward_workspace_bytes(a) ==
              (300 / 64 + 7) * 3 * static_cast<std::size_t>((3 * slabs + 2) * 64 * 64 * 4 + slabs * 64 * 4));
    }
}

TEST_CASE("rows are read in pairs and units only where dims and addresses allow it") {
    const auto plan_of = [](const ForwardArguments& a) { return make_forward_plan(a, workspace()); };
    const auto pairs = [&](const ForwardArguments& a) {
        return std::get<PrepareParams>(plan_of(a)[0].params).key.pairs;
    };
    const auto units = [&](const ForwardArguments& a) {
        return std::get<ScanParams>(plan_of(a)[1].params).value.units;
    };
    for (const auto precision : {Precision::f32, Precision::bf16}) {
        const std::size_t size = cuda::size_of(precision);
        const ForwardArguments a = arguments_of(precision, ForwardPath::chunk, 64, 64);
        CHECK(pairs(a));
        CHECK(units(a));
        CHECK_FALSE(pairs(arguments_of(precision, ForwardPath::chunk, 63, 64)));
        CHECK_FALSE(units(arguments_of(precision, ForwardPath::chunk, 64, 62 + (size == 4))));
        for (const void* KeySide::*member : {&KeySide::q, &KeySide::k, &KeySide::b, &KeySide::g}) {
            ForwardArguments odd = a;
            odd.key.*member = address(0x1000 + (member == &KeySide::g ? 4 : size));
            CHECK_FALSE(pairs(odd));
            CHECK(units(odd));
        }
        for (const void* ValueSide::*member : {&ValueSide::v, &ValueSide::w}) {
            ForwardArguments odd = a;
            odd.value.*member = address(0x2008);
            CHECK_FALSE(units(odd));
            CHECK(pairs(odd));
        }
        ForwardArguments odd = a;
        odd.value.o = address(0x3000 + size);
        CHECK_FALSE(units(odd));
    }
}

TEST_CASE("no sequences make an empty plan") {
    for (const auto path : {ForwardPath::chunk, ForwardPath::recurrent_1, ForwardPath::recurrent_2}) {
        ForwardArguments a = arguments_of(Precision::bf16, path, 64, 64);
        a.sequences.count = a.tokens = 0;
        CHECK(make_forward_plan(a, nullptr).empty());
        CHECK(forward_workspace_bytes(a) == 0);
    }
}

TEST_CASE("forward plans refuse by name what does not fit") {
    const ForwardArguments good = arguments_of(Precision::bf16, ForwardPath::chunk, 64, 64);
    CHECK(refusal(good) == "accepted");
    const auto changed = [&](auto&& change) {
        ForwardArguments a = good;
        change(a);
        return refusal(a);
    };
    CHECK(changed([](auto& a) { a.key.dim = 257; }) ==
          "on a device dims are 1 to 256, got key_dim = 257, value_dim = 64");
    CHECK(changed([](auto& a) { a.key.dim = 0; }) ==
          "on a device dims are 1 to 256, got key_dim = 0, value_dim = 64");
    CHECK(changed([](auto& a) { a.value.dim = 300; }) ==
          "on a device dims are 1 to 256, got key_dim = 64, value_dim = 300");
    const std::string heads = "value_heads must be a multiple of key_heads, at most 65535, got key_heads = ";
    CHECK(changed([](auto& a) { a.value.heads = 7; }) == heads + "3, value_heads = 7");
    CHECK(changed([](auto& a) { a.key.heads = 12; }) == heads + "12, value_heads = 6");
    CHECK(changed([](auto& a) { a.key.heads = 0; }) == heads + "0, value_heads = 6");
    CHECK(changed([](auto& a) { a.value.heads = 65538; }) == heads + "3, value_heads = 65538");
    CHECK(changed([](auto& a) { a.key.b = nullptr; }) ==
          "q, k, g, b, v, w and o must be device memory, got a null pointer");
    CHECK(changed([](auto& a) { a.value.o = nullptr; }) ==
          "q, k, g, b, v, w and o must be device memory, got a null pointer");
    CHECK(changed([](auto& a) { a.key.decay = Decay::softplus; }) ==
          "a gated decay needs A_log, got a null pointer");
    const float A_log = 0;
    CHECK(changed([&](auto& a) {
              a.key.decay = Decay::bounded, a.key.A_log = &A_log, a.key.lower_bound = 0.5f;
          }) == "lower_bound must be <= 0, got 0.500000");
    CHECK(refusal(good, nullptr) == "the workspace must be device memory, aligned to 16 bytes");
    CHECK(refusal(good, address(0x8008)) == "the workspace must be device memory, aligned to 16 bytes");
    CHECK(changed([](auto& a) {
              a.sequences.count = std::int64_t{1} << 40;
          }).starts_with("too many chunks for one launch"));
    CHECK(changed([](auto& a) {
              a.path = ForwardPath::recurrent_2, a.sequences.count = std::int64_t{1} << 40;
          }) == "too many sequences for one launch: 1099511627776");
}

TEST_CASE("decode plans refuse by name what does not fit") {
    const DecodeArguments good = step_of(64, 64);
    CHECK(refusal(good) == "accepted");
    const auto changed = [&](auto&& change) {
        DecodeArguments a = good;
        change(a);
        return refusal(a);
    };
    CHECK(changed([](auto& a) { a.sequences = 0; }) == "decode takes at least one sequence, got 0");
    CHECK(changed([](auto& a) { a.tokens = 0; }) == "decode takes 1 to 16 tokens, got 0");
    CHECK(changed([](auto& a) { a.tokens = 17; }) == "decode takes 1 to 16 tokens, got 17");
    CHECK(changed([](auto& a) { a.states = nullptr; }) ==
          "states must be device memory, aligned to 16 bytes");
    CHECK(changed([](auto& a) { a.states = address(0x4004); }) ==
          "states must be device memory, aligned to 16 bytes");
    CHECK(changed([](auto& a) { a.key.dim = 257; }) ==
          "on a device dims are 1 to 256, got key_dim = 257, value_dim = 64");
    CHECK(changed([](auto& a) { a.value.v = nullptr; }) ==
          "q, k, g, b, v, w and o must be device memory, got a null pointer");
}

}  // namespace
}  // namespace gdn2::test
