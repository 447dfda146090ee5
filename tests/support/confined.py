"""What a file might have a process of ours try; each returns the name of what it was answered with, or what it got."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path


def answered(function, *args):
    """Call something and return the name of the error that the system answers with, or `done`."""
    try:
        function(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def connect(port):
    def connected():
        socket.create_connection(("127.0.0.1", port)).close()

    return answered(connected)


def open_socket(family, kind):
    return answered(socket.socket, family, kind)


def pair():
    return answered(socket.socketpair)


def start_program():
    return answered(subprocess.run, [sys.executable, "-c", ""])


def fork():
    return answered(os.fork)


def begin_thread():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return "done"


def signal_to(process):
    return answered(os.kill, process, 0)


def signal_itself():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    return answered(os.kill, os.getpid(), signal.SIGUSR1)


def system_call(number, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    return "done" if libc.syscall(number, *args) >= 0 else errno.errorcode[ctypes.get_errno()]


def read(path):
    return answered(Path(path).read_bytes)


def write(path):
    return answered(Path(path).write_bytes, b"x" * 5000)


def take(size):
    return len(bytearray(size))


def limits():
    return {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")}


def loosen(what):
    try:
        resource.setrlimit(getattr(resource, what), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError) as error:
        return type(error).__name__
    return "done"


def environment():
    return dict(os.environ), Path("/proc/self/environ").read_bytes()


class Impostor:
    """What it is read as is a call in the process that reads it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def hand_back(path):
    return Impostor(Path(path))


def decode(path):
    """Decode a picture without the limits that the library puts before it."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as image:
        return image.convert("RGB").size


def retire():
    from provenance.batch.executors import worker

    worker.retire("it was asked to")
    return os.getpid()


prepared = []


def remember(fails):
    if fails:
        raise ValueError("it cannot be prepared")
    prepared.append("ready")


def recall():
    return prepared


def load(path):
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("long", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return len(module.text)


def begin_and_hang(path):
    """Begin a program that runs for long, tell its number, and hang."""
    process = subprocess.Popen(["sleep", "60"])
    Path(path).write_text(str(process.pid))
    process.wait()


def privileges():
    lines = Path("/proc/self/status").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1], 16) for line in lines if line.startswith(("CapPrm", "CapEff"))}
