// Runs a fuzz target without libFuzzer: over its seeds, over the files named on the command line, and over damaged
// copies of the seeds, the same ones every time.
//   usage  NAME_fuzz [-runs N] [FILE...]
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "reference/core/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace gdn2::test {
namespace {

using Bytes = std::vector<std::byte>;

void run(const Bytes& bytes) {
    // A copy of exactly this size: a sanitizer then sees a read one byte beyond it.
    const Bytes exact(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.data()), exact.size());
}

std::size_t below(Random& random, std::size_t size) {
    return size == 0 ? 0 : static_cast<std::size_t>(random.integer(0, static_cast<Index>(size) - 1));
}

/// What readers get wrong: lengths at their extremes, in 2, 4 or 8 bytes.
void write_extreme(Bytes& bytes, Random& random) {
    constexpr std::uint64_t extremes[] = {0,
                                          1,
                                          0x7f,
                                          0xff,
                                          0x7fff,
                                          0xffff,
                                          0x7fffffff,
                                          0xffffffff,
                                          0xfffffff0,
                                          0x7fffffffffffffff,
                                          0xffffffffffffffff};
    const std::uint64_t number = extremes[below(random, std::size(extremes))];
    const std::size_t width = std::size_t{2} << below(random, 3);
    if (bytes.size() < width) return;
    std::memcpy(bytes.data() + below(random, bytes.size() - width + 1), &number, width);
}

void damage(Bytes& bytes, Random& random) {
    const auto at = static_cast<Index>(below(random, bytes.size()));
    const auto byte = static_cast<std::byte>(random.integer(0, 255));
    switch (bytes.empty() ? 0 : random.integer(0, 6)) {
        case 0:
            bytes.insert(bytes.begin() + at, byte);
            break;
        case 1:
            bytes[static_cast<std::size_t>(at)] = byte;
            break;
        case 2:
            bytes[static_cast<std::size_t>(at)] ^= std::byte{1} << random.integer(0, 7);
            break;
        case 3:
            bytes.resize(static_cast<std::size_t>(at));
            break;
        case 4:
            write_extreme(bytes, random);
            break;
        case 5:
            bytes.erase(bytes.begin() + at, bytes.begin() + std::min(at + 8, std::ssize(bytes)));
            break;
        default: {  // a piece again, somewhere else
            const Bytes piece(bytes.begin() + at, bytes.begin() + std::min(at + 32, std::ssize(bytes)));
            const auto target = static_cast<Index>(below(random, bytes.size()));
            bytes.insert(bytes.begin() + target, piece.begin(), piece.end());
        }
    }
}

void run_damaged(Index runs) {
    const std::vector<Bytes> originals = seeds();
    for (const Bytes& bytes : originals) run(bytes);
    for (Index i = 0; i < runs; ++i) {
        Random random(2, static_cast<std::uint64_t>(i));
        Bytes bytes = originals[below(random, originals.size())];
        for (Index times = random.integer(1, 4); times > 0; --times) damage(bytes, random);
        run(bytes);
    }
}

void run_file(const char* path) {
    std::ifstream file(path, std::ios::binary);
    require_always(file.is_open(), "a file named on the command line cannot be opened");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto bytes = std::as_bytes(std::span(text));
    run({bytes.begin(), bytes.end()});
}

}  // namespace
}  // namespace gdn2::test

int main(int count, char** arguments) {
    gdn2::Index runs = 200'000;
    int first = 1;
    if (count > 2 && std::string(arguments[1]) == "-runs") {
        const char* text = arguments[2];
        std::from_chars(text, text + std::strlen(text), runs);
        first = 3;
    }
    for (int i = first; i < count; ++i) gdn2::test::run_file(arguments[i]);
    if (first == count) gdn2::test::run_damaged(runs);
    std::printf("%s: ran without a failure\n", arguments[0]);
}
