"""The measuring half of kernel/bench; main.go says what is measured and how to start it."""

import argparse
import hashlib
import hmac
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime, timezone

import psutil
import zmq

CHANNELS = "shell iopub stdin control hb".split()
PATIENCE = 60  # seconds, for any single answer

CELLS = {
    "python": {
        "trivial": "1+1",
        "keep": "kept = 41",
        "prints": "for i in range(10000):\n    print(i)",
        "loop": "while True:\n    pass",
        "kept": "print(kept + 1)",
    },
    "go": {
        "trivial": "1+1",
        "keep": 'import "fmt"\nkept := 41',
        "prints": "for i := range 10000 {\n\tfmt.Println(i)\n}",
        "loop": "for {\n}",
        "kept": "fmt.Println(kept + 1)",
    },
}
LINES = "".join(f"{i}\n" for i in range(10000))


class Kernel:
    """One kernel process, and a client that does nothing but what is measured."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.spec = json.loads((self.folder / "kernel.json").read_text())
        self.cells = CELLS[self.spec["language"]]
        self.key = uuid.uuid4().hex.encode()
        self.session = uuid.uuid4().hex
        self.context = zmq.Context()
        self.temporary = tempfile.TemporaryDirectory()
        connection = {"transport": "tcp", "ip": "127.0.0.1", "key": self.key.decode(), "signature_scheme": "hmac-sha256", "kernel_name": self.folder.name}
        self.ports = dict(zip(CHANNELS, free_ports(len(CHANNELS))))
        connection.update({f"{channel}_port": port for channel, port in self.ports.items()})
        file = pathlib.Path(self.temporary.name, "connection.json")
        file.write_text(json.dumps(connection))
        argv = [part.replace("{connection_file}", str(file)) for part in self.spec["argv"]]
        if argv[0].startswith("python"):
            argv[0] = sys.executable
        environment = {**os.environ, **self.spec.get("env", {}), "IPYTHONDIR": self.temporary.name, "JUPYTER_RUNTIME_DIR": self.temporary.name}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        self.wait_for_ports()
        self.connect()

    def connect(self):
        self.sockets = {}
        for channel, kind in ("shell", zmq.DEALER), ("control", zmq.DEALER), ("iopub", zmq.SUB):
            s = self.context.socket(kind)
            s.linger = 0
            s.rcvhwm = 0  # nothing is lost on this side
            if kind == zmq.SUB:
                s.subscribe(b"")
            else:
                s.identity = self.session.encode()
            s.connect(f"tcp://127.0.0.1:{self.ports[channel]}")
            self.sockets[channel] = s

    def wait_for_ports(self):
        wanted = {self.ports[channel] for channel in ("shell", "iopub", "control")}
        while not wanted <= listening():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.folder.name}: the kernel ended with code {self.process.returncode}")
            if time.perf_counter() - self.started > PATIENCE:
                raise RuntimeError(f"{self.folder.name}: the kernel does not listen")
            time.sleep(0.001)

    def send(self, channel, kind, content):
        ident = uuid.uuid4().hex
        header = {"msg_id": ident, "session": self.session, "username": "bench", "date": datetime.now(timezone.utc).isoformat(), "msg_type": kind, "version": "5.3"}
        frames = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        self.sockets[channel].send_multipart([b"<IDS|MSG>", self.sign(frames), *frames])
        return ident

    def sign(self, frames):
        signature = hmac.new(self.key, digestmod=hashlib.sha256)
        for frame in frames:
            signature.update(frame)
        return signature.hexdigest().encode()

    def receive(self, channel, timeout=PATIENCE):
        """(kind, id of the request, content), or None."""
        if not self.sockets[channel].poll(timeout * 1000):
            return None
        frames = self.sockets[channel].recv_multipart()
        at = frames.index(b"<IDS|MSG>") + 2
        header, parent, _, content = (json.loads(frame) for frame in frames[at : at + 4])
        return header["msg_type"], (parent or {}).get("msg_id"), content

    def reply(self, channel, ident, patience=PATIENCE):
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            message = self.receive(channel, 1)
            if message and message[1] == ident:
                return message[2]
            if not message:
                self.must_live()
        raise RuntimeError(f"{self.folder.name}: no reply on {channel}")

    def must_live(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.folder.name}: the kernel died")

    def first_cell(self):
        return self.reply("shell", self.execute(self.cells["trivial"]))

    def execute(self, code):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        return self.send("shell", "execute_request", content)

    def idle(self, ident, patience=PATIENCE):
        """Reads iopub up to idle: (standard output, number of its messages)."""
        text, count = [], 0
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            message = self.receive("iopub", 1)
            if not message:
                self.must_live()
                continue
            if message[1] != ident:
                continue
            kind, _, content = message
            if kind == "stream":
                text.append(content["text"])
                count += 1
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(text), count
        raise RuntimeError(f"{self.folder.name}: no idle")

    def run(self, code, patience=PATIENCE):
        ident = self.execute(code)
        text, count = self.idle(ident, patience)
        return self.reply("shell", ident, patience), text, count

    def listen(self):
        """Until the subscription to iopub holds."""
        for _ in range(PATIENCE * 10):
            ident = self.send("shell", "kernel_info_request", {})
            self.reply("shell", ident)
            if self.receive("iopub", 0.1):
                while self.receive("iopub", 0.1):
                    pass
                return
        raise RuntimeError(f"{self.folder.name}: iopub stays silent")

    def interrupt(self):
        """The id of the request, or None where a signal is sent."""
        if self.spec.get("interrupt_mode") == "message":
            return self.send("control", "interrupt_request", {})
        self.process.send_signal(signal.SIGINT)

    def family(self):
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def processor_seconds(self):
        return sum(sum(p.cpu_times()[:2]) for p in self.family())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.context.destroy(linger=0)
        self.temporary.cleanup()


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def listening():
    """The TCP ports on which something listens here. A connection made to find
    out would be one that the kernel has to serve."""
    ports = set()
    for name in "/proc/net/tcp", "/proc/net/tcp6":
        try:
            rows = pathlib.Path(name).read_text().splitlines()[1:]
        except OSError:
            continue
        ports |= {int(row.split()[1].rsplit(":", 1)[1], 16) for row in rows if row.split()[3] == "0A"}
    return ports


def milliseconds(since):
    return (time.perf_counter() - since) * 1e3


def measure(folder, cells):
    kernel = Kernel(folder)
    figures = {}
    try:
        reply = kernel.first_cell()
        figures["first cell, ms"] = milliseconds(kernel.started)
        assert reply["status"] == "ok", reply
        figures["memory, MiB"] = sum(p.memory_info().rss for p in kernel.family()) / 2**20
        kernel.listen()
        kernel.run(kernel.cells["keep"])

        spent = []
        for i in range(cells + 20):
            start = time.perf_counter()
            ident = kernel.execute(kernel.cells["trivial"])
            kernel.idle(ident)
            kernel.reply("shell", ident)
            if i >= 20:
                spent.append(milliseconds(start))
        spent.sort()
        figures["trivial cell p50, ms"] = spent[len(spent) // 2]
        figures["trivial cell p99, ms"] = spent[len(spent) * 99 // 100]

        start = time.perf_counter()
        _, text, count = kernel.run(kernel.cells["prints"])
        figures["10,000 prints, ms"] = milliseconds(start)
        figures["10,000 prints, messages"] = count
        figures["10,000 prints, lines lost"] = 0 if text == LINES else 10000 - len(set(text.split()))

        ident = kernel.execute(kernel.cells["loop"])
        time.sleep(0.5)
        start = time.perf_counter()
        asked = kernel.send("control", "kernel_info_request", {})
        kernel.reply("control", asked)
        figures["control while busy, ms"] = milliseconds(start)
        start = time.perf_counter()
        kernel.interrupt()
        kernel.idle(ident, 10)
        figures["interrupt, ms"] = milliseconds(start)
        kernel.reply("shell", ident)
        before = kernel.processor_seconds()
        time.sleep(1)
        figures["core share after it, %"] = (kernel.processor_seconds() - before) * 100
        figures["variables lost by it"] = 0 if kernel.run(kernel.cells["kept"])[1].strip() == "42" else 1

        start = time.perf_counter()
        kernel.send("control", "shutdown_request", {"restart": False})
        kernel.process.wait(PATIENCE)
        figures["shutdown, ms"] = milliseconds(start)
    except (AssertionError, RuntimeError, subprocess.TimeoutExpired, psutil.Error) as error:
        figures["failed"] = str(error)
    finally:
        kernel.close()
    return figures


def main():
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--netsplit", required=True, help="the folder of our kernelspec")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--json", help="write all figures of all rounds to this file")
    options = parser.parse_args()
    kernels = pathlib.Path(sys.prefix, "share", "jupyter", "kernels")
    folders = {"netsplit": options.netsplit, "ipykernel": kernels / "python3", "xeus-python": kernels / "xpython"}
    rounds = {name: [] for name in folders}
    for number in range(options.rounds):
        for name, folder in folders.items():
            print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
            rounds[name].append(measure(folder, options.cells))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rounds, indent=1))

    def median(name, figure):
        values = [r[figure] for r in rounds[name] if figure in r]
        return statistics.median(values) if values else None

    figures = list(dict.fromkeys(figure for name in rounds for r in rounds[name] for figure in r if figure != "failed"))
    width = max(map(len, figures))
    print(" " * width, *(f"{name:>12}" for name in folders))
    for figure in figures:
        row = [median(name, figure) for name in folders]
        print(figure.ljust(width), *("           -" if value is None else f"{value:12.2f}" if value < 100 else f"{value:12.0f}" for value in row))
    for name in rounds:
        for number, r in enumerate(rounds[name], 1):
            if "failed" in r:
                print(f"round {number}, {name}: {r['failed']}")

    ours = lambda figure: median("netsplit", figure)
    peers = lambda figure: min((value for name in ("ipykernel", "xeus-python") if (value := median(name, figure)) is not None), default=None)
    targets = [
        ("first cell", ours("first cell, ms"), 100, "ms"),
        ("trivial cell p50", ours("trivial cell p50, ms"), peers("trivial cell p50, ms"), "ms, the faster peer's"),
        ("10,000 prints", ours("10,000 prints, ms"), median("ipykernel", "10,000 prints, ms"), "ms, ipykernel's"),
        ("messages of 10,000 prints", ours("10,000 prints, messages"), 20, ""),
        ("lines lost", ours("10,000 prints, lines lost"), 0, ""),
        ("interrupt", ours("interrupt, ms"), 200, "ms"),
        ("variables lost by an interrupt", ours("variables lost by it"), 0, ""),
        ("control while busy", ours("control while busy, ms"), 50, "ms"),
    ]
    print()
    missed = 0
    for what, value, limit, unit in targets:
        holds = value is not None and (limit is None or value <= limit)
        missed += not holds
        shown = "-" if value is None else f"{value:.2f}"
        print(f"{'holds ' if holds else 'MISSED'}  {what}: {shown}, target at most {'-' if limit is None else f'{limit:.2f}'} {unit}".rstrip())
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
