#!/usr/bin/env python3
"""Prints a result of side_by_side.py as tables.     python3 table.py results.json"""
import json
import sys

from shapes import TIMED
from verdict import complaints


def by_name(rows):
    return {row["name"]: row for row in rows if "ms" in row}


def best_peer(rows, saved):
    """The fastest of FLA's settings that keep nothing for the backward pass, or of those that do."""
    peers = [row for name, row in by_name(rows).items()
             if name.startswith("fla") and "kda" not in name and ("saved" in name) == saved]
    return min(peers, key=lambda row: row["ms"], default=None)


def cell(rows, name):
    row = by_name(rows).get(name)
    return f"{row['ms']:9.3f}" if row else f"{'-':>9}"


def print_check(result):
    print("relative errors against the recurrence in float64 (nan or above 1: wrong)")
    names = ("o", "dq", "dk", "dv", "dg", "db", "dw")
    for row in result["check"]:
        label = f"{row['kind']:<11}{row['shape']:<32}{row['dtype']:<9}{row['name']:<20}"
        print(label + (row["failed"] if "failed" in row else " ".join(f"{n} {row[n]:.1e}" for n in names if n in row)))
    for row in result.get("repeat", []):
        print(f"{row['shape']:<43}{row['dtype']:<9}gdn2: {row['same']} of {row['runs']} further runs had the bits of "
              "the first")


def print_pass(result, shape_rows, which, bytes_of, flops_of, label):
    """One line a shape: ours, the peers, the ratio to the best of them, and to the floor."""
    columns = {"gdn2": "gdn2", "gdn2 saved": "saved", "fla": "fla", "fla safe_gate": "safe", "fla safe_gate saved": "saved",
               "fla kda safe_gate": "kda safe"}
    print(f"\n{which}, {label}, ms\n{'':<36}" + "".join(f"{c:>10}" for c in columns.values()) +
          "  peer/ours  ours/floor" + ("  both saved" if which == "backward" else ""))
    shapes = {str(shape): shape for shape in TIMED}
    for row in shape_rows:
        rows = row[which]
        ours, peer = by_name(rows).get("gdn2"), best_peer(rows, saved=False)
        shape = shapes[row["shape"]]
        floor = max(bytes_of(shape) / result["copy_gb_per_s"] * 1e-6, flops_of(shape) / result["matmul_tflops"] * 1e-9)
        ratio = f"{peer['ms'] / ours['ms']:9.2f}" if ours and peer else f"{'-':>9}"
        above = f"{ours['ms'] / floor:9.2f}" if ours else f"{'-':>9}"
        kept, peer_kept = by_name(rows).get("gdn2 saved"), best_peer(rows, saved=True)
        both = f"{peer_kept['ms'] / kept['ms']:12.2f}" if kept and peer_kept else ""
        print(f"{row['shape']:<36}" + "".join(" " + cell(rows, c) for c in columns) + f"  {ratio}   {above}{both}")


def print_decode(result):
    print(f"\n{'decoding one token, us':<24}{'gdn2':>10}{'of copy':>9}{'bf16 states':>13}{'fla':>10}  peer/ours")
    for row in result["decode"]:
        rows = by_name(row["decode"])
        ours, half, peer = (rows.get(n) for n in ("gdn2", "gdn2, states in bf16", "fla"))
        share = row["bytes"] / (ours["ms"] * 1e-3) * 1e-9 / result["copy_gb_per_s"]
        label = f"{row['sequences']} sequences, {row['heads']} heads"
        print(f"{label:<24}{1e3 * ours['ms']:10.1f}{share:8.0%} {1e3 * half['ms']:13.1f}" +
              (f"{1e3 * peer['ms']:10.1f}  {peer['ms'] / ours['ms']:9.2f}" if peer else f"{'-':>10}"))


def main():
    with open(sys.argv[1]) as file:
        result = json.load(file)
    if "check" in result:
        print_check(result)
    for row in result.get("times", []):
        for name, d in row.get("peers_from_ours", {}).items():
            print(f"{row['shape']}: {name} from gdn2: " + " ".join(f"{n} {d[n]:.1e}" for n in d))
    print(f"\n{result['card']}, torch {result['torch']}, triton {result.get('triton')}, FLA {result.get('fla')}; "
          f"copy {result['copy_gb_per_s']:.0f} GB/s, products {result['matmul_tflops']:.0f} TFLOP/s")
    if result["decode"]:
        print_decode(result)
    for graph, label in ((True, "replayed graphs"), (False, "launched one by one")):
        rows = result.get("times", []) if graph else [r["eager"] for r in result.get("times", []) if r["eager"]]
        print_pass(result, rows, "forward", lambda s: s.forward_bytes(2), lambda s: s.forward_flops(), label)
        print_pass(result, rows, "backward", lambda s: s.backward_bytes(2), lambda s: s.backward_flops(), label)
    print("\nsaved: the forward pass keeps states (FLA: disable_recompute); safe: safe_gate, for g above -5; kda: "
          "chunk_kda, one b = w a head\npeer/ours: FLA's faster setting that keeps nothing over gdn2; floor: bytes that "
          "must move at the copy's rate, or products")
    for complaint in complaints(result):
        print("wrong: " + complaint)
    if result["left_out"]:
        print("\nleft out for want of time: " + ", ".join(result["left_out"]))


if __name__ == "__main__":
    main()
