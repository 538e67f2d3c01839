// cp.async: bytes that arrive when the thread that sent for them waits.
//   source  PTX ISA: cp.async, cp.async.commit_group, cp.async.wait_group
//   tests   tests/cuda/simt/planted_test.cpp, async_copy_test.cpp
#include <algorithm>
#include <cstring>

#include "cuda/simt/machine.h"

namespace gdn2::simt {

void Machine::issue_copy(void* shared, const void* global, bool valid, const void* pc) {
    AsyncCopy copy{static_cast<std::byte*>(shared), {}, current_->groups, pc};
    if (valid) {
        access(reinterpret_cast<std::uintptr_t>(global), copy.data.size(), false, pc);
        std::memcpy(copy.data.data(), global, copy.data.size());
    }
    current_->copies.push_back(copy);
    ++counters_.async_copies;
}

void Machine::wait_copies(int groups_left, const void* pc) {
    if (groups_left < 0) fault(FaultKind::bad_argument, pc, "waits for " + std::to_string(groups_left) + " groups");
    auto& copies = current_->copies;
    const int done = current_->groups - groups_left;
    const auto under_way = std::find_if(copies.begin(), copies.end(), [done](const auto& c) { return c.group >= done; });
    for (auto copy = copies.begin(); copy != under_way; ++copy) {
        access(reinterpret_cast<std::uintptr_t>(copy->to), copy->data.size(), true, copy->pc);
        std::memcpy(copy->to, copy->data.data(), copy->data.size());
    }
    copies.erase(copies.begin(), under_way);
}

void copy_async_16(void* shared, const void* global, bool valid) {
    machine().issue_copy(shared, global, valid, __builtin_return_address(0));
}
void copy_async_commit() { machine().commit_copies(); }
void copy_async_wait(int groups_left) { machine().wait_copies(groups_left, __builtin_return_address(0)); }

}  // namespace gdn2::simt
