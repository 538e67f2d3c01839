// devices.h where this build has no kernels, or none for cards.
#include "reference/core/error.h"
#include "tools/bench/devices.h"

namespace gdn2::bench {

#if !GDN2_WITH_KERNELS
std::vector<CounterRow> count_kernels(const KernelShape&, const std::string&) {
    throw Error("this build has no kernels: it was configured with GDN2_BUILD_CUDA=OFF");
}
#endif

#if !GDN2_WITH_CUDA
CardReport measure_card(bool, int, const std::function<void(const std::string&)>&) {
    CardReport report;
    report.skipped = "this build has no CUDA: nvcc was not found when it was configured";
    return report;
}
#endif

}  // namespace gdn2::bench
