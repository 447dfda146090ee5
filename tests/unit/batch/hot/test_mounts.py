"""Where nothing tells of changes."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from provenance.batch.hot.mounts import _SILENT, types

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:30 / /srv/share rw,relatime shared:2 master:1 - nfs4 server:/share rw,vers=4.2
24 23 0:31 / /srv/share/usb rw - vfat /dev/sdb1 rw
25 22 0:32 / /srv/with\040space rw - fuse.sshfs somebody@there rw
26 22 8:2 / /data rw - xfs /dev/sdc rw
27 26 0:40 / /data rw - cifs //server/data rw
28 22 8:3 / /local rw - btrfs /dev/sdd rw
29 28 0:41 / /local/in/deep rw - 9p host rw
a line that nobody understands
"""
PLACES = {
    "/": ["ext4", "nfs4", "vfat", "fuse.sshfs", "xfs", "cifs", "btrfs", "9p"],
    "/srv/share/in": ["nfs4"],
    "/srv/shared": ["ext4"],
    "/srv/share/usb": ["vfat"],
    "/srv/with space/in": ["fuse.sshfs"],
    "/data/in": ["cifs"],
    "/local/in": ["btrfs", "9p"],
}


@pytest.mark.parametrize(("folder", "expected"), PLACES.items())
def test_the_type_of_a_folder_and_of_what_is_mounted_below(folder, expected):
    assert types(MOUNTS, PurePosixPath(folder)) == expected


KINDS = {
    "ext4": False, "xfs": False, "btrfs": False, "tmpfs": False, "overlay": False, "zfs": False, "vfat": False,
    "nfs": True, "nfs4": True, "cifs": True, "smb3": True, "fuse": True, "fuse.sshfs": True, "fuseblk": True,
    "9p": True, "vboxsf": True, "virtiofs": True, "ceph": True,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "silent"), KINDS.items())
def test_which_file_systems_are_silent(kind, silent):
    assert bool(_SILENT.match(kind)) is silent
