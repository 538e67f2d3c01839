#!/usr/bin/env python3
"""What ncu counted of our kernels, beside the bytes of the model.

    python3 ncu_table.py --metrics        the list for ncu --metrics
    python3 ncu_table.py profile.csv      a table of what ncu --csv --page raw printed
"""
import csv
import sys

METRICS = {
    "gpu__time_duration.sum": "us",
    "dram__bytes_read.sum": "MB read",
    "dram__bytes_write.sum": "MB written",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": "dram %",
    "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active": "tensor %",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "warps %",
    "smsp__issue_active.avg.pct_of_peak_sustained_active": "issue %",
    "l1tex__data_bank_conflicts_pipe_lsu.sum": "confl. M",
    "l1tex__data_pipe_lsu_wavefronts_mem_shared.sum": "wavefr. M",
    "launch__registers_per_thread": "registers",
}
STALLS = ("barrier", "long_scoreboard", "short_scoreboard", "mio_throttle", "math_pipe_throttle", "wait",
          "not_selected", "dispatch_stall", "lg_throttle", "no_instruction", "membar", "branch_resolving")
STALL = "smsp__average_warps_issue_stalled_{}_per_issue_active.ratio"
# To microseconds, megabytes, millions.
SCALE = {"ns": 1e-3, "us": 1, "usecond": 1, "nsecond": 1e-3, "ms": 1e3, "msecond": 1e3, "byte": 1e-6, "Kbyte": 1e-3,
         "Mbyte": 1, "Gbyte": 1e3}


def number(text):
    return float(text.replace(",", "")) if text else float("nan")


def rows_of(path):
    with open(path) as file:
        lines = [line for line in file if line.startswith('"')]
    reader = csv.DictReader(lines)
    units = next(reader)
    for row in reader:
        values = {}
        for metric, label in METRICS.items():
            scale = 1e-6 if label.endswith(" M") else SCALE.get(units.get(metric, ""), 1)
            values[label] = number(row.get(metric, "")) * scale
        stalls = {name: number(row.get(STALL.format(name), "")) for name in STALLS}
        yield row["Kernel Name"].split("<")[0].split("(")[0].split("::")[-1].split()[-1], values, stalls


def main():
    if sys.argv[1] == "--metrics":
        print(",".join(list(METRICS) + [STALL.format(name) for name in STALLS]))
        return
    print(f"{'kernel':<14}" + "".join(f"{label:>11}" for label in METRICS.values()) + "  warps waiting per issue, for")
    for kernel, values, stalls in rows_of(sys.argv[1]):
        worst = sorted((s for s in stalls.items() if s[1] == s[1]), key=lambda s: -s[1])[:4]
        print(f"{kernel:<14}" + "".join(f"{v:11.1f}" for v in values.values()) + "  " +
              ", ".join(f"{name} {value:.2f}" for name, value in worst))


if __name__ == "__main__":
    main()
