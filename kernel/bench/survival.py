"""The comparing half of kernel/bench -survival; main.go says what is done and how to start it."""

import argparse
import json
import os
import pathlib
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
import uuid

import psutil
import zmq

from bench import CELLS, LINES, Kernel, milliseconds

ANSWER = 10  # seconds, within which a cell that dies must be answered
SERVED = 1  # second, within which another client must be served

HOSTILE = {
    "python": {
        "exit": "import os\nprint('in', flush=True)\nos._exit(3)",
        "kill": "import os\nprint('in', flush=True)\nos.kill(os.getpid(), 9)",
        "crash": "import ctypes\nprint('in', flush=True)\nctypes.string_at(0)",
        "thread": "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
        "recursion": "def f():\n    return f() + 1\nf()",
        "descriptors": "import os\nfor fd in 0, 1, 2:\n    os.close(fd)",
        "streams": "import sys\nsys.stdout.close()\nsys.stderr.close()",
        "print": "print('seen')",
        "loop": "while True:\n    pass",
        "sleep": "import time\ntime.sleep(3600)",
        "caught": "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass",
        "call": "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\ns.accept()",
        "compiled": "sum(range(10**15))",
        "deadlock": "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "much": "line = 'x' * 99_999\nfor i in range(2000):\n    print(line)",
        "lines": "for i in range(1000):\n    print(i)",
        "error": "raise ValueError",
        "comment": "# ",
    },
    "go": {
        "exit": 'import ("fmt"; "os")\nfmt.Println("in")\nos.Exit(3)',
        "kill": 'import ("fmt"; "os"; "syscall")\nfmt.Println("in")\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}',
        "crash": 'import "fmt"\nfmt.Println("in")\nm := map[int]int{}\nfor range 8 {\n\tgo func() {\n\t\tfor {\n\t\t\tm[1]++\n\t\t}\n\t}()\n}\nfor {\n\tm[2]++\n}',
        "thread": "go func() {\n\tpanic(1)\n}()",
        "recursion": "func f() int { return f() + 1 }\nf()",
        "descriptors": 'import "syscall"\nfor fd := range 3 {\n\tsyscall.Close(fd)\n}',
        "streams": 'import "os"\nos.Stdout.Close()\nos.Stderr.Close()',
        "print": 'import "fmt"\nfmt.Println("seen")',
        "loop": "for {\n}",
        "sleep": 'import "time"\ntime.Sleep(time.Hour)',
        "caught": "func try() {\n\tdefer func() { recover() }()\n\tfor {\n\t}\n}\nfor {\n\ttry()\n}",
        "call": 'import "net"\nl, _ := net.Listen("tcp", "127.0.0.1:0")\nl.Accept()',
        "compiled": 'import ("math/big"; "fmt")\none := big.NewInt(1)\nm := new(big.Int).Lsh(one, 20_000)\nm.Sub(m, one)\nfmt.Println(new(big.Int).Exp(big.NewInt(3), new(big.Int).Lsh(one, 1<<23), m).BitLen())',
        "deadlock": 'import "sync"\nvar lock sync.Mutex\nlock.Lock()\nlock.Lock()',
        "much": 'import ("fmt"; "strings")\nline := strings.Repeat("x", 99_999)\nfor range 2000 {\n\tfmt.Println(line)\n}',
        "lines": 'import "fmt"\nfor i := range 1000 {\n\tfmt.Println(i)\n}',
        "error": 'panic("on purpose")',
        "comment": "// ",
    },
}


class Wrong(Exception):
    """What a kernel did not do."""


def demand(holds, what):
    if not holds:
        raise Wrong(what)


class Client(Kernel):
    """One more client of a kernel that runs."""

    def __init__(self, kernel):
        self.folder, self.cells, self.key, self.ports, self.process = kernel.folder, kernel.cells, kernel.key, kernel.ports, kernel.process
        self.session, self.context, self.sockets = uuid.uuid4().hex, zmq.Context(), {}
        self.connect()

    def close(self):
        self.context.destroy(linger=0)


def hostile(kernel, name):
    return HOSTILE[kernel.spec["language"]][name]


# ---- Peers: bytes on a port, below every message.

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)


def ready(kind, identity=b""):
    body = b"\x05READY"
    for name, value in (b"Socket-Type", kind), (b"Identity", identity):
        body += bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
    return b"\x04" + bytes([len(body)]) + body


