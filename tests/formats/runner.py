# SPDX-License-Identifier: MIT
"""What GitHub's runner takes for a command in a log.  Source: actions/runner ActionCommand.cs, ActionCommandManager.cs."""

NAMES = {"add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher",
         "save-state", "set-env", "set-output", "stop-commands", "warning", "internal-set-repo-path"}
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))


def unescape(text, table):
    for written, meant in table:
        text = text.replace(written, meant)
    return text


def command(line):
    """(name, properties, data) of a line that is a command of either kind, else None."""
    text = line.lstrip()
    end = text.find("::", 2) if text.startswith("::") else -1
    if end > 0:
        name, _, rest = text[2:end].partition(" ")
        if name in NAMES:
            pairs = [p.split("=", 1) for p in rest.strip().split(",") if p]
            return name, {p[0]: unescape(p[1], PROPERTY) for p in pairs if len(p) == 2}, unescape(text[end + 2:], DATA)
    start = line.find("##[")
    end = line.find("]", start)
    if start >= 0 and end > 0 and line[start + 3:end].partition(" ")[0] in NAMES:
        return line[start + 3:end], None, line[end + 1:]
    return None


def commands(text):
    """All commands of a log."""
    return [c for c in map(command, text.split("\n")) if c is not None]
