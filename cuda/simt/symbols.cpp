// From a return address to "file:line", for faults.
//   tests  tests/cuda/simt/planted_test.cpp
#include "cuda/simt/symbols.h"

#include <link.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <vector>

namespace gdn2::simt {
namespace {

constexpr const char* unknown = "program+";

/// The file that holds an address, and the address in that file.
struct Place {
    std::uintptr_t address = 0;
    std::string file;
    std::uintptr_t offset = 0;
};

int look_for(dl_phdr_info* module, std::size_t, void* data) {
    auto& place = *static_cast<Place*>(data);
    for (int i = 0; i < module->dlpi_phnum; ++i) {
        const auto& part = module->dlpi_phdr[i];
        const std::uintptr_t start = module->dlpi_addr + part.p_vaddr;
        if (part.p_type != PT_LOAD || place.address - start >= part.p_memsz) continue;
        const bool program = !module->dlpi_name || !*module->dlpi_name;
        place.file = program ? "/proc/" + std::to_string(getpid()) + "/exe" : module->dlpi_name;
        place.offset = place.address - module->dlpi_addr;
        return 1;
    }
    return 0;
}

std::string quoted(const std::string& word) {
    std::string result = "'";
    for (char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

/// The lines that a command prints.
std::vector<std::string> output_of(const std::string& command) {
    std::vector<std::string> lines;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) return lines;
    std::array<char, 1024> buffer;
    while (std::fgets(buffer.data(), buffer.size(), pipe)) {
        lines.emplace_back(buffer.data());
        while (!lines.back().empty() && lines.back().back() == '\n') lines.back().pop_back();
    }
    pclose(pipe);
    return lines;
}

/// "/a/b/scan.cuh:88 (discriminator 2)" -> "scan.cuh:88"; empty when the line is not known.
std::string short_name(std::string line) {
    line = line.substr(0, line.find(" ("));
    if (line.empty() || line[0] == '?' || line.ends_with(":?") || line.ends_with(":0")) return "";
    return line.substr(line.rfind('/') + 1);
}

std::string find_line(const void* pc) {
    Place place;
    place.address = reinterpret_cast<std::uintptr_t>(pc) - 1;  // within the call, not after it
    dl_iterate_phdr(look_for, &place);
    char offset[32];
    std::snprintf(offset, sizeof offset, "0x%zx", static_cast<std::size_t>(place.offset));
    std::vector<std::string> chain;
    for (const auto& line : output_of("addr2line -i -e " + quoted(place.file) + " " + offset + " 2>/dev/null")) {
        const std::string name = short_name(line);
        if (!name.empty() && !name.starts_with("cuda_host.h:")) chain.push_back(name);
    }
    if (chain.empty()) return std::string(unknown) + offset;
    return chain.size() == 1 ? chain[0] : chain.front() + " (from " + chain.back() + ")";
}

}  // namespace

std::string line_of(const void* pc) {
    static std::mutex mutex;
    static std::map<const void*, std::string> known;
    if (!pc) return "";
    const std::lock_guard lock(mutex);
    auto [entry, is_new] = known.try_emplace(pc);
    if (is_new) entry->second = find_line(pc);
    return entry->second;
}

bool same_symbol(const void* a, const void* b) {
    const std::string first = line_of(a), second = line_of(b);
    return first == second || first.starts_with(unknown) || second.starts_with(unknown);
}

}  // namespace gdn2::simt
