"""The allocator is tuned where glibc is, and only by the command."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is no glibc to tell")
def test_glibc_takes_the_setting():
    code = "from provenance.workspace.process import keep_buffers; print(keep_buffers())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"


def test_the_library_does_not_touch_it():
    code = "import provenance, sys; provenance.Workspace; print('provenance.workspace.process' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
