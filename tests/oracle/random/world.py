# SPDX-License-Identifier: MIT
"""A case on disk, the real program and sshkeep on it, and whether they agree."""
import os
import re
import shutil
import signal


CONTROL = re.compile('[\\x00-\\x1f\\x7f]')

# Messages that are about files of this machine or repeat a remark in sshd's second pass.
ASIDE = re.compile('Pseudo-terminal will not be allocated|Could not load host |Could not connect to agent |Unable to load '
    'host key|reprocess config line [0-9]+: (Unsupported|Deprecated) option ')
REMARK = re.compile(' (Unsupported|Deprecated) option |^Unsupported option ')

# Refusals that depend on what this machine holds when ssh runs, not on the config: sshkeep judges for any moment, and
# says "unknown" where a variable decides.  (message, what sshkeep's lines must then hold)
BEYOND = (
    (re.compile(r'vdollar_percent_expand: env var \$\{.*\} has no value'), ''),
    (re.compile(r'Cannot forward agent socket path '), ''),
    (re.compile(r'.*: bad routing domain$'), ''),
    (re.compile(r'bad addr or host: '), ''),
)


class Case:
    """Files, links and modes below one folder, and the arguments; @DIR@ is that folder.  Text is one byte a character."""

    def __init__(self, side, args, files, links=None, modes=None):
        self.side, self.args, self.files = side, list(args), dict(files)
        self.links, self.modes = dict(links or {}), dict(modes or {})

    def copy(self):
        return Case(self.side, self.args, self.files, self.links, self.modes)

    def size(self):
        return (sum(len(t) for t in self.files.values()) + 20 * len(self.files) + 20 * len(self.links) + len(self.modes) +
            sum(len(a) + 1 for a in self.args))


USAGE = ('Bad port ', 'Invalid -J argument', 'Only a single -J option', 'Cannot specify -J with', 'usage: ',
    'hostname contains invalid', 'remote username contains invalid', 'command-line')


