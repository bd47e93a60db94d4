# SPDX-License-Identifier: MIT
"""Make a differing case smaller while it still differs in the same way, and keep it as a fixture."""
import os

from world import Case

BUDGET = 4000  # comparisons for one case


class Shrinker:
    def __init__(self, world, case, difference):
        self.world, self.case, self.difference, self.left = world, case, difference, BUDGET

    def try_case(self, case):
        """Take the case if it differs in the same way."""
        if self.left <= 0 or case.size() >= self.case.size():
            return False
        self.left -= 1
        _, difference = self.world.compare(case)
        if not self.difference.same_kind(difference):
            return False
        self.case, self.difference = case, difference
        return True

    def ddmin(self, parts, build):
        """Fewest parts (a list) for which the case built of them still differs."""
        n = 2
        while len(parts) >= 1 and self.left > 0:
            size = max(1, len(parts) // n)
            for at in range(0, len(parts), size):
                fewer = parts[:at] + parts[at + size:]
                if self.try_case(build(fewer)):
                    parts, n = fewer, max(n - 1, 2)
                    break
            else:
                if size == 1:
                    break
                n = min(n * 2, len(parts))
        return parts

    def _lines(self):
        parts = [(name, line) for name, text in self.case.files.items() for line in text.splitlines(keepends=True)]
        base = self.case

        def build(parts):
            case = base.copy()
            case.files = {name: '' for name in base.files}
            for name, line in parts:
                case.files[name] += line
            return case
        self.ddmin(parts, build)

    def _files(self):
        for name in sorted(self.case.files):
            if name != 'config' and name in self.case.files:
                case = self.case.copy()
                del case.files[name]
                self.try_case(case)
        for group in ('links', 'modes'):
            for name in sorted(getattr(self.case, group)):
                case = self.case.copy()
                del getattr(case, group)[name]
                self.try_case(case)

    def _inline(self):
        """An Include line gives way to the lines of a file."""
        for name, text in list(self.case.files.items()):
            if name == 'config':
                continue
            lines = self.case.files['config'].splitlines(keepends=True)
            for i, line in enumerate(lines):
                if 'include' in line.lower():
                    case = self.case.copy()
                    case.files['config'] = ''.join(lines[:i]) + text + ''.join(lines[i + 1:])
                    case.files.pop(name, None)
                    if self.try_case(case):
                        break

    def _args(self):
        base = self.case
        keep, pairs, rest = base.args[:2], [], []
        i = 2
        while i < len(base.args):
            if base.args[i].startswith('-') and i + 1 < len(base.args):
                pairs.append(base.args[i:i + 2])
                i += 2
            else:
                rest.append(base.args[i])
                i += 1

        def build(parts):
            case = base.copy()
            case.args = keep + [a for p in parts for a in p] + rest
            return case
        self.ddmin(pairs, build)
        base = self.case
        for i in range(2, len(base.args)):
            items = base.args[i].split(',')
            if len(items) > 1 and base.args[i - 1] == '-C':
                def build_items(parts, i=i):
                    case = self.case.copy()
                    case.args[i] = ','.join(parts)
                    return case
                self.ddmin(items, build_items)

    def _bytes(self):
        for name in sorted(self.case.files):
            self._text(lambda case, name=name: case.files[name], lambda case, text, name=name: case.files.update({name: text}))
        for i in range(2, len(self.case.args)):
            self._text(lambda case, i=i: case.args[i], lambda case, text, i=i: case.args.__setitem__(i, text))

    def _text(self, get, put):
        base = self.case
        text = get(base)
        if len(text) > 3000:
            return

        def build(parts):
            case = base.copy()
            put(case, ''.join(parts))
            return case
        self.ddmin(list(text), build)

    def run(self):
        size = None
        while size != self.case.size() and self.left > 0:
            size = self.case.size()
            self._lines()
            self._files()
            self._inline()
            self._args()
        while self.left > 0:
            size = self.case.size()
            self._bytes()
            self._lines()
            if size == self.case.size():
                break
        return self.case


def _put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(text.encode('latin-1'))


def write_fixture(world, case, folder):
    """The case in the form of fixtures/openssh-cases, with what the real program said."""
    world.lay(case)
    theirs = world.theirs(case)
    back = lambda lines: ''.join(line.replace(world.dir, '@DIR@') + '\n' for line in lines)
    program = ['ssh', '-G'] if case.side == 'client' else ['sshd', '-T']
    _put(folder + '/config', case.files.get('config', ''))
    _put(folder + '/args', back(program + case.args))
    # (openssh-cases were kept without this word, and all stored results are read alike)
    _put(folder + '/expected', back(line for line in theirs.out if not line.startswith('disableforwarding ')))
    _put(folder + '/status', '%d\n' % theirs.status)
    if theirs.err:
        _put(folder + '/stderr', back(theirs.err))
    for name, text in case.files.items():
        if name != 'config':
            _put(folder + '/files/' + name, text)
    if case.links:
        _put(folder + '/links', ''.join('%s %s\n' % row for row in case.links.items()))
    if case.modes:
        _put(folder + '/modes', ''.join('%o %s\n' % (m, n) for n, m in case.modes.items()))


def read_fixture(folder):
    def text(path):
        with open(path, 'rb') as f:
            return f.read().decode('latin-1')
    args = text(folder + '/args').splitlines()
    files = {'config': text(folder + '/config')}
    for at, _, names in os.walk(folder + '/files'):
        for name in names:
            path = os.path.join(at, name)
            files[path[len(folder + '/files/'):]] = text(path)
    links, modes = {}, {}
    if os.path.exists(folder + '/links'):
        links = dict(row.split(' ', 1) for row in text(folder + '/links').splitlines())
    if os.path.exists(folder + '/modes'):
        modes = {n: int(m, 8) for m, n in (row.split(' ', 1) for row in text(folder + '/modes').splitlines())}
    side = 'client' if args[0] == 'ssh' else 'server'
    return Case(side, args[2:], files, links, modes)
