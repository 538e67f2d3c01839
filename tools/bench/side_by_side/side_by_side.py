#!/usr/bin/env python3
"""gdn2's kernels beside FLA's on one card, in one process, on the same tensors.

    PYTHONPATH=<FLA's wheels, unpacked> python3 side_by_side.py <build>/lib/libgdn2_flat.so --out results.json

First a check of everybody against the rule in float64, then times: forward, backward and decoding, by events and as
replayed graphs, in turns. What does not fit into --seconds is left out and named. docs/benchmarks/h200 has a result.
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import replace

import torch

from contenders import OurDecode, Ours, Peer, PeerDecode
from gdn2_library import Library
from problems import random_problem, recurrence, relative
from shapes import CHECKED, TIMED, Shape
from timing import copy_bandwidth, measure, warm_card
from verdict import complaints

PEERS = {"fla": {}, "fla safe_gate": dict(safe_gate=True), "fla safe_gate saved": dict(safe_gate=True, saved=True),
         "fla kda safe_gate": dict(rule="kda", safe_gate=True)}
CACHE = 200e6   # bytes: smaller sets of inputs are rotated


def say(what):
    print(f"side_by_side: {what}", file=sys.stderr, flush=True)


def first_line(error):
    torch.cuda.synchronize()
    return str(error).splitlines()[0][:200] if str(error) else repr(error)


def compile_peer(job):
    """Runs peers on few tokens, so that their kernels' binaries lie on disk. What they tune meanwhile is thrown away:
    other processes use the card too."""
    shape, names = job
    few = replace(shape, length=128, lengths=(64, 64) if shape.lengths else ())
    started = time.perf_counter()
    for name in names:
        try:
            Peer(random_problem(few, torch.bfloat16), few, **PEERS[name]).results()
        except Exception as error:
            say(f"{shape} {name}: {first_line(error)}")
    say(f"compiled in {time.perf_counter() - started:.0f} s: {shape} {', '.join(names)}")


def compile_peers(shapes):
    """Minutes a size where Triton compiles one kernel after another; here several processes do, the rules apart."""
    sizes = {(s.states, s.key_dim, s.value_dim, bool(s.lengths), s.inside): s for s in reversed(shapes)}
    rules = [[n for n in PEERS if "kda" not in n], [n for n in PEERS if "kda" in n]]
    jobs = [(shape, names) for names in rules for shape in reversed(sizes.values())]
    os.environ["FLA_CACHE_RESULTS"] = "0"  # for the children
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        pool.map(compile_peer, jobs, chunksize=1)
    del os.environ["FLA_CACHE_RESULTS"]


def contestants(library, x, shape, kind):
    """Makers of those who promise to be right on such a problem."""
    people = {"gdn2": lambda: Ours(library, x, shape), "gdn2 saved": lambda: Ours(library, x, shape, True)}
    if x["q"].dtype == torch.bfloat16 and shape.heads == TIMED[0].heads:  # other sizes would take minutes to compile
        for name, options in PEERS.items():
            bounded = "safe_gate" in name and kind in ("fast", "mixed")  # g below -5
            if ("kda" not in name or kind == "tied") and not bounded:
                people[name] = lambda options=options: Peer(x, shape, **options)
    return people


def check(library, seed):
    """Relative errors of o and every gradient, of each contender."""
    rows = []
    for kind, shape in CHECKED:
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            x = random_problem(shape, dtype, seed, kind)
            expected = recurrence(x, shape)
            for name, make in contestants(library, x, shape, kind).items():
                row = {"kind": kind, "shape": str(shape), "dtype": str(dtype)[6:], "name": name}
                try:
                    found = make().results()
                    row |= {n: relative(found[n], expected[n]) for n in expected if n in found}
                except Exception as error:
                    row["failed"] = first_line(error)
                rows.append(row)
        say(f"checked {kind} {shape}")
    return rows


def repeat(library, runs=30):
    """How many of so many runs had the bits of the first, in o and every gradient."""
    rows = []
    for shape, dtype in ((TIMED[0], torch.bfloat16), (TIMED[1], torch.bfloat16), (TIMED[1], torch.float32),
                         (TIMED[9], torch.bfloat16), (TIMED[8], torch.float16)):
        ours = Ours(library, random_problem(shape, dtype, 11), shape)
        first = {n: t.clone() for n, t in ours.results().items()}
        same = sum(all(torch.equal(t.view(torch.uint8), first[n].view(torch.uint8)) for n, t in ours.results().items())
                   for _ in range(runs))
        rows.append({"shape": str(shape), "dtype": str(dtype)[6:], "runs": runs, "same": same})
        del ours, first
    return rows


def full_size(library, x, shape):
    """How far the peers' o and gradients are from ours, on tensors as they are timed."""
    ours = {n: t.clone() for n, t in Ours(library, x, shape).results().items()}
    rows = {}
    for name, options in PEERS.items():
        if "kda" in name:
            continue
        found = Peer(x, shape, **options).results()
        rows[name] = {n: relative(found[n], ours[n]) for n in ours}
        del found
    return rows


def sets_of(make, size):
    return [make(seed) for seed in range(max(1, min(8, round(0.5 + CACHE / size))))]


