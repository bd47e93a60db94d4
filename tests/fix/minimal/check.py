# SPDX-License-Identifier: MIT
"""One config through fix --write, a second fix, the real program before and after, and undo."""
import json
import os
import re

ALIVE = {'serveraliveinterval', 'serveralivecountmax', 'clientaliveinterval', 'clientalivecountmax'}
ALIASES = {'setuptimeout': 'serveraliveinterval', 'protocolkeepalives': 'serveraliveinterval', 'keepalive': 'tcpkeepalive'}
HEADER = re.compile(r'[ \t]*(host|match)[ \t=]', re.I)
WORD = re.compile(r'[ \t\f\r"=]*([a-z0-9]+)', re.I)
# sshd -T: who may come in, where it listens, how they prove who they are.  No fix may move these.
DOORS = re.compile('port |listenaddress |addressfamily |(allow|deny)(users|groups) |.*authentication|permit(root|empty|user|open'
    '|listen|tty|tunnel)|authorized|authentication|hostkey |hostbased|pubkey|usepam |maxauthtries |maxstartups |subsystem |'
    'forcecommand |chroot|match|strictmodes |trusteduserca|kbdinteractive|ciphers |macs |kexalgorithms ')
SPECS = ('user=bob,host=x.corp,addr=10.1.2.3,laddr=192.0.2.1,lport=22', 'user=root,host=y,addr=192.0.2.9,laddr=192.0.2.1,'
    'lport=2222', 'user=alice,host=z.corp,addr=2001:db8::1,laddr=::1,lport=22', 'user=nobody,host=UNKNOWN,addr=198.51.100.7,'
    'laddr=192.0.2.1,lport=22')


class Wrong(Exception):
    """What the fix should not have done."""


