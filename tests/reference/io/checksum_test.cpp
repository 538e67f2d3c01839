// A byte that was flipped is noticed, and what carries no checksum is read as ever.
#include "reference/io/checksum.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "reference/io/safetensors.h"
#include "tests/support/changed_archive.h"

using namespace gdn2;
using namespace gdn2::io;

namespace {

Archive small_archive() {
    Archive archive;
    archive.add("weight", from_tensor(Tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6})));
    archive.add("counts", from_integers({2}, std::vector<std::int64_t>{7, 8}));
    archive.metadata = {{"format", "a test"}, {"step", "200"}};
    return archive;
}

bool same(const Archive& a, const Archive& b) {
    bool all = a.metadata == b.metadata && a.size() == b.size();
    for (const auto& [name, array] : a.entries()) all = all && b.find(name) != nullptr && b.at(name) == array;
    return all;
}

}  // namespace

TEST_CASE("checksums are those of another implementation") {
    // Python: zlib.crc32(b"weight\0" + b"f32\0" + b"[2, 3]\0" + numpy.arange(1, 7, dtype="<f4").tobytes())
    //         zlib.crc32(b"format\0a test\0step\0" + b"200\0")
    CHECK(checksums_of(small_archive()) == R"({"__metadata__":"5db7d6ae","counts":"82bff70e","weight":"89f5a09a"})");
}

TEST_CASE("every flipped bit of a file with metadata is noticed or changes nothing") {
    const Archive archive = small_archive();
    const std::vector<std::byte> good = safetensors_bytes(archive);
    CHECK(same(parse_safetensors(good), archive));
    int unseen = 0;
    for (std::size_t i = 0; i < good.size(); ++i)
        for (int bit = 0; bit < 8; ++bit) {
            std::vector<std::byte> flipped = good;
            flipped[i] ^= static_cast<std::byte>(1 << bit);
            Archive read;
            try {
                read = parse_safetensors(flipped);
            } catch (const Error&) {
                continue;
            }
            ++unseen;
            CAPTURE(i);
            // Nothing but the name of the checksums themselves, or white space.
            read.metadata = archive.metadata;
            CHECK(same(read, archive));
        }
    CHECK(unseen <= 8 * static_cast<int>(std::string(checksums_key).size()) + 8);
}

TEST_CASE("what is damaged is named") {
    const Archive archive = small_archive();
    const auto refused = [&](const Archive& changed, const std::string& message) {
        CHECK_THROWS_WITH_AS(require_checksums(changed, checksums_of(archive)),
                             doctest::Contains(message.c_str()), Error);
    };
    Array weight = archive.at("weight");
    weight.bytes[5] ^= std::byte{1};
    refused(test::with(archive, "weight", &weight), "`weight` is not what its checksum says");
    Array turned = archive.at("weight");
    turned.shape = {3, 2};
    refused(test::with(archive, "weight", &turned), "`weight` is not what its checksum says");
    refused(test::with(archive, "more", &weight), "`more` is not what its checksum says");
    refused(test::with(archive, "counts", nullptr), "missing tensor `counts`");
    Archive changed = archive;
    changed.metadata["step"] = "201";
    refused(changed, "the metadata is not what its checksum says");
    for (const char* text : {"", "[1]", "7", "{"})
        CHECK_THROWS_WITH_AS(require_checksums(archive, text),
                             "the metadata's `gdn2.checksums` is no JSON object", Error);
    CHECK_THROWS_AS(require_checksums(archive, R"({"__metadata__": [[]], "weight": 7})"), Error);
}

TEST_CASE("an array without a name has a checksum like any other") {
    Archive archive = small_archive();
    archive.add("", archive.at("weight"));
    CHECK(same(parse_safetensors(safetensors_bytes(archive)), archive));
}

TEST_CASE("a file of others has no checksums and one without metadata gets none") {
    Archive archive = small_archive();
    archive.metadata.clear();
    const std::vector<std::byte> bytes = safetensors_bytes(archive);
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    CHECK(text.find(checksums_key) == std::string::npos);
    CHECK(same(parse_safetensors(bytes), archive));
}
