// What gdn2-bench says of the kernels: their counts under the emulator beside a model of them, and their times on a
// card beside what the card can do. Implemented in device/ where this build has kernels, else in no_devices.cpp.
//   tests  tests/tools/bench/devices_test.cpp
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/bench/statistics.h"

namespace gdn2::bench {

/// Sizes of a batch of equal sequences.
struct KernelShape {
    std::int64_t batch = 1, length = 128, heads = 1, key_dim = 128, value_dim = 128;
    std::int64_t value_heads = 0;  ///< 0: as many as heads
    std::int64_t segment = 0;      ///< chunks of a segment, where the scan walks over those; 0: it does not

    std::int64_t states() const { return value_heads ? value_heads : heads; }
};

/// Bytes that must cross a kernel's door, each input and output once, and its tensor-core products (docs/kernels.md).
struct KernelModel {
    double bytes_loaded = 0, bytes_stored = 0, mma = 0;
};

/// A kernel in `precision` ("f32", "bf16", "f16"); `rung` is recurrent_1, recurrent_2, prepare, scan, decode (one
/// token for each sequence of the batch), scan_saves, reverse_scan or chunk_grad; of the scan in segments scan_maps,
/// carry, scan_cut or, all three, segments. g and the states are float. Throws Error for another rung.
KernelModel model_of(const std::string& rung, const KernelShape& shape, const std::string& precision);

/// One kernel as the emulator counted it.
struct CounterRow {
    std::string rung;
    double seconds = 0;  ///< the emulator's, which say nothing of a card's
    double error = 0;    ///< of o, or in the backward pass dk, against the f64 recurrence of the same inputs, relative
    double tolerance = 0;
    double bytes_loaded = 0, bytes_stored = 0, mma = 0;  ///< of global memory; of warps
    std::int64_t shared_wavefronts = 0, shared_wavefronts_ideal = 0, barriers = 0, blocks = 0;
    KernelModel model;

    bool passed() const { return error <= tolerance; }
};

/// Every rung once under the emulator, the scan in segments on three of one chunk each. Throws Error for sizes that
/// kernels do not take and where there are no kernels.
std::vector<CounterRow> count_kernels(const KernelShape& shape, const std::string& precision);

/// One kernel on the card.
struct CardRow {
    std::string rung, precision;
    KernelShape shape;
    Quartiles microseconds;
    Quartiles copy_share;  ///< bytes of the model over time, as a share of what the copy moved in the same rounds
    Quartiles mma_share;   ///< mma of the model likewise; 0 for rungs without tensor cores
    double difference = 0; ///< chunk's o from recurrent_2's, relative; of a pair both have it, of other rungs 0
};

struct CardReport {
    std::string skipped;  ///< why nothing was measured; empty when it was
    std::string card;
    Quartiles copy_gb_per_s, mma_tflop_per_s;  ///< of 1 GiB device to device, read and written; of mma.sync in bf16
    std::vector<CardRow> rows;
    std::vector<std::string> failures;  ///< of the gate; what fails is not timed
};

/// Times the rungs on the current CUDA device. `progress` is told what comes next.
CardReport measure_card(bool quick, int rounds, const std::function<void(const std::string&)>& progress);

}  // namespace gdn2::bench
