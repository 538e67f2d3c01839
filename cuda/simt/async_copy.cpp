// cp.async: bytes that arrive when the thread that sent for them waits.
//   source  PTX ISA: cp.async, cp.async.commit_group, cp.async.wait_group
//   tests   tests/cuda/simt/planted_test.cpp, async_copy_test.cpp
#include <algorithm>
#include <cstring>

#include "cuda/simt/machine.h"

namespace gdn2::simt {

void Machine::issue_copy(void* shared, const void* global, bool valid, const void* pc) {
    AsyncCopy copy{static_cast<std::byte*>(shared), {}, current_->groups, pc};
    const auto from = reinterpret_cast<std::uintptr_t>(global), to = reinterpret_cast<std::uintptr_t>(shared);
    const std::size_t bytes = copy.data.size();
    if (valid) {
        if (!buffer_of(from, bytes) && checks_) out_of_bounds(from, bytes, false, pc);
        aligned_access<false>(from, bytes, pc);
        std::memcpy(copy.data.data(), global, bytes);
    }
    if (to % bytes != 0)
        fault(FaultKind::misaligned, pc,
              [&] { return "copies to " + name_of_address(to) + ", which is not a multiple of 16"; });
    SharedRegion* region = shared_region_of(to, bytes);
    if (!region)
        fault(FaultKind::out_of_bounds, pc,
              [&] { return "copies 16 bytes out of shared memory, to " + name_of_address(to); });
    announce_copy(*region, region->offset_of(to), pc);
    fill_with_poison(copy.to, bytes);
    current_->copies.push_back(copy);
    ++counters_.async_copies;
}

void Machine::wait_copies(int groups_left, const void* pc) {
    if (groups_left < 0)
        fault(FaultKind::bad_argument, pc, [=] { return "waits for " + std::to_string(groups_left) + " groups"; });
    auto& copies = current_->copies;
    const int done = current_->groups - groups_left;
    const auto under_way =
        std::find_if(copies.begin(), copies.end(), [done](const AsyncCopy& copy) { return copy.group >= done; });
    for (auto copy = copies.begin(); copy != under_way; ++copy) land_copy(*copy);
    copies.erase(copies.begin(), under_way);
}

void copy_async_16(void* shared, const void* global, bool valid) {
    machine().issue_copy(shared, global, valid, __builtin_return_address(0));
}
void copy_async_commit() { machine().commit_copies(); }
void copy_async_wait(int groups_left) { machine().wait_copies(groups_left, __builtin_return_address(0)); }

}  // namespace gdn2::simt