def dial(kernel, channel, data=b""):
    s = socket.create_connection(("127.0.0.1", kernel.ports[channel]), timeout=10)
    if data:
        s.sendall(data)
    return s


def dealer(kernel, channel="shell", identity=b""):
    """A connection behind its handshake."""
    s = dial(kernel, channel, GREETING + ready(b"DEALER", identity))
    got = b""
    while len(got) < 66 or len(got) < 66 + got[65]:
        more = s.recv(4096)
        demand(more, "the handshake was refused")
        got += more
    return s


def feed(s, data):
    """Sends while the other side takes it: being cut off is an answer, too."""
    try:
        s.settimeout(20)
        s.sendall(data)
    except OSError:
        pass


def peers_not_zeromq(kernel):
    noise = os.urandom(1 << 16)
    for channel in kernel.ports:
        for data in (
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            bytes.fromhex("16030100c8010000c40303") + noise[:190],
            noise,
            b"\xff" + bytes(8) + b"\x7f\x01\x05",
            GREETING[:12] + b"PLAIN".ljust(20, b"\0") + bytes(32),
            GREETING + ready(b"NOTHING"),
            GREETING + ready(b"DEALER")[:9],
            GREETING + b"\x04\xff\x05READY" + b"\xff" * 248,
        ):
            feed(dial(kernel, channel), data)


def peers_silent(kernel):
    held = [dial(kernel, channel) for channel in kernel.ports]
    held += [dial(kernel, "shell") for _ in range(200)]
    held += [dial(kernel, channel, GREETING[:n]) for channel in kernel.ports for n in (1, 10, 63)]
    served(kernel, "beside them")
    return held


def peers_half_open(kernel):
    for n in range(50):
        s = dealer(kernel)
        s.sendall(b"\x01\x09<IDS|MSG>\x01\x40abc")
        if n % 2:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        s.close()
    for n in range(200):
        dial(kernel, "iopub", GREETING[:n % 65]).close()


def peers_announce(kernel):
    """Frames of 2^62 and 4 GiB, and fifty of 60 MiB, of which some bytes come."""
    held = []
    for size in [1 << 62, 1 << 32] + [60 << 20] * 50:
        s = dealer(kernel)
        feed(s, b"\x02" + struct.pack(">Q", size) + bytes(1000))
        held.append(s)
    served(kernel, "beside them")
    return held


def peers_endless_more(kernel):
    s = dealer(kernel)
    for _ in range(100):
        feed(s, b"\x01\x01x" * 20_000)
    served(kernel, "beside them")
    return [s]


def raw(frames):
    """A message as it stands on the wire."""
    data = b""
    for i, frame in enumerate(frames):
        more = i + 1 < len(frames)
        data += bytes([more | 2]) + struct.pack(">Q", len(frame)) + frame
    return data


def peers_deaf(kernel):
    """3,000 requests with replies of some size, and nobody reads them."""
    s = dealer(kernel)
    s.settimeout(0.5)  # a kernel that takes no more of them holds us up, and nobody else
    try:
        for _ in range(3000):
            frames = message(kernel, "kernel_info_request", {})
            s.sendall(raw([b"<IDS|MSG>", kernel.sign(frames), *frames]))
    except OSError:
        pass
    started = time.perf_counter()
    served(kernel, "beside it", 10)
    spent = milliseconds(started)
    s.close()
    return f"others after {spent:.0f} ms"


def peers_flood(kernel):
    asked = [kernel.send("shell", "kernel_info_request", {}) for _ in range(5000)]
    replies = []
    while len(replies) < len(asked) and (m := kernel.receive("shell", 10)):
        replies.append(m[1])
    demand(len(replies) == len(asked), f"{len(asked) - len(replies)} of 5,000 were not answered")
    demand(replies == asked, "not in their order")


def peers_come_and_go(kernel):
    for _ in range(300):
        with dealer(kernel):
            pass


def peers_same_identity(kernel):
    first = dealer(kernel, identity=b"twin")
    second = dealer(kernel, identity=b"twin")
    for s in first, second:
        feed(s, b"\x00\x01x")
    return [first, second]


def peers_vanish(kernel):
    """The client of a running cell goes away; the cell runs on, and its output reaches others."""
    client = Client(kernel)
    client.listen()
    ident = client.execute(hostile(kernel, "lines"))
    client.close()
    demand(kernel.idle(ident, 20)[0], "the output did not reach the others")


