"""The bind mounts of namespaces in a mountinfo file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pausetui.kernel.mounts import NamespaceMount, namespace_mounts

ROOT = b"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
PIN = b"101 22 0:4 net:[4026532177] /run/netns/cni-1 rw shared:8 - nsfs nsfs rw\n"


def test_a_pin_is_found_with_or_without_optional_fields() -> None:
    bare = PIN.replace(b" shared:8", b"")
    expected = [NamespaceMount(101, b"net:[4026532177]", b"/run/netns/cni-1", True)]
    assert namespace_mounts(ROOT + PIN) == namespace_mounts(ROOT + bare) == expected


def test_escapes_in_a_path_are_undone() -> None:
    (mount,) = namespace_mounts(PIN.replace(b"cni-1", b"a\\040b\\011c\\012d\\134e"))
    assert mount.path == b"/run/netns/a b\tc\nd\\e"


def test_a_pin_below_a_file_system_that_may_hang_is_not_safe() -> None:
    for kind in (b"nfs4", b"fuse.sshfs", b"autofs", b"9p"):
        other = b"50 22 0:9 / /run rw - " + kind + b" somewhere rw\n"
        assert [mount.safe for mount in namespace_mounts(ROOT + other + PIN)] == [False]


def test_one_that_may_hang_elsewhere_does_not_matter() -> None:
    other = b"50 22 0:9 / /run/netns/cni rw - nfs4 somewhere rw\n"
    assert [mount.safe for mount in namespace_mounts(ROOT + other + PIN)] == [True]


def test_a_file_system_that_only_calls_itself_nsfs_in_its_options_is_none() -> None:
    assert namespace_mounts(b"50 22 0:9 / /a rw - tmpfs - nsfs rw\n") == []


@given(st.lists(st.sampled_from([ROOT, PIN, b"\n", b"x - nsfs \n", b" - nsfs - nsfs \n"])), st.binary(max_size=60))
def test_broken_lines_are_passed_over(lines: list[bytes], junk: bytes) -> None:
    junk = junk.replace(b"\n", b"")
    found = namespace_mounts(b"".join([*lines, junk, b"\n"]))
    assert [mount.mount_id for mount in found].count(101) >= lines.count(PIN)
