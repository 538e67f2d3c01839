// Who is held against whom when blocks take turns on one granule of a device buffer, turn by turn.
#include <doctest/doctest.h>

#include <array>
#include <tuple>

#include "cuda/simt/global_shadow.h"

namespace gdn2::test {
namespace {

using simt::Conflict;

/// Accesses of thread 5 of one block after another to one granule.
class Turns {
public:
    Conflict read(std::uint32_t block, std::uint32_t launch = 1) { return touch(false, block, launch); }
    Conflict write(std::uint32_t block, std::uint32_t launch = 1) { return touch(true, block, launch); }

private:
    Conflict touch(bool is_write, std::uint32_t block, std::uint32_t launch) {
        simt::Clock clock;
        clock.fill(1);
        return shadow_.touch({is_write, 0, 5, 0, &clock}, launch, block, 0, 0);
    }
    simt::GlobalShadow shadow_{2};
};

}  // namespace

TEST_CASE("a block that writes what several blocks have read meets the lowest other one") {
    for (const auto& [order, writer, other] :
         {std::tuple{std::array{0u, 1u, 2u}, 0u, 1u}, {std::array{2u, 1u, 0u}, 0u, 1u},
          {std::array{2u, 0u, 1u}, 0u, 1u}, {std::array{2u, 1u, 0u}, 2u, 0u}, {std::array{0u, 2u, 1u}, 7u, 0u}}) {
        Turns turns;
        CHECK(turns.read(0).kind == Conflict::unwritten);
        CHECK(turns.write(9).kind == Conflict::none);
        for (const auto block : order) CHECK(turns.read(block, 2).kind == Conflict::none);
        const Conflict conflict = turns.write(writer, 2);
        CHECK(conflict.kind == Conflict::other_block_read);
        CHECK(conflict.other_block == other);
        CHECK(conflict.other.thread() == 5);
    }
}

TEST_CASE("a block may write and read what it has written itself and the next launch may do so too") {
    Turns turns;
    CHECK(turns.write(3).kind == Conflict::none);
    CHECK(turns.read(3).kind == Conflict::none);
    CHECK(turns.write(3).kind == Conflict::none);
    CHECK(turns.read(4).kind == Conflict::other_block_wrote);
    CHECK(turns.write(4, 2).kind == Conflict::none);
    CHECK(turns.write(3, 2).kind == Conflict::other_block_wrote);
}

}  // namespace gdn2::test
