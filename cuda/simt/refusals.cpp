// The sentences in which an access is refused.
//   tests  tests/cuda/simt/planted_test.cpp, race_test.cpp
#include "cuda/simt/cross_block.h"
#include "cuda/simt/image.h"
#include "cuda/simt/machine.h"

namespace gdn2::simt {
namespace {

constexpr std::uintptr_t near = 65536;  // farther than this an address has nothing to do with a buffer

std::string verb(bool is_write) { return is_write ? "writes " : "reads "; }
std::string bytes_of(std::uintptr_t bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

/// Where `address` lies with respect to [begin, begin + bytes): empty when it is far from it.
std::string relative(std::uintptr_t address, const std::string& name, std::uintptr_t begin, std::size_t bytes) {
    const std::string whole = name + " (" + bytes_of(bytes) + ")";
    if (address - begin < bytes) return "byte " + std::to_string(address - begin) + " of " + whole;
    if (address == begin + bytes) return "the end of " + whole;
    if (address - (begin + bytes) < near) return bytes_of(address - (begin + bytes)) + " past the end of " + whole;
    if (begin - address < near) return bytes_of(begin - address) + " before the start of " + whole;
    return "";
}

/// `at`: the name of the place.
std::string sentence(const Conflict& conflict, bool is_write, const std::string& at) {
    switch (conflict.kind) {
        case Conflict::unwritten: return "reads " + at + ", which nobody wrote";
        case Conflict::in_flight: return verb(is_write) + at + " while an asynchronous copy there is under way";
        case Conflict::race_with_read:
            return "race: writes " + at + ", which " +
                   (conflict.several_others ? "several threads" : "another thread") + " read, with no barrier between";
        default: return "race: " + verb(is_write) + at + ", which another thread wrote, with no barrier between";
    }
}

}  // namespace

std::string Machine::name_of_address(std::uintptr_t address) const {
    if (static_.holds(address, 1)) return "an address among the __shared__ variables";
    std::string best = relative(address, "shared memory", reinterpret_cast<std::uintptr_t>(dynamic_.data),
                                dynamic_.bytes);
    if (!best.empty()) return best;
    std::uintptr_t distance = near;
    for (const auto& buffer : *job_->buffers) {
        const std::string place = relative(address, "`" + buffer->name + "`", buffer->begin, buffer->bytes);
        const std::uintptr_t end = buffer->begin + buffer->bytes;
        const std::uintptr_t away = address < buffer->begin ? buffer->begin - address : address < end ? 0
                                                                                                     : address - end;
        if (place.empty() || away >= distance) continue;
        distance = away;
        best = place;
    }
    if (!best.empty()) return best;
    if (address < near) return "a null pointer";
    return is_constant_memory(address, 1) ? "constant memory" : "memory that is not the device's";
}

void Machine::out_of_bounds(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc) {
    fault(FaultKind::out_of_bounds, pc,
          [&] { return verb(is_write) + bytes_of(bytes) + " at " + name_of_address(address); });
}

void Machine::refuse(const Conflict& conflict, bool is_write, const Buffer* buffer, const SharedRegion* region,
                     const void* pc) {
    const int other = conflict.other.bits ? conflict.other.thread() : -1;
    FaultKind kind = FaultKind::race;
    if (conflict.kind == Conflict::unwritten) kind = FaultKind::unwritten;
    if (conflict.kind == Conflict::in_flight) kind = FaultKind::missing_wait;
    const auto say = [&] {
        if (region == &static_) return sentence(conflict, is_write, "a __shared__ variable");
        return sentence(conflict, is_write, (buffer ? "`" + buffer->name + "`" : "shared memory") + " at byte " +
                                                std::to_string(conflict.granule * granule));
    };
    fault(kind, pc, say, other, unpack_pc(conflict.other.pc()));
}

void Machine::note_cross_block(const Conflict& conflict, const Buffer& buffer, bool is_write, const void* pc) {
    const bool known = !conflict.several_others;
    job_->races.add(buffer.begin + conflict.granule * granule,
                    "`" + buffer.name + "` at byte " + std::to_string(conflict.granule * granule),
                    {block_, current_->thread, pc, is_write},
                    {conflict.other_block, known ? conflict.other.thread() : -1,
                     known ? unpack_pc(conflict.other.pc()) : nullptr, conflict.kind == Conflict::other_block_wrote});
}

}  // namespace gdn2::simt