# ---- Messages: frames that arrive whole.


def quiet(kernel, send):
    """What is sent must not be answered at all."""
    while kernel.receive("shell", 0):
        pass
    send()
    message = kernel.receive("shell", 0.3)
    demand(message is None, f"it was answered: {message and message[0]}")


def message(kernel, kind, content, **header):
    header = {"msg_id": uuid.uuid4().hex, "session": kernel.session, "username": "x", "date": "2026-01-01T00:00:00Z", "msg_type": kind, "version": "5.3", **header}
    return [json.dumps(part).encode() for part in (header, {}, {})] + [content if isinstance(content, bytes) else json.dumps(content).encode()]


def send_signed(kernel, frames, channel="shell"):
    kernel.sockets[channel].send_multipart([b"<IDS|MSG>", kernel.sign(frames), *frames])


def messages_wrong_signature(kernel):
    for signature in b"0" * 64, b"", b"ab", b"z" * 64:
        quiet(kernel, lambda: kernel.sockets["shell"].send_multipart([b"<IDS|MSG>", signature, *message(kernel, "kernel_info_request", {})]))


def messages_replayed(kernel):
    frames = message(kernel, "execute_request", {"code": kernel.cells["trivial"], "silent": False})
    send_signed(kernel, frames)
    kernel.reply("shell", json.loads(frames[0])["msg_id"])
    quiet(kernel, lambda: send_signed(kernel, frames))


def messages_torn(kernel):
    frames = message(kernel, "kernel_info_request", {})
    many = [b"x"] * 10_000
    for torn in ([b"x"], [b"<IDS|MSG>"], [b""], [b"<IDS|MSG>", kernel.sign(frames), *frames[:2]], many):
        quiet(kernel, lambda: kernel.sockets["shell"].send_multipart(torn))


def messages_bad_header(kernel):
    whole = message(kernel, "kernel_info_request", {})
    for header in b"{", b"[1,2]", b"null", b"\xff\xfe", b"{}", b'{"msg_type": 7, "msg_id": []}':
        quiet(kernel, lambda: send_signed(kernel, [header, *whole[1:]]))


def answered(kernel, frames, patience=SERVED * 5):
    ident = json.loads(frames[0])["msg_id"]
    send_signed(kernel, frames)
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        m = kernel.receive("shell", 0.1)
        if m and m[1] == ident:
            return m[2]
    raise Wrong("no reply")


def messages_bad_content(kernel):
    """A good header: the client waits for a reply."""
    for content in b"{", b"[1]", b"null", b"\xff", {}, {"code": 7}, {"code": None}, {"code": "1", "silent": "perhaps", "user_expressions": 3}:
        answered(kernel, message(kernel, "execute_request", content))


