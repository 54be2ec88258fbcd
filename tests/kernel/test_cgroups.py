"""Cgroup paths as containerd, CRI-O, Docker, Podman, kind and k3s make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.kernel.cgroups import NAMES_NOTHING, CgroupNames, cgroup_path, parse
from pausetui.kernel.processes import chosen_cgroup
from pausetui.text import harmless

ID = "b08be0f4a5536647b2ec2c5c8bd03d928ca897b483528848e716ce80ed37ec69"
OUTER = "7eb263389e5eea068ad3d0c208ea4dd02ba86fa0b2ebd44f63adc391351fba6d"
PODMAN_POD = "71b289d2028f1c5a5557efaee6f352615311e199997f0ec2fa5b579876eb9e07"
UID = "a0178de9-9963-4c21-a277-14564e7abd2b"
STATIC = "3ca9f2c09dfd5ba0b1d1f4d08bfc6f3e"
DASHED = UID.replace("-", "_")
BURSTABLE = f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{DASHED}.slice"
GUARANTEED = f"/kubepods.slice/kubepods-pod{DASHED}.slice"
USER = "/user.slice/user-1000.slice/user@1000.service/user.slice"
KIND = "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice"


def names(
    uid: str | None,
    runtime: str | None,
    container: str | None = ID,
    *,
    monitor: bool = False,
    pod: str | None = None,
) -> CgroupNames:
    return CgroupNames(uid, container, runtime, monitor, pod)


SHAPES = {
    "containerd, cgroupfs, burstable": (f"/kubepods/burstable/pod{UID}/{ID}", names(UID, None)),
    "containerd, cgroupfs, guaranteed": (f"/kubepods/pod{UID}/{ID}", names(UID, None)),
    "containerd, systemd, burstable": (f"{BURSTABLE}/cri-containerd-{ID}.scope", names(UID, "containerd")),
    "containerd, systemd, guaranteed": (f"{GUARANTEED}/cri-containerd-{ID}.scope", names(UID, "containerd")),
    "containerd, systemd path given to cgroupfs": (
        f"/system.slice/containerd.service/kubepods-burstable-pod{DASHED}.slice:cri-containerd:{ID}",
        names(UID, "containerd"),
    ),
    "k3s, the same without the service": (
        f"/kubepods-besteffort-pod{DASHED}.slice:cri-containerd:{ID}",
        names(UID, "containerd"),
    ),
    "k3s, cgroupfs": (f"/kubepods/besteffort/pod{UID}/{ID}", names(UID, None)),
    "static pod, systemd": (
        f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{STATIC}.slice/cri-containerd-{ID}.scope",
        names(STATIC, "containerd"),
    ),
    "static pod, cgroupfs": (f"/kubepods/burstable/pod{STATIC}/{ID}", names(STATIC, None)),
    "CRI-O, systemd": (f"{BURSTABLE}/crio-{ID}.scope", names(UID, "cri-o")),
    "CRI-O, systemd, crun's inner cgroup": (f"{BURSTABLE}/crio-{ID}.scope/container", names(UID, "cri-o")),
    "CRI-O, cgroupfs": (f"/kubepods/burstable/pod{UID}/crio-{ID}", names(UID, "cri-o")),
    "CRI-O's monitor in the pod": (f"{BURSTABLE}/crio-conmon-{ID}.scope", names(UID, "cri-o", monitor=True)),
    "CRI-O's monitor beside it": (f"/system.slice/crio-conmon-{ID}.scope", names(None, "cri-o", monitor=True)),
    "cri-dockerd, systemd": (f"{BURSTABLE}/docker-{ID}.scope", names(UID, "docker")),
    "Docker, cgroupfs": (f"/docker/{ID}", names(None, "docker")),
    "Docker, systemd": (f"/system.slice/docker-{ID}.scope", names(None, "docker")),
    "Docker, rootless": (f"{USER}/docker-{ID}.scope", names(None, "docker")),
    "Docker, a parent of the user's": (f"/builds/{ID}", names(None, None)),
    "Docker, systemd inside of it": (
        f"/system.slice/docker-{ID}.scope/system.slice/nginx.service",
        names(None, "docker"),
    ),
    "nerdctl, systemd": (f"/system.slice/nerdctl-{ID}.scope", names(None, "containerd")),
    "Podman, systemd": (f"/machine.slice/libpod-{ID}.scope/container", names(None, "podman")),
    "Podman, rootless": (f"{USER}/libpod-{ID}.scope/container", names(None, "podman")),
    "Podman, cgroupfs": (f"/libpod_parent/libpod-{ID}", names(None, "podman")),
    "Podman, quadlet": (f"/system.slice/web.service/libpod-payload-{ID}", names(None, "podman")),
    "Podman's monitor": (f"/machine.slice/libpod-conmon-{ID}.scope", names(None, "podman", monitor=True)),
    "Podman's pod, systemd": (
        f"/machine.slice/machine-libpod_pod_{PODMAN_POD}.slice/libpod-{ID}.scope/container",
        names(None, "podman", pod=PODMAN_POD),
    ),
    "Podman's pod, rootless": (
        f"{USER}/user-libpod_pod_{PODMAN_POD}.slice/libpod-{ID}.scope",
        names(None, "podman", pod=PODMAN_POD),
    ),
    "Podman's pod, cgroupfs": (
        f"/libpod_parent/{PODMAN_POD}/libpod-{ID}",
        names(None, "podman", pod=PODMAN_POD),
    ),
    "Podman's pod, its monitor, cgroupfs": (
        f"/libpod_parent/{PODMAN_POD}/conmon",
        names(None, "podman", None, monitor=True, pod=PODMAN_POD),
    ),
    "kind, inside the node": (
        f"{KIND}/kubelet-kubepods-besteffort-pod{DASHED}.slice/cri-containerd-{ID}.scope",
        names(UID, "containerd"),
    ),
    "kind, from the host, systemd": (
        f"/system.slice/docker-{OUTER}.scope{KIND}/kubelet-kubepods-besteffort-pod{DASHED}.slice"
        f"/cri-containerd-{ID}.scope",
        names(UID, "containerd"),
    ),
    "kind, from the host, cgroupfs": (
        f"/docker/{OUTER}/kubelet/kubepods/besteffort/pod{UID}/{ID}",
        names(UID, None),
    ),
    "another cgroup namespace, pod and container": (f"/../../pod{UID}/{ID}", names(UID, None)),
    "another cgroup namespace, pod of another class": (f"/../../../burstable/pod{UID}/{ID}", names(UID, None)),
    "another cgroup namespace, guaranteed": (f"/../../../pod{UID}/{ID}", names(UID, None)),
    "another cgroup namespace, container": (f"/../cri-containerd-{ID}.scope", names(None, "containerd")),
    "another cgroup namespace, container of the same pod": (f"/../{ID}", names(None, None)),
    "another cgroup namespace, systemd, pod of another class": (
        f"/../../../kubepods-burstable.slice/kubepods-burstable-pod{DASHED}.slice/cri-containerd-{ID}.scope",
        names(UID, "containerd"),
    ),
    "another cgroup namespace, systemd, guaranteed": (
        f"/../../../kubepods-pod{DASHED}.slice/crio-{ID}.scope",
        names(UID, "cri-o"),
    ),
    "another cgroup namespace, from a service": (
        f"/../../kubepods.slice/kubepods-pod{DASHED}.slice/cri-containerd-{ID}.scope",
        names(UID, "containerd"),
    ),
    "another cgroup namespace, static pod": (f"/../../../burstable/pod{STATIC}/{ID}", names(STATIC, None)),
    "another cgroup namespace, k8s.io": (f"/../../k8s.io/{ID}", names(None, None)),
    "the pod itself": (f"/kubepods/burstable/pod{UID}", names(UID, None, None)),
    "no container": ("/user.slice/user-0.slice/session-3.scope", NAMES_NOTHING),
    "the root": ("/", NAMES_NOTHING),
    "nothing": ("", NAMES_NOTHING),
}


@pytest.mark.parametrize(("path", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_a_path_names_what_its_runtime_put_there(path: str, expected: CgroupNames) -> None:
    assert parse(path) == expected


def test_a_container_inside_a_pod_is_not_one_of_the_pods_own() -> None:
    assert parse(f"/kubepods/burstable/pod{UID}/{OUTER}/docker/{ID}") == names(None, "docker")


def test_an_id_that_is_too_short_or_too_long_is_none() -> None:
    assert parse(f"/docker/{ID[:-1]}") == NAMES_NOTHING
    assert parse(f"/docker/{ID}0") == NAMES_NOTHING


V1 = f"12:pids:/docker/{ID}\n5:cpu,cpuacct:/docker/{ID}\n1:name=systemd:/docker/{ID}\n"


def test_v2_has_one_line() -> None:
    assert cgroup_path(f"0::{BURSTABLE}/crio-{ID}.scope\n") == f"{BURSTABLE}/crio-{ID}.scope"


def test_v1_is_read_from_systemds_hierarchy() -> None:
    assert cgroup_path("3:memory:/a\n2:pids:/b\n1:name=systemd:/c\n") == "/c"


def test_v1_without_systemd_is_read_from_pids_then_memory() -> None:
    assert cgroup_path("9:cpuset:/other\n3:memory:/a\n2:pids:/b\n") == "/b"
    assert cgroup_path("9:cpuset:/other\n3:memory:/a\n") == "/a"


def test_hybrid_with_an_empty_v2_is_read_from_v1() -> None:
    assert cgroup_path(V1 + "0::/\n") == f"/docker/{ID}"


def test_hybrid_where_v2_names_only_the_runtimes_service_is_read_from_v1() -> None:
    assert cgroup_path(V1 + "0::/system.slice/containerd.service\n") == f"/docker/{ID}"


def test_hybrid_where_v2_names_the_container_is_read_from_v2() -> None:
    assert cgroup_path(f"1:name=systemd:/\n0::/docker/{ID}\n") == f"/docker/{ID}"


def test_a_hierarchy_that_nobody_prefers_is_better_than_the_root() -> None:
    assert cgroup_path("4:freezer:/vm/7\n1:name=systemd:/\n0::/\n") == "/vm/7"


def test_the_root_seen_from_another_cgroup_namespace_is_the_root() -> None:
    assert cgroup_path(f"1:name=systemd:/../../pod{UID}/{ID}\n0::/../..\n") == f"/../../pod{UID}/{ID}"
    assert cgroup_path("4:freezer:/../vm/7\n1:name=systemd:/..\n0::/../..\n") == "/../vm/7"
    assert cgroup_path("0::/../..\n") == "/"


def test_colons_belong_to_the_path() -> None:
    path = f"/kubepods-pod{DASHED}.slice:cri-containerd:{ID}"
    assert cgroup_path(f"0::{path}\n") == path


def test_a_removed_cgroup_still_has_its_name() -> None:
    assert cgroup_path(f"0::/docker/{ID} (deleted)\n") == f"/docker/{ID}"


def test_no_line_is_no_path() -> None:
    assert cgroup_path("") is None
    assert cgroup_path("nonsense\n0:no-path\n") is None


def test_escape_codes_in_a_path_are_made_visible() -> None:
    assert cgroup_path("0::/evil\x1b[2J\n") == "/evil\\x1b[2J"


@pytest.mark.parametrize(
    "text",
    [
        V1,
        V1 + "0::/\n",
        V1 + "0::/system.slice/containerd.service\n",
        f"1:name=systemd:/\n0::/docker/{ID}\n",
        "0::/system.slice/nginx.service\n",
        "0::/\n",
        "0::/../..\n",
        f"12:pids:/../../pod{UID}/{ID}\n1:name=systemd:/../../pod{UID}/{ID}\n0::/../..\n",
        "4:memory:/../../vm\n1:name=systemd:/..\n0::/\n",
        *(f"0::{path}\n" for path, _ in SHAPES.values() if path),
    ],
)
def test_the_quick_reader_of_a_look_chooses_the_same(text: str) -> None:
    assert chosen_cgroup(text.encode()) == cgroup_path(text)


@given(st.text())
def test_any_text_can_be_parsed(text: str) -> None:
    found = parse(text)
    assert found.container_id is None or found.container_id in text


@given(st.text())
def test_any_text_has_a_harmless_path_or_none(text: str) -> None:
    path = cgroup_path(text)
    assert path is None or path == harmless(path, 4096)


@given(
    st.sampled_from([shape for shape, _ in SHAPES.values() if shape]),
    st.lists(st.sampled_from(["12:cpuset", "5:cpu,cpuacct", "3:memory", "2:pids", "1:name=systemd"]), unique=True),
)
def test_every_shape_is_found_in_every_hierarchy(path: str, hierarchies: list[str]) -> None:
    text = "".join(f"{hierarchy}:{path}\n" for hierarchy in hierarchies) + f"0::{'/' if hierarchies else path}\n"
    assert cgroup_path(text) == path
