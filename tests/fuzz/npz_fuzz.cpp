// Any bytes as a .npz: refused by an Error, or an archive that survives being written and read again.
#include "reference/io/npz.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/reference/io/builders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gdn2;
    try {
        const io::Archive archive = io::parse_npz(std::as_bytes(std::span(data, size)));
        for (const auto& [name, array] : archive.entries())
            test::require_always(array.bytes.size() == io::byte_count(array.dtype, array.shape),
                                 "bytes and shape");
        if (archive.size() == 0) return 0;
        const io::Archive again = io::parse_npz(io::npz_bytes(archive));
        test::require_always(again.size() == archive.size(), "written and read again");
        for (const auto& [name, array] : archive.entries())
            test::require_always(again.at(name) == array, "written and read again");
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
    io::Archive archive;
    archive.add("q", io::from_tensor(Tensor<double>({2, 3}, 0.5)));
    archive.add("cu_seqlens", io::from_integers({2}, std::vector<std::int64_t>{0, 3}));
    archive.add("scale", io::from_tensor(Tensor<float>({}, 0.5f)));
    seeds.push_back(io::npz_bytes(archive));
    seeds.push_back(io::npz_bytes(archive, io::Compression::deflated));
    add(npz(good_npy()));
    add(zip({{"q.npy",
              deflated(good_npy()),
              8,
              0,
              static_cast<std::uint32_t>(good_npy().size()),
              {},
              crc32(good_npy())}}));
    add(zip({{"a.npy", good_npy()}, {"b.npy", npy(dict("'>f4'", "(2,2)", "True"), std::string(16, '\1'))}}));
    add(zip({}));
    return seeds;
}
