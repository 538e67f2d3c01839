// Any bytes as a .npy: refused by an Error, or an array that survives being written and read again.
#include "reference/io/npy.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/reference/io/builders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gdn2;
    try {
        const io::Array array = io::parse_npy(std::as_bytes(std::span(data, size)), "x");
        test::require_always(array.bytes.size() == io::byte_count(array.dtype, array.shape),
                             "bytes and shape");
        test::require_always(io::parse_npy(io::npy_bytes(array, "x"), "x") == array,
                             "written and read again");
    } catch (const Error& error) {
        test::require_always(std::string(error.what()).find('\n') == std::string::npos, "one line");
    }
    return 0;
}

std::vector<std::vector<std::byte>> gdn2::test::seeds() {
    std::vector<std::vector<std::byte>> seeds;
    const auto add = [&](const std::string& file) {
        const auto bytes = bytes_of(file);
        seeds.emplace_back(bytes.begin(), bytes.end());
    };
    for (const int version : {1, 2, 3}) add(npy(dict("'<f8'", "(2, 3)"), std::string(48, '\1'), version));
    add(npy(dict("'>f4'", "(3, 2)", "True"), std::string(24, '\2')));
    add(npy(dict("'|u1'", "()"), "x"));
    add(npy(dict("'<i8'", "(0, 4)"), ""));
    add(npy("{\"shape\": (1, 2, 3,), \"fortran_order\":True,\"descr\":\"<f2\"}", "123456789012"));
    return seeds;
}
