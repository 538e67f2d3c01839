"""Times several things side by side: in turns, by CUDA events, medians and quartiles."""
import statistics
import time

import torch


class Timed:
    """One thing to time: `bodies`, one for every set of inputs, are called in rotation."""

    def __init__(self, name, bodies, graph):
        self.name, self.milliseconds, self.failed = name, [], ""
        self.first_call = self._warm_up(bodies)
        self.graphs = [self._captured(body) for body in bodies] if graph else bodies
        once = self._run(3)
        self.repeats = max(3, min(200, int(20 / max(once, 1e-3))))

    def _warm_up(self, bodies):
        """Seconds of the very first call, compiling and tuning included."""
        started = time.perf_counter()
        bodies[0]()
        torch.cuda.synchronize()
        first = time.perf_counter() - started
        for body in bodies:
            body()
        torch.cuda.synchronize()
        return first

    def _captured(self, body):
        """On the current stream: that of a forward pass is that of its backward pass."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=torch.cuda.current_stream()):
            body()
        return graph.replay

    def _run(self, repeats):
        start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for i in range(repeats):
            self.graphs[i % len(self.graphs)]()
        stop.record()
        stop.synchronize()
        return start.elapsed_time(stop) / repeats

    def sample(self):
        self.milliseconds.append(self._run(self.repeats))

    def row(self):
        low, median, high = statistics.quantiles(self.milliseconds, n=4)
        return {"name": self.name, "ms": median, "low": low, "high": high, "repeats": self.repeats,
                "first_call_s": round(self.first_call, 3)}


def measure(candidates, rounds, graph):
    """candidates: (name, bodies). Rows of those that ran, and of those that did not, with why."""
    timed, rows = [], []
    for name, bodies in candidates:
        try:
            timed.append(Timed(name, bodies, graph))
        except Exception as error:  # a peer may refuse a shape, or a graph; the others are timed all the same
            torch.cuda.synchronize()
            rows.append({"name": name, "failed": str(error).splitlines()[0][:200] if str(error) else repr(error)})
    for _ in range(rounds):
        for each in timed:
            each.sample()
    return [each.row() for each in timed] + rows


def warm_card(seconds=1.0):
    """Large products, until the clock has risen; gives back TFLOP/s of them in bf16."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        a @ b
        torch.cuda.synchronize()
    start.record()
    for _ in range(20):
        a @ b
    stop.record()
    stop.synchronize()
    return 20 * 2 * 8192 ** 3 / start.elapsed_time(stop) * 1e-9


def copy_bandwidth():
    """GB/s of a copy of 1 GiB, read and written."""
    source, target = (torch.rand(1 << 28, device="cuda") for _ in range(2))
    row = measure([("copy", [lambda: target.copy_(source)])], 9, graph=False)[0]
    return 2 * source.numel() * 4 / row["ms"] * 1e-6
