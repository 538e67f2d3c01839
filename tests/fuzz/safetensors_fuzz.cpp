// Any bytes as a .safetensors: refused by an Error, or an archive that survives being written and read again.
#include "reference/io/safetensors.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/reference/io/builders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gdn2;
    try {
        const io::Archive archive = io::parse_safetensors(std::as_bytes(std::span(data, size)));
        const io::Archive again = io::parse_safetensors(io::safetensors_bytes(archive));
        test::require_always(again.size() == archive.size(), "written and read again");
        test::require_always(again.metadata == archive.metadata, "metadata written and read again");
        for (const auto& [name, array] : archive.entries()) {
            test::require_always(array.bytes.size() == io::byte_count(array.dtype, array.shape),
                                 "bytes and shape");
            test::require_always(again.at(name) == array, "written and read again");
        }
    } catch (const Error& error) {
        test::require_always(std::string(error.what()).find('\n') == std::string::npos, "one line");
    }
    return 0;
}

std::vector<std::vector<std::byte>> gdn2::test::seeds() {
    std::vector<std::vector<std::byte>> seeds;
    const auto add = [&](const std::string& header, const std::string& data) {
        const std::string file = safetensors(header, data);
        const auto bytes = bytes_of(file);
        seeds.emplace_back(bytes.begin(), bytes.end());
    };
    const std::string q = tensor("q", "F64", "[2,1]", 0, 16), k = tensor("k", "BF16", "[3]", 16, 22);
    add("{" + q + "," + k + "}  ", std::string(22, '\1'));
    add("{\"__metadata__\":{\"format\":\"pt\"}," + k + "," + q + "}", std::string(22, '\1'));
    add("{" + tensor("scale", "F32", "[]", 0, 4) + "," + tensor("none", "U8", "[0,5]", 4, 4) + "}", "1234");
    add("{}", "");
    return seeds;
}
