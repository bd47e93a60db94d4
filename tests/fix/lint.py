# SPDX-License-Identifier: MIT
"""Trees of configs through lint --fix: the diff, the write, the real programs before and after; see lint.sh."""
import collections
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

import layout

ALIVE = {'serveraliveinterval', 'serveralivecountmax', 'clientaliveinterval', 'clientalivecountmax'}
FAMILY = ALIVE | {'tcpkeepalive', 'exitonforwardfailure', 'forkafterauthentication'}
WORD = re.compile(r'[ \t\f\r"=]*([a-z0-9]+)', re.I)
SPECS = ('user=bob,host=x.corp,addr=10.1.2.3,laddr=192.0.2.1,lport=22', 'user=root,host=y,addr=192.0.2.9,laddr=192.0.2.1,'
    'lport=2222')
PER_TREE = 50
ENV = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/nonexistent', 'LC_ALL': 'C'}
WHERE = {'client': '.ssh/config', 'server': 'etc/ssh/sshd_config'}


class Wrong(Exception):
    """What the fix should not have done."""


def run(argv, cwd):
    p = subprocess.run(argv, cwd=cwd, env=ENV, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    return p.returncode, p.stdout, p.stderr


def word_of(text):
    m = WORD.match(text)
    return m.group(1).lower() if m else ''


# ---- the trees ----

def doubled(r, lines, eol):
    own = [i for i, t in enumerate(lines) if 'Alive' in t and not t.strip().startswith('#')]
    if own:
        i = r.choice(own)
        lines.insert(i + 1, lines[i].rstrip('\r') + eol[:-1])


def spoil(r, text, side):
    """Faults whose cure is sure, here and there."""
    eol = '\r\n' if '\r\n' in text else '\n'
    lines = text.split('\n')
    for i, line in enumerate(lines):
        if r.random() < 0.85 or line.strip().startswith('#'):
            continue
        m = re.fullmatch(r'(\s*)((?:Server|Client)Alive\w+|TCPKeepAlive)(\s+|\s*=\s*)(\w+)(\s*)', line)
        if m is None:
            continue
        pad, word, sep, value, end = m.groups()
        how = r.randrange(4)
        if how == 0:
            word = word.replace('Alive', 'Alivve', 1)
        elif how == 1 and word.endswith('Interval') and value.isdigit():
            value += r.choice((' seconds', 'sec', ' min', 'hours'))
        elif how == 2 and word == 'TCPKeepAlive':
            value = 'on' if value == 'yes' else 'off'
        elif how == 3:
            value += ';'
        lines[i] = pad + word + sep + value + end
    if r.random() < 0.2:
        doubled(r, lines, eol)
    if side == 'client' and r.random() < 0.2:
        lines.insert(r.randrange(len(lines)), 'UseKeychain yes' + eol[:-1])
    text = '\n'.join(lines)
    if r.random() < 0.05:
        text = '\xef\xbb\xbf' + text
    text = text[:-len(eol)] if r.random() < 0.1 and text.endswith(eol) else text
    return stuck(r, text, eol) if side == 'client' else text


def stuck(r, text, eol):
    """What no edit mends keeps the file refused; an IgnoreUnknown may stand below the words that it is meant for."""
    for line, often in (('Port 0', 0.1), ('IgnoreUnknown foo', 0.1), ('SendEnvv LANG', 0.1), ('SendEnvv LC_*', 0.1)):
        if r.random() < often:
            lines = text.split('\n')
            lines.insert(r.randrange(len(lines)), line + eol[:-1])
            text = '\n'.join(lines)
    return text


def random_texts(seed, n):
    """Config k of a seed is the same for ever."""
    out = []
    for k in range(n):
        r = random.Random('lint %d/%d' % (seed, k))
        side = 'client' if k % 2 == 0 else 'server'
        files = layout.make(r, side).files
        out.append((side, spoil(r, files['config'], side)))
    return out


def real_texts(top):
    out = []
    for side in ('client', 'server'):
        folder = top + '/../shared/corpus/' + side
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(folder + '/' + name, encoding='latin-1', newline='') as f:
                out.append((side, f.read()))
    return out


def lay(folder, texts):
    paths = []
    for i, (side, text) in enumerate(texts):
        path = '%03d/%s' % (i, WHERE[side])
        os.makedirs(os.path.dirname(folder + '/' + path))
        with open(folder + '/' + path, 'w', encoding='latin-1', newline='') as f:
            f.write(text)
        os.chmod(folder + '/' + path, random.Random(i).choice((0o600, 0o644, 0o640)))
        paths.append((side, path))
    return paths


def is_plain(text):
    """Nothing that the real program would look for elsewhere, or run."""
    low = text.lower()
    return 'include' not in low and 'exec' not in low and 'canonical' not in low


# ---- what is asked of them ----

class Tree:
    def __init__(self, folder, texts, options):
        self.dir, self.options = folder, options
        self.paths = lay(folder, texts)
        self.text = {path: text for (_, path), (_, text) in zip(self.paths, texts)}

    def lint(self, *more):
        return run([os.environ['PROG'], 'lint', '--openssh', '9.2p1+debian'] + self.options + list(more), self.dir)

    def findings(self, notes=False):
        status, out, err = self.lint('--format', 'json')
        if status not in (0, 1):
            raise Wrong('lint: exit %d, %s' % (status, err[:200]))
        return [f for f in json.loads(out)['findings'] if f['level'] != 'note' or 'note' in self.options or notes]

    def bytes_now(self):
        now = {}
        for folder, _, names in os.walk(self.dir):
            for name in names:
                path = folder + '/' + name
                with open(path, 'rb') as f:
                    now[os.path.relpath(path, self.dir)] = (os.stat(path).st_mode, f.read())
        return now

    def rows(self, side, text):
        if side == 'server':
            return SPECS
        names = re.findall(r'^[ \t]*Host[ \t=]+([A-Za-z0-9][A-Za-z0-9.-]*)', text, re.I | re.M)
        return names[:3] + ['zz1']

    def ask(self):
        """What the real program says for each row of each plain file; None when it refuses."""
        said = {}
        for side, path in self.paths:
            if not is_plain(self.text[path]):
                continue
            for row in self.rows(side, self.text[path]):
                if side == 'client':
                    argv = [os.environ['SSH'], '-G', '-F', path, '--', row]
                else:
                    argv = [os.environ['SSHD'], '-T', '-h', os.environ['KEY'], '-f', self.dir + '/' + path, '-C', row]
                status, out, _ = run(argv, self.dir)
                said[path, row] = out.decode('latin-1').split('\n') if status == 0 else None
        return said

    def words(self, before, path):
        mine = [f for f in before if f['file'] == path]
        words = {x['keyword'].lower() for f in mine for x in f['fix']} | ALIVE
        if any(f['code'] == 'SK126' for f in mine):
            words.add('ignoreunknown')
        return words, {f['line'] for f in mine}

    def check_diff(self, diff, before):
        """Lines that go are those of findings, or of the family; what comes is of known kinds."""
        files, path, at = {}, '', 0
        for line in diff.decode('latin-1').split('\n'):
            if line.startswith('--- a/'):
                path = line[6:]
                files[path] = ([], [])
            elif line.startswith('@@'):
                at = int(re.match(r'@@ -(\d+)', line).group(1))
            elif line.startswith(('-', '+', ' ')) and not line.startswith('+++ '):
                if line[0] != ' ':
                    files[path][line[0] == '+'].append((at, line[1:].replace('\xef\xbb\xbf', '').rstrip('\r')))
                at += line[0] != '+'
        for path, (gone, come) in files.items():
            words, places = self.words(before, path)
            words |= FAMILY  # what was hidden behind a refused line may come up
            # a last line gets its end when something follows it
            same = {t for _, t in gone} & {t for _, t in come}
            lines = [' '.join(t.split()) for t in self.text[path].split('\n')]
            twice = {t for t in lines if lines.count(t) > 1}  # either of two equal lines may be the one that goes
            for at, text in gone:
                if text not in same and ' '.join(text.split()) not in twice and word_of(text) not in words and at not in places:
                    raise Wrong('%s:%d goes: %r' % (path, at, text))
            for _, text in come:
                if text not in same and text.strip() and word_of(text) not in words | {'host', 'ignoreunknown', 'sendenv'}:
                    raise Wrong('%s: comes: %r' % (path, text))

    def check_values(self, was, before):
        """Of files that were accepted, nothing moved but what a finding speaks of."""
        for (path, row), now in self.ask().items():
            old = was[path, row]
            if old is None:
                continue
            if now is None:
                raise Wrong('%s %s was accepted and is refused now' % (path, row))
            words = self.words(before, path)[0]
            for line in set(now) ^ set(old):
                if line.split(' ')[0] not in words:
                    raise Wrong('%s %s: %r moved, of which no finding speaks' % (path, row, line))

    def check_gone(self, before, left):
        def count(found):
            return collections.Counter((f['code'], f['file'], f['message']) for f in found)
        # several lines of a file may have the same said of them, and only some a cure
        was, now, mended = count(before), count(self.findings()), count(f for f in before if f['edits'])
        for key, n in mended.items():
            told = re.search(r'left as it is: %s: %s' % (re.escape(key[1] or ''), key[0]), left)
            if now[key] > was[key] - n and not told:
                raise Wrong('still there: %s' % (key,))

    def check_edits(self, before, old):
        """The edits of a finding alone, as an editor would apply them, make it go away."""
        # of two equal lines that never win the second takes the place of the first
        some = [f for f in before if f['edits'] and f['code'] not in ('SK130', 'SK135')]
        for f in random.Random(len(old)).sample(some, min(4, len(some))):
            for path in {e['file'] for e in f['edits']}:
                lines = old[path][1].split(b'\n')
                starts = [0]
                for line in lines:
                    starts.append(starts[-1] + len(line) + 1)
                text = old[path][1]
                mine = [e for e in f['edits'] if e['file'] == path]
                if any('\\x' in e['text'] for e in mine):
                    continue
                for e in sorted(mine, key=lambda e: (e['line'], e['column']), reverse=True):
                    at = starts[e['line'] - 1] + e['column'] - 1
                    end = starts[e['end_line'] - 1] + e['end_column'] - 1
                    if not 0 <= at <= end <= len(old[path][1]):
                        raise Wrong('%s: an edit beyond the file: %s' % (f['file'], e))
                    text = text[:at] + e['text'].encode() + text[end:]
                with open(self.dir + '/' + path, 'wb') as out:
                    out.write(text)
            def alike(found):
                return sum((g['code'], g['file']) == (f['code'], f['file']) for g in found)
            left = alike(self.findings()) >= alike(before)
            for path in {e['file'] for e in f['edits']}:
                with open(self.dir + '/' + path, 'wb') as out:
                    out.write(old[path][1])
            if left:
                raise Wrong('its own edits do not mend it: %s' % f)

    @staticmethod
    def check_told(before, err):
        """What is left is told by the lines of the files as they stand; files have names of their own."""
        there = {(f['file'], f['line'], f['code']) for f in before}
        for line in err.decode('latin-1').split('\n'):
            if line.startswith('with the diff,'):
                break
            m = re.match(r'(\S+?):(\d+):\d+: \w+ (SK\d+) ', line)
            if m and (m.group(1), int(m.group(2)), m.group(3)) not in there:
                raise Wrong('told, and not there: %s' % line)

    def run(self):
        """How many files changed."""
        before, old = self.findings(), self.bytes_now()
        if self.bytes_now() != old:
            raise Wrong('lint changed something')
        self.check_edits(before, old)
        was = self.ask()
        status, diff, err = self.lint('--fix')
        if status not in (0, 1) or (diff and status != 1) or self.bytes_now() != old:
            raise Wrong('lint --fix: exit %d, %s' % (status, err[:200]))
        shown = b'shown escaped' in err
        self.check_diff(diff, before)
        self.check_told(self.findings(True), err)
        names = [line for line in diff.split(b'\n') if line.startswith(b'--- a/')]
        if len(names) != len(set(names)):
            raise Wrong('one name for two files: %s' % names)
        copy = self.dir + '.applied'
        shutil.copytree(self.dir, copy)
        if diff:
            p = subprocess.run(['git', 'apply', '-'], cwd=copy, env=dict(ENV, GIT_CEILING_DIRECTORIES=os.path.dirname(copy)),
                input=diff, capture_output=True, check=False)
            if p.returncode != 0 and not shown:
                raise Wrong('git apply: %s' % p.stderr[:300])
        status, _, err = self.lint('--fix', '--write')
        if status not in (0, 1):
            raise Wrong('lint --fix --write: exit %d, %s' % (status, err[:200]))
        new = self.bytes_now()
        for path in new:
            with open(copy + '/' + path, 'rb') as f:
                if f.read() != new[path][1] and not shown:
                    raise Wrong('%s: the diff and the write differ' % path)
            if new[path][0] != old[path][0]:
                raise Wrong('%s: another mode' % path)
        shutil.rmtree(copy)
        if set(new) != set(old):
            raise Wrong('files came or went: %s' % (set(new) ^ set(old)))
        self.check_values(was, before)
        left = re.sub(r'\n    ', ' ', err.decode('latin-1'))
        self.check_gone(before, left)
        status, diff, err = self.lint('--fix')
        if diff:
            raise Wrong('the second run: %s' % diff[:400])
        return sum(old[p] != new[p] for p in old)


def main():
    tmp, top = sys.argv[1:3]
    seed, n = int(os.environ['SEED']), int(os.environ['FIX']) // 10
    real = real_texts(top)
    texts = real + random_texts(seed, n)
    r = random.Random(seed)
    began, changed, bad, trees = time.time(), 0, 0, 0
    for at in range(0, len(texts), PER_TREE):
        options = ['--path-timeout', r.choice(('60s', '240s', '350s', '4h'))] + (['--fail-on', 'note'] if r.random() < 0.3 else [])
        folder = '%s/t%d' % (tmp, trees)
        os.mkdir(folder)
        part = texts[at:at + PER_TREE]
        tree = Tree(folder, part, options)
        if os.environ.get('TREE') == str(trees):
            shutil.copytree(folder, 'lint-fix-tree')
        try:
            changed += tree.run()
        except Wrong as e:
            bad += 1
            print('FAILED lint --fix of tree %d, seed %d, %s: %s' % (trees, seed, ' '.join(options), e))
        trees += 1
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder + '.applied', ignore_errors=True)
    if n >= 100 and changed < n // 4:
        print('FAILED lint --fix: only %d files needed a fix' % changed)
        bad += 1
    print('configs: %d (%d of them real) in %d trees, seed %d: %d files mended, %d trees wrong; %d s' % (len(texts), len(real),
        trees, seed, changed, bad, time.time() - began))
    print('%d passed, %d failed, 0 skipped' % (trees - min(trees, bad), bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