def time_shape(library, shape, rounds, graph):
    dtype = torch.bfloat16
    inputs = sets_of(lambda seed: random_problem(shape, dtype, seed), shape.forward_bytes(2))
    result = {"shape": str(shape), "graph": graph, "sets": len(inputs)}
    people = {"gdn2": [Ours(library, x, shape) for x in inputs],
              "gdn2 saved": [Ours(library, x, shape, True) for x in inputs]}
    people |= {n: [Peer(x, shape, **o) for x in inputs] for n, o in PEERS.items() if not (shape.inside and "rule" in o)}
    result["forward"] = measure([(n, [p.forward for p in each]) for n, each in people.items()
                                 if n != "fla safe_gate saved"], rounds, graph)
    for name, each in people.items():
        for p in each:
            p.keep() if isinstance(p, Peer) else p.forward()
    result["backward"] = measure([(n, [p.backward for p in each]) for n, each in people.items()], rounds, graph)
    return result


def time_decode(library, sequences, heads, rounds, graph):
    shape = Shape(sequences, 1, heads)
    size = 2 * 4 * sequences * heads * 128 * 128

    def one(seed):
        x = random_problem(shape, torch.bfloat16, seed)
        return x, torch.randn(sequences, heads, 128, 128, device="cuda")

    inputs = sets_of(one, size)
    people = {"gdn2": [OurDecode(library, x, s.clone()) for x, s in inputs],
              "gdn2, states in bf16": [OurDecode(library, x, s.to(torch.bfloat16)) for x, s in inputs],
              "fla": [PeerDecode(x, s.clone()) for x, s in inputs]}
    rows = measure([(n, [p.forward for p in each]) for n, each in people.items()], rounds, graph)
    return {"sequences": sequences, "heads": heads, "graph": graph, "sets": len(inputs), "bytes": size, "decode": rows}


def clock():
    said = subprocess.run(["nvidia-smi", "--query-gpu=clocks.sm,power.draw,temperature.gpu", "--format=csv,noheader"],
                          capture_output=True, text=True).stdout.strip()
    return said.splitlines()[0] if said else "not known"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared_object", help="libgdn2_flat.so of a build with nvcc")
    parser.add_argument("--out", help="where the JSON goes")
    parser.add_argument("--seconds", type=float, default=500, help="no shape is begun after so many")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=["check", "time", "decode"], help="a part of it")
    parser.add_argument("--shapes", type=int, nargs=2, default=[0, len(TIMED)], metavar=("FIRST", "END"),
                        help="of the list in shapes.py")
    parser.add_argument("--profile", action="store_true", help="only one pass of our kernels, for a profiler")
    a = parser.parse_args()
    library, started, timed = Library(a.shared_object), time.perf_counter(), TIMED[slice(*a.shapes)]
    torch.cuda.set_stream(torch.cuda.Stream())  # the default stream cannot be captured
    if a.profile:
        profile(library)
        return
    result = {"card": torch.cuda.get_device_name(), "torch": torch.__version__, "left_out": []}
    try:
        import fla
        import triton
        result |= {"fla": fla.__version__, "triton": triton.__version__}
    except ImportError as missing:
        result["fla"] = None
        PEERS.clear()
        say(f"no peer: {missing}")

    def in_time(what):
        say(f"{time.perf_counter() - started:.0f} s: {what}")
        if time.perf_counter() - started < a.seconds:
            return True
        result["left_out"].append(str(what))
        return False

    def save():
        result["seconds"] = round(time.perf_counter() - started, 1)
        if a.out:
            with open(a.out, "w") as file:
                json.dump(result, file, indent=1)

    if PEERS and a.only != "decode":
        compile_peers(([] if a.only == "time" else TIMED[:1]) + ([] if a.only == "check" else timed))
    if a.only in (None, "check"):
        result["check"] = check(library, seed=2026)
        result["repeat"] = repeat(library)
        save()
    result |= {"matmul_tflops": warm_card(), "copy_gb_per_s": copy_bandwidth(), "times": [], "decode": []}
    if a.only in (None, "decode"):
        for sequences, heads in [(n, h) for n in (1, 8, 32, 64, 128, 256) for h in (16, 64)]:
            if in_time(f"decode {sequences} x {heads}"):
                result["decode"].append(time_decode(library, sequences, heads, a.rounds, graph=True))
        save()
    if a.only in (None, "time"):
        for shape in timed:
            if not in_time(shape):
                continue
            before = clock()
            row = time_shape(library, shape, a.rounds, graph=True)
            row["eager"] = time_shape(library, shape, a.rounds, graph=False) if in_time(f"{shape} eager") else None
            row["clock"] = [before, clock()]
            if shape == TIMED[0] and PEERS:
                row["peers_from_ours"] = full_size(library, random_problem(shape, torch.bfloat16, 5), shape)
            result["times"].append(row)
            torch.cuda.empty_cache()
            save()
    save()
    for complaint in complaints(result):
        say(complaint)
    sys.exit(1 if complaints(result) else 0)


def profile(library):
    """Every kernel of ours once more after a warm-up, at the first shape, then a step of decoding."""
    x = random_problem(TIMED[0], torch.bfloat16)
    ours, saved = Ours(library, x, TIMED[0]), Ours(library, x, TIMED[0], True)
    states = torch.randn(256, 64, 128, 128, device="cuda")
    decode = OurDecode(library, random_problem(Shape(256, 1, 64), torch.bfloat16), states)
    for _ in range(2):
        ours.forward()
        ours.backward()
        saved.forward()
        decode.forward()
    torch.cuda.synchronize()


if __name__ == "__main__":
    main()