def messages_deep(kernel):
    answered(kernel, message(kernel, "execute_request", b'{"code": "", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"))


def messages_large(kernel):
    code = hostile(kernel, "comment") + "x" * (16 << 20)
    started = time.perf_counter()
    reply = answered(kernel, message(kernel, "execute_request", {"code": code, "silent": False}), 20)
    demand(reply.get("status") == "ok", "16 MiB of comment is no cell")
    return f"after {milliseconds(started):.0f} ms"


def messages_odd_text(kernel):
    for code in "\0", "\u2028", "\ufeff", "\U0001f600" * 1000:
        answered(kernel, message(kernel, "execute_request", {"code": code}))


def messages_unknown(kernel):
    for kind in "nonsense_request", "execute_reply", "", "x" * 10_000:
        send_signed(kernel, message(kernel, kind, {}))
        send_signed(kernel, message(kernel, kind, {}), "control")


def messages_cursors(kernel):
    for kind in "complete_request", "inspect_request":
        for code, at in ("ab", -5), ("ab", 99_999), ("\U0001f600x", 1), ("", 3), ("ab", None), ("ab", "1"):
            reply = answered(kernel, message(kernel, kind, {"code": code, "cursor_pos": at, "detail_level": 7}))
            demand(reply.get("status") in ("ok", "error"), "an odd reply")


def messages_queue(kernel):
    """1,000 cells at once, of which the tenth fails: each is answered, each is idle."""
    asked = [kernel.execute(kernel.cells["trivial"] if n != 9 else hostile(kernel, "error")) for n in range(1000)]
    states = []
    for ident in asked:
        m = kernel.receive("shell", 30)
        demand(m and m[1] == ident, "the replies are not complete and in order")
        states.append(m[2]["status"])
    demand(states[:10] == ["ok"] * 9 + ["error"], "wrong replies")
    for ident in asked:
        kernel.idle(ident, 30)
    return f"{states.count('aborted')} aborted"


def messages_shutdown(kernel):
    """shutdown_request right behind 1,000 prints: all of it arrives, twenty times."""
    for _ in range(20):
        other = type(kernel)(kernel.folder)
        try:
            other.first_cell()
            other.listen()
            ident = other.execute(hostile(kernel, "lines"))
            other.reply("shell", ident)
            other.send("control", "shutdown_request", {"restart": False})
            text, _ = other.idle(ident, 10)
            demand(text == LINES[: len(text)] and text.count("\n") == 1000, "output was lost")
            other.process.wait(10)
        finally:
            other.close()


# ---- Cells.


def cell_fails(kernel, name, says="in\n"):
    """A cell that must end as an error, soon, with what it printed."""
    started = time.perf_counter()
    ident = kernel.execute(hostile(kernel, name))
    reply = None
    while reply is None:
        m = kernel.receive("shell", 0.1)
        if m and m[1] == ident:
            reply = m[2]
        demand(kernel.process.poll() is None, "the kernel died")
        demand(time.perf_counter() - started < ANSWER, "no reply")
    text, _ = kernel.idle(ident, ANSWER)
    demand(reply["status"] == "error", "no error was reported")
    demand(says in text, "what it printed is lost")
    return f"{reply['ename']} after {milliseconds(started):.0f} ms"


def cell_exit(kernel):
    return cell_fails(kernel, "exit")


def cell_kill(kernel):
    return cell_fails(kernel, "kill")


def cell_crash(kernel):
    return cell_fails(kernel, "crash")


def cell_recursion(kernel):
    return cell_fails(kernel, "recursion", "")


def cell_deadlock(kernel):
    return cell_fails(kernel, "deadlock", "")


def cell_thread(kernel):
    kernel.run(hostile(kernel, "thread"))


def prints(kernel):
    demand(kernel.run(hostile(kernel, "print"))[1] == "seen\n", "later cells print nothing")


def cell_descriptors(kernel):
    kernel.run(hostile(kernel, "descriptors"))
    prints(kernel)


def cell_streams(kernel):
    kernel.run(hostile(kernel, "streams"))
    prints(kernel)


def interrupted(kernel, name):
    """Interrupts a cell, and asks for a variable of before."""
    kernel.run(kernel.cells["keep"])
    ident = kernel.execute(hostile(kernel, name))
    time.sleep(0.5)
    started = time.perf_counter()
    kernel.interrupt()
    try:
        kernel.idle(ident, ANSWER)
    except RuntimeError:
        raise Wrong("not to be stopped") from None
    spent = milliseconds(started)
    kernel.reply("shell", ident, ANSWER)
    kept = kernel.run(kernel.cells["kept"])[1] == "42\n"
    return f"{spent:.0f} ms, variables {'kept' if kept else 'lost'}"


def interrupt_loop(kernel):
    return interrupted(kernel, "loop")


def interrupt_sleep(kernel):
    return interrupted(kernel, "sleep")


def interrupt_caught(kernel):
    return interrupted(kernel, "caught")


def interrupt_call(kernel):
    return interrupted(kernel, "call")


def interrupt_compiled(kernel):
    return interrupted(kernel, "compiled")


def interrupt_idle(kernel):
    kernel.run(kernel.cells["keep"])
    for asked in [kernel.interrupt() for _ in range(100)]:
        if asked:  # by message: only the reply tells that it is over
            kernel.reply("control", asked)
    demand(kernel.run(kernel.cells["kept"])[1] == "42\n", "the next cell was hit")


def control_busy(kernel):
    """A hundred kernel_info on control, while a loop runs."""
    ident = kernel.execute(hostile(kernel, "loop"))
    time.sleep(0.5)
    spent = []
    for _ in range(100):
        started = time.perf_counter()
        kernel.reply("control", kernel.send("control", "kernel_info_request", {}))
        spent.append(milliseconds(started))
    kernel.interrupt()
    kernel.idle(ident, ANSWER)
    kernel.reply("shell", ident)
    spent.sort()
    return f"p50 {spent[50]:.1f} ms, worst {spent[-1]:.0f} ms"


def shutdown_busy(kernel):
    """Ends in an endless loop; a new process is what must not be needed."""
    other = type(kernel)(kernel.folder)
    try:
        other.first_cell()
        other.execute(hostile(kernel, "loop"))
        time.sleep(0.5)
        family = other.family()
        started = time.perf_counter()
        other.send("control", "shutdown_request", {"restart": False})
        try:
            other.process.wait(ANSWER)
        except Exception:
            raise Wrong("it does not end") from None
        spent = milliseconds(started)
        _, alive = psutil.wait_procs(family, timeout=1)
        demand(not alive, "processes are left")
        return f"gone after {spent:.0f} ms"
    finally:
        other.close()


def output_prints(kernel):
    kernel.run(kernel.cells["keep"])
    started = time.perf_counter()
    _, text, count = kernel.run(kernel.cells["prints"])
    spent = milliseconds(started)
    demand(text == LINES, f"{10_000 - len(set(text.split()))} lines lost")
    return f"{spent:.0f} ms, {count} messages"


def output_much(kernel):
    """200 MB, with a subscriber that never reads beside the one that does."""
    deaf = zmq.Context()
    s = deaf.socket(zmq.SUB)
    s.linger, s.rcvhwm, s.rcvbuf = 0, 1, 4096
    s.subscribe(b"")
    s.connect(f"tcp://127.0.0.1:{kernel.ports['iopub']}")
    time.sleep(0.3)
    try:
        before = memory(kernel)
        started = time.perf_counter()
        ident = kernel.execute(hostile(kernel, "much"))
        got, count, peak, last, looked = 0, 0, before, started, started
        while True:
            m = kernel.receive("iopub", 0.05)
            if time.perf_counter() - looked > 0.1:  # looking takes some milliseconds
                peak, looked = max(peak, memory(kernel)), time.perf_counter()
            if m is None:
                demand(time.perf_counter() - last < 30, f"no idle; {got / 1e6:.0f} MB came")
                continue
            last = time.perf_counter()
            if m[1] != ident:
                continue
            if m[0] == "stream":
                got += len(m[2]["text"])
                count += 1
            elif m[0] == "status" and m[2]["execution_state"] == "idle":
                break
        spent = time.perf_counter() - started
        kernel.reply("shell", ident)
        demand(got == 200_000_000, f"{got / 1e6:.1f} of 200 MB came")
        return f"{spent:.1f} s, {count} messages, at most +{peak - before:.0f} MiB"
    finally:
        deaf.destroy(linger=0)


# ---- The table.

ROWS = [
    ("Peers", None),
    ("HTTP, TLS, noise, old and torn handshakes, on five ports", peers_not_zeromq),
    ("200 silent connections, and half greetings", peers_silent),
    ("connections that end in mid-frame, with a reset, too", peers_half_open),
    ("frames announced with 2^62 bytes, 4 GiB, 50 of 60 MiB", peers_announce),
    ("a message of 2,000,000 frames that does not end", peers_endless_more),
    ("3,000 requests of a client that never reads", peers_deaf),
    ("5,000 requests at once", peers_flood),
    ("300 connections that come and go", peers_come_and_go),
    ("two connections with one identity", peers_same_identity),
    ("a client that leaves in mid-cell", peers_vanish),
    ("Messages", None),
    ("wrong signatures", messages_wrong_signature),
    ("a message a second time", messages_replayed),
    ("frames missing; 10,000 frames without delimiter", messages_torn),
    ("headers that are no JSON, no object, without id", messages_bad_header),
    ("contents that are no JSON, no object, of wrong types", messages_bad_content),
    ("JSON nested 100,000 deep", messages_deep),
    ("a cell of 16 MiB", messages_large),
    ("NUL, line separators, a byte order mark as cells", messages_odd_text),
    ("unknown kinds of requests, replies as requests", messages_unknown),
    ("cursors outside of the text, of wrong types", messages_cursors),
    ("1,000 cells at once, the tenth fails", messages_queue),
    ("shutdown right behind 1,000 prints, 20 times", messages_shutdown),
    ("Cells that die", None),
    ("os._exit(3); os.Exit(3)", cell_exit),
    ("kill -9 of the own process", cell_kill),
    ("a crash (null pointer in C; concurrent map writes)", cell_crash),
    ("recursion without end", cell_recursion),
    ("a lock taken twice", cell_deadlock),
    ("an exception in a thread; a panic in a goroutine", cell_thread),
    ("closing descriptors 0 to 2", cell_descriptors),
    ("closing stdout and stderr", cell_streams),
    ("Interrupt", None),
    ("of an endless loop", interrupt_loop),
    ("of a sleep", interrupt_sleep),
    ("of a loop that catches everything", interrupt_caught),
    ("of a call that waits for a connection", interrupt_call),
    ("of a computation in compiled code", interrupt_compiled),
    ("a hundred times while idle", interrupt_idle),
    ("Control", None),
    ("100 kernel_info during an endless loop", control_busy),
    ("shutdown in an endless loop", shutdown_busy),
    ("Output", None),
    ("10,000 prints", output_prints),
    ("200 MB, beside a subscriber that never reads", output_much),
]


def memory(kernel):
    total = 0
    for process in kernel.family():
        try:
            total += process.memory_info().rss
        except psutil.Error:
            pass  # it just ended
    return total / 2**20


def served(kernel, when, patience=SERVED):
    """A new client gets its answer."""
    client = Client(kernel)
    try:
        ident = client.send("shell", "kernel_info_request", {})
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            m = client.receive("shell", 0.1)
            if m and m[1] == ident:
                return
        raise Wrong(f"no answer to others {when}")
    finally:
        client.close()


def judge(folder, stimulus):
    """(survived, what was seen) of a fresh kernel."""
    kernel = Kernel(folder)
    held = None
    try:
        kernel.first_cell()
        kernel.listen()
        before = memory(kernel)
        seen = stimulus(kernel)
        if isinstance(seen, list):
            held, seen = seen, None
        time.sleep(0.2)
        demand(kernel.process.poll() is None, "the kernel died")
        served(kernel, "afterwards", SERVED * 3)
        reply, _, _ = kernel.run(kernel.cells["trivial"], ANSWER)
        demand(reply["status"] == "ok", "later cells fail")
        end = time.perf_counter() + SERVED * 3
        while (grown := memory(kernel) - before) > 64 and time.perf_counter() < end:
            time.sleep(0.2)
        if grown > 64:
            seen = f"{seen + ', ' if seen else ''}+{grown:.0f} MiB afterwards"
        return True, seen or "yes"
    except (Wrong, RuntimeError, OSError, ValueError, KeyError, psutil.Error) as error:
        what = str(error).removeprefix(f"{kernel.folder.name}: ")
        if kernel.process.poll() is not None and "process" not in what:
            what = "the kernel died"
        return False, what
    finally:
        for s in held or []:
            s.close()
        kernel.close()


def main():
    parser = argparse.ArgumentParser(prog="bench -survival")
    parser.add_argument("--netsplit", required=True, help="the folder of our kernelspec")
    parser.add_argument("--only", default="", help="rows that contain this text")
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    folders = {"netsplit": options.netsplit, "ipykernel": pathlib.Path(sys.prefix, "share", "jupyter", "kernels", "python3")}
    survived, tried = dict.fromkeys(folders, 0), 0
    rows = []
    for title, stimulus in ROWS:
        if stimulus is None or options.only not in title:
            rows.append((title,)) if stimulus is None and not options.only else None
            continue
        tried += 1
        row = [title]
        for name, folder in folders.items():
            good, seen = judge(folder, stimulus)
            survived[name] += good
            row.append(seen if good else f"NO: {seen}")
        rows.append(tuple(row))
        print(f"{title}: {' | '.join(row[1:])}", file=sys.stderr, flush=True)
    rows.append((f"survived, of {tried}", *(str(survived[name]) for name in folders)))
    if options.markdown:
        print("| | netsplit | ipykernel |\n|---|---|---|")
        for row in rows:
            print(f"| **{row[0]}** | | |" if len(row) == 1 else f"| {' | '.join(row)} |")
    else:
        width = [max(len(row[i]) for row in rows if len(row) > i) for i in range(3)]
        print("".ljust(width[0]), *(name.ljust(w) for name, w in zip(folders, width[1:])), sep="  ")
        for row in rows:
            print(f"\n{row[0]}" if len(row) == 1 else "  ".join(text.ljust(w) for text, w in zip(row, width)).rstrip())
    sys.exit(0 if survived["netsplit"] == tried else 1)


if __name__ == "__main__":
    main()
