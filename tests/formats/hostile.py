# SPDX-License-Identifier: MIT
"""Make a tree whose names and texts attack every format: hostile.py DIR"""
import os
import sys

NAMES = [
    b"::error file=x,line=1::forged", b"%0A::error::forged", "\u00a0::add-mask::x".encode(), b" ::warning::blank",
    b"##[error]forged", b"##[add-mask]y", b"##vso[task.complete]z", b"a]]>b", b"<script>alert(1)</script>",
    b"q\"'&amp;<!--", b"\xff\xfe", b"half\xc3", b"e\x1b[31m\x1b]0;t\x07", b"new\n::error::line", b"cr\r::error::x",
    b"tab\there", b"del\x7f", "c1\u009b31m".encode(), "bidi\u202etxt".encode(), "zero\u200bwidth\ufeff".encode(),
    "tag\U000e0041".encode(), "non\uffff\ufffe".encode(), "blank and ünïcödé ☃ 😀".encode(), b"-dash", b"a:b,c=d;e",
    b"[link](http://example.com)", b"~", b"back\\slash", b"%41%2e", b"p#f?q", b"x" * 200,
]
LINES = [
    b"Bogus\x1b[31m yes", b"::error::pwned x", b"::add-mask::ServerAliveInterval y", b"Bogus ##[add-mask]x y", b"x##[error]y z",
    b"  ::error file=x::blanks first", "Bogus\u202e yes".encode(), b"Bo\xffgus yes", b"Bo]]>gus<script>alert(1) yes",
    b"%0A::error::x y", b"[a](http://example.com) y", b"Bogus\r", b"tab\tin\tit", "😀😀 two".encode(),
]
CLIENT = ["Host 😀", "\tServerAliveInterval 60 😀😀 x", "ServerAliveCountMax\t3 ünï x", "Port 22 x  "]
LONG = b"Bogus" + b"A" * 100000 + b" yes\nPort 22 " + b"x " * 3000 + b"\n"


def put(top, name, text):
    path = os.path.join(os.fsencode(top), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text)


def main():
    top = sys.argv[1]
    for i, name in enumerate(NAMES):
        put(top, name + b"/sshd_config", LINES[i % len(LINES)] + b"\n")
    put(top, b"all/sshd_config", b"\n".join(LINES))
    put(top, b"client/.ssh/config", "\n".join(CLIENT).encode())
    put(top, b"crlf/.ssh/config", b"Host a\r\n  ServerAliveInterval 60 x\r\n")
    put(top, b"long/.ssh/config", LONG)
    os.symlink("/etc/passwd", os.path.join(os.fsencode(top), b"out"))
    os.symlink("/etc/ssh/ssh_config", os.path.join(os.fsencode(top), b"client/ssh_config"))


main()
