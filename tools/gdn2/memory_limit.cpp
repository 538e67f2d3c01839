// See memory_limit.h.
#include "tools/gdn2/memory_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace gdn2::tools {
namespace {

void lower(MemoryLimit& limit, double bytes, const std::string& from) {
    if (bytes < limit.bytes) limit = {bytes, from};
}

/// This process's control group, below where they are mounted: "/user.slice"; in a container often "/".
std::string control_group() {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("0::")) return line.substr(3);
    return "/";
}

}  // namespace

MemoryLimit memory_limit() {
    MemoryLimit limit{static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)),
                      "this machine's memory"};
    for (const std::string& group : {std::string("/"), control_group()}) {
        double bytes = 0;
        if (std::ifstream("/sys/fs/cgroup" + group + "/memory.max") >> bytes)  // "max" is no number
            lower(limit, bytes, "the limit of this control group (memory.max)");
    }
    rlimit address_space{};
    if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
        lower(limit, static_cast<double>(address_space.rlim_cur), "the limit of this shell (ulimit -v)");
    return limit;
}

std::string gigabytes(double bytes) { return fmt::format("{:.1f} GB", bytes / 1e9); }

}  // namespace gdn2::tools
