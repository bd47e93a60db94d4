# SPDX-License-Identifier: MIT
"""Run a command whose netlink sockets the kernel refuses (seccomp, as a sandbox would):  no_netlink.py COMMAND ..."""
import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
AF_NETLINK, EPERM = 16, 1
SOCKET = {"x86_64": 41, "aarch64": 198, "riscv64": 198}  # numbers of socket(2)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # <linux/bpf_common.h>
ALLOW, ERRNO = 0x7FFF0000, 0x00050000  # <linux/seccomp.h>


def step(code, jump_true, jump_false, k):
    return struct.pack("=HBBI", code, jump_true, jump_false, k)


number = SOCKET.get(os.uname().machine)
if number is None:
    sys.exit(77)
# struct seccomp_data: the number first, the arguments from byte 16 on
program = b"".join(
    (
        step(LOAD, 0, 0, 0),
        step(EQUAL, 0, 3, number),
        step(LOAD, 0, 0, 16),
        step(EQUAL, 0, 1, AF_NETLINK),
        step(RETURN, 0, 0, ERRNO | EPERM),
        step(RETURN, 0, 0, ALLOW),
    )
)
steps = ctypes.create_string_buffer(program, len(program))
fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
    sys.exit(77)
if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.create_string_buffer(fprog, len(fprog)), 0, 0) != 0:
    sys.exit(77)
os.execvp(sys.argv[1], sys.argv[1:])