class Outcome:
    """What a program said: exit status, lines of its output, lines of its messages."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Difference:
    """kind: what must stay the same while a case is made smaller."""

    def __init__(self, kind, theirs, ours):
        self.kind, self.theirs, self.ours = kind, theirs, ours

    def same_kind(self, other):
        if other is None or other.kind[0] != self.kind[0]:
            return False
        if self.kind[0] == 'values':
            return bool(self.kind[1] & other.kind[1])
        return self.kind[1] == other.kind[1]


def _shape(lines):
    """A message without what varies: names, numbers and quoted words."""
    text = lines[0] if lines else ''
    return re.sub(r'[0-9]+|"[^"]*"|\'[^\']*\'|/\S*|: [^:]*$', '_', text)


class World:
    """One scratch folder and the programs; not to be shared between processes."""

    TIMEOUT_S = 30

    def __init__(self, folder, env):
        self.dir = folder
        self.ssh, self.sshd, self.key, self.prog = env['SSH'], env['SSHD'], env['KEY'], env['PROG']
        self.version = env.get('ORACLE_VERSION', '9.2p1+debian')
        self.family = {'client': set(env['ORACLE_CLIENT'].split()), 'server': set(env['ORACLE_SERVER'].split())}
        self.env = {'PATH': os.environ['PATH'], 'HOME': folder + '/home', 'SHELL': '/bin/sh', 'LC_ALL': 'C',
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
        self.null = os.open('/dev/null', os.O_RDONLY)
        os.makedirs(folder, exist_ok=True)
        self.out = os.open(folder + '.out', os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self.err = os.open(folder + '.err', os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self.runs = self.beyond = 0
        os.umask(0o022)
        os.chdir(folder)

    def lay(self, case):
        """The case's files in the empty folder."""
        for name in os.listdir(self.dir):
            path = self.dir + '/' + name
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        os.makedirs(self.dir + '/home/.ssh')
        made = {self.dir, self.dir + '/home', self.dir + '/home/.ssh'}
        for name, text in list(case.files.items()) + list(case.links.items()):
            path = self.dir + '/' + name
            parent = os.path.dirname(path)
            if parent not in made:
                os.makedirs(parent, exist_ok=True)
                made.add(parent)
            text = text.replace('@DIR@', self.dir)
            if name in case.links:
                os.symlink(text, path)
                continue
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.write(fd, text.encode('latin-1'))
            os.close(fd)
        for name, mode in case.modes.items():
            if name in case.files:
                os.chmod(self.dir + '/' + name, mode)

    def _take(self, fd):
        n = os.lseek(fd, 0, os.SEEK_END)
        data = os.pread(fd, n, 0).decode('latin-1')
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        return data

    def _run(self, argv):
        argv = [a.replace('@DIR@', self.dir).encode('latin-1') for a in argv]
        actions = [(os.POSIX_SPAWN_DUP2, self.null, 0), (os.POSIX_SPAWN_DUP2, self.out, 1),
            (os.POSIX_SPAWN_DUP2, self.err, 2)]
        pid = os.posix_spawn(argv[0], argv, self.env, file_actions=actions)

        def kill(*_):
            os.kill(pid, signal.SIGKILL)
        signal.signal(signal.SIGALRM, kill)
        signal.alarm(self.TIMEOUT_S)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        signal.alarm(0)
        self.runs += 1
        # sshkeep prints no control byte of a file to a terminal
        err = [CONTROL.sub(lambda m: '\\x%02X' % ord(m.group()), line.rstrip('\r').replace('\\x0D', '\r').rstrip('\r'))
               for line in self._take(self.err).split('\n')]
        err = [line for i, line in enumerate(err)
               if line and not ASIDE.match(line) and not (REMARK.search(line) and line in err[:i])]
        return status, self._take(self.out), err

    def theirs(self, case):
        """ssh -G or sshd -T: the lines of the keepalive family."""
        if case.side == 'client':
            status, out, err = self._run([self.ssh, '-G'] + case.args)
        else:
            status, out, err = self._run([self.sshd, '-T', '-h', self.key] + case.args)
        lines = []
        for text in out.split('\n') if status == 0 else ():
            word, blank, rest = text.partition(' ')
            if word.lower() in self.family[case.side]:
                lines.append(word.lower() + blank + rest)
        return Outcome(status, lines, err)

    def ours(self, case):
        argv = [self.prog, 'effective', '--format', 'ssh', '--openssh', self.version]
        if case.side == 'server':
            argv.append('--server')
        status, out, err = self._run(argv + case.args)
        return Outcome(status, [line for line in out.split('\n') if line], err)

    def compare(self, case):
        """(what the real program said, the Difference or None)."""
        self.lay(case)
        theirs, ours = self.theirs(case), self.ours(case)
        if theirs.status == 0 and ours.status == 0:
            if theirs.out == ours.out:
                return theirs, None
            words = {line.lstrip('# ').split(' ')[0] for line in set(theirs.out) ^ set(ours.out)} or {'order'}
            return theirs, Difference(('values', frozenset(words)), theirs, ours)
        if theirs.status != 0 and ours.status == 3 and self._usage(case, theirs):
            return theirs, None
        if theirs.status != 0 and ours.status == 2:
            if not ours.out and theirs.err == ours.err:
                return theirs, None
            if self._beyond(theirs, ours):
                self.beyond += 1
                return theirs, None
            return theirs, Difference(('message', _shape(theirs.err)), theirs, ours)
        if theirs.status != 0 and self._beyond(theirs, ours):
            self.beyond += 1
            return theirs, None
        refusal = theirs.err if theirs.status != 0 else ours.err
        return theirs, Difference(('status %d, %d' % (theirs.status, ours.status), _shape(refusal[-1:])), theirs, ours)

    @staticmethod
    def _beyond(theirs, ours):
        for message, held in BEYOND:
            if any(message.match(line) for line in theirs.err):
                return ours.status == 2 or any(held in line for line in ours.out)
        return False

    @staticmethod
    def _usage(case, theirs):
        """Words of the command line that no file is read for are usage errors of sshkeep, with its own text."""
        if any(line.endswith('directive not supported as a command-line option') for line in theirs.err):
            return True
        if case.side == 'server':
            return any('test mode specification' in line or line.startswith('command-line') for line in theirs.err)
        return any(line.startswith(USAGE) for line in theirs.err)