class Check:
    """The steps of one case in a World."""

    def __init__(self, world, case, options, live=False):
        self.w, self.case, self.options = world, case, options
        self.base = ['--openssh', world.version] if not live else []
        self.flag = ['--client' if case.side == 'client' else '--server'] + case.args
        # A folder beside the files of the case: their globs must not reach the backups.
        world.env['XDG_STATE_HOME'] = world.dir + '.state'

    def sshkeep(self, command, *more):
        return self.w._run([self.w.prog, command] + self.flag + self.base + self.options + list(more))

    def audit(self):
        """The findings that a fix with these options is about."""
        status, out, err = self.sshkeep('audit', '--format', 'json')
        if not out.startswith('{'):
            raise Wrong('audit: exit %d, %s' % (status, err[:2]))
        found = json.loads(out.encode('latin-1').decode('utf-8', 'replace'))
        levels = ('note', 'warning', 'error')
        least = 'note' if 'note' in self.options else 'warning'
        meant = [f for f in found['findings'] if f['fix'] and levels.index(f['level']) >= levels.index(least) and
            not f['fix'][0]['keyword'].startswith('sysctl')]
        return meant, found['hosts']

    def bytes_now(self):
        now = {}
        for folder, _, names in os.walk(self.w.dir):
            for name in names:
                path = folder + '/' + name
                if os.path.islink(path):
                    now[path] = os.readlink(path)
                else:
                    with open(path, 'rb') as f:
                        now[path] = (os.stat(path).st_mode, f.read())
        return now

    def ask(self, rows):
        """What the real program says for each row: None when it refuses."""
        said = {}
        for row in rows:
            if self.case.side == 'client':
                status, out, _ = self.w._run([self.w.ssh, '-G'] + self.case.args + ['--', row])
            else:
                status, out, _ = self.w._run([self.w.sshd, '-T', '-h', self.w.key] + self.case.args + ['-C', row])
            said[row] = out.split('\n') if status == 0 else None
        return said

    def rows(self, hosts):
        if self.case.side == 'server':
            return list(SPECS)
        named = [h['host'] for h in hosts if h['kind'] == 'host' and '@' not in h['host']]
        return [n for n in named if re.fullmatch(r'[A-Za-z0-9][A-Za-z0-9._-]*', n)][:5] + ['zz1', 'qq.corp']

    def run(self):
        """How many files changed; raises Wrong."""
        before = self.bytes_now()
        meant, hosts = self.audit()
        rows = self.rows(hosts)
        said = self.ask(rows) if meant else {}
        status, out, err = self.sshkeep('fix', '--write')
        after = self.bytes_now()
        changed = [p for p in set(before) | set(after) if before.get(p) != after.get(p)]
        if status not in (0, 2) or (status == 2 and changed):
            raise Wrong('fix --write: exit %d, %s, %d files changed' % (status, err[:3], len(changed)))
        if not changed:
            return 0
        if not meant:
            raise Wrong('changed though no finding asks for it: %s' % changed)
        for path in changed:
            self.lines(path, before.get(path), after.get(path), meant)
        self.values(meant, hosts, rows, said)
        self.again(out, meant)
        self.undo(before)
        return len(changed)

    def lines(self, path, old, new, meant):
        """Only lines of the keywords that the findings name, and headers and blank lines of new blocks."""
        words = {x['keyword'].lower() for f in meant for x in f['fix']}
        words |= ALIVE  # a value that was fixed may bring up its partner
        words |= {alias for alias, word in ALIASES.items() if word in words}
        at = {(os.path.realpath((f['file'] or '').replace('~', self.w.env['HOME'], 1)), f['line']) for f in meant}
        if new is None:
            raise Wrong('%s is gone' % path)
        if old is not None and old[0] != new[0]:
            raise Wrong('%s: mode %o became %o' % (path, old[0], new[0]))
        a = old[1].decode('latin-1').split('\n') if old else []
        b = new[1].decode('latin-1').split('\n')
        doubles = {a[n - 1].strip() for p, n in at if p == path and 0 < n <= len(a)}
        # A last line gets its end when something follows it: the same line.
        x, y = [t.rstrip('\r') for t in a], [t.rstrip('\r') for t in b]
        self.others([t for t in x if not self.is_free(t, words)], [t for t in y if not self.is_free(t, words)], doubles, path)
        if sum(t.strip() == '' for t in y) < sum(t.strip() == '' for t in x):
            raise Wrong('%s: blank lines are gone' % path)
        ends = {t.endswith('\r') for t in a[:-1]}
        if len(ends) == 1 and any(t.endswith('\r') not in ends for t in b[:-1]):
            raise Wrong('%s: a line end of another kind' % path)
        if x and x[-1].strip() in doubles:
            return  # the last line itself is gone
        if old and old[1] and old[1].endswith(b'\n') != new[1].endswith(b'\n') and new[1]:
            raise Wrong('%s: the end of the last line changed' % path)

    @staticmethod
    def is_free(text, words):
        """A blank line, or one of a keyword that may change."""
        word = WORD.match(text.replace('"', ''))
        return text.strip() == '' or (word is not None and (word.group(1).lower() in words or
            word.group(1).lower().rstrip("0123456789") in words))

    def others(self, old, new, doubles, path):
        """All other lines are there in their order; headers may be new, and what stands twice may go."""
        i = 0
        for text in new:
            at = i
            while at < len(old) and old[at] != text and old[at].strip() in doubles:
                at += 1
            if at < len(old) and old[at] == text:
                i = at + 1
            elif self.case.side != 'client' or not HEADER.match(text):
                raise Wrong('%s: a strange new line: %r' % (path, text))
        if any(text.strip() not in doubles for text in old[i:]):
            raise Wrong('%s was taken away: %r' % (path, old[i]))

    def values(self, meant, hosts, rows, said):
        """The real program sees what was meant move, and nothing else."""
        wanted = {}
        free = any(x['remove'] for f in meant for x in f['fix'])
        for f in meant:
            for x in f['fix']:
                wanted.setdefault(x['keyword'].lower(), set()).add(str(x['value']))
        named = {h for f in meant for h in f['hosts']}
        own = {row: {x['keyword'].lower() for f in meant if row in f['hosts'] for x in f['fix']} for row in rows}
        patterns = [h['host'] for h in hosts if h['kind'] != 'host' or not re.fullmatch(r'[A-Za-z0-9._-]+', h['host'])]
        for row, now in self.ask(rows).items():
            was = said[row]
            if was is None:
                continue
            if now is None:
                raise Wrong('%s was accepted and is refused now' % row)
            moved = [line for line in now if line not in was] + [line for line in was if line not in now]
            if not moved:
                continue
            if self.case.side == 'client' and row not in named and not free and (
                    row in [h['host'] for h in hosts] or not any(p in named for p in patterns)):
                raise Wrong('%s has no finding, but moved: %r' % (row, moved))
            for line in moved:
                word, _, value = line.partition(' ')
                # a value that was fixed may bring up its partner, whatever other rows want of that
                if word in ALIVE and (word not in wanted or (own[row] & ALIVE and word not in own[row])):
                    continue
                if word not in wanted:
                    raise Wrong('%s: %r moved, of which no finding speaks' % (row, line))
                if line in now and not self.is_wanted(word, value, wanted[word]):
                    raise Wrong('%s: %r is none of the wanted values %s' % (row, line, sorted(wanted[word])))
                if self.case.side == 'server' and DOORS.match(line):
                    raise Wrong('%s: %r guards the door, and moved' % (row, line))

    @staticmethod
    def is_wanted(word, value, wanted):
        units = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800, '': 1}

        def number(text):
            parts = re.findall(r'(\d+)([smhdw]?)', text)
            return sum(int(n) * units[u] for n, u in parts) if parts else text
        return word and number(value) in {number(x) for x in wanted}

    def again(self, out, meant):
        """A second run plans nothing, and what was not refused is cured."""
        now = self.bytes_now()
        status, text, err = self.sshkeep('fix', '--write')
        if status != 0 or 'nothing to change' not in text or self.bytes_now() != now:
            raise Wrong('the second run: exit %d, %s %s' % (status, text.split('\n')[:12], err[:2]))
        if 'left as it is' not in out:
            left = [(f['code'], f['hosts'][:3]) for f in self.audit()[0]]
            if left:
                raise Wrong('still there: %s; meant were %s' % (left, [f['code'] for f in meant]))

    def undo(self, before):
        status, _, err = self.w._run([self.w.prog, 'undo'])
        now = self.bytes_now()
        if status != 0 or now != before:
            raise Wrong('undo: exit %d, %s; %s' % (status, err[:2], [p for p in set(now) | set(before)
                if now.get(p) != before.get(p)]))

