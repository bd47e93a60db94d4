# SPDX-License-Identifier: MIT
"""Random configs as people lay them out: habits of a file (indentation, separators, line ends, case), comments,
commented-out defaults, drop-in folders; every file is accepted by OpenSSH."""
from world import Case

HOSTS = ('alpha', 'beta', 'gamma', 'web1', 'web2', 'db1', 'build.example.com', 'a.corp', 'b.corp')
PATTERNS = ('*', '*.corp', 'web*', 'db?', '*.example.com', '!web1 web*', 'alpha beta', 'db1 db2 gamma', '* !alpha', '10.*')
SECONDS = ('0', '1', '10', '15', '30', '45', '60', '120', '240', '300', '600', '900', '3600', '7200', '1h', '5m', '20m')
COUNTS = ('0', '1', '2', '3', '5', '10', '120', '1000')
CLIENT_WORDS = (('User', ('bob', 'git', 'root')), ('Port', ('22', '2222')), ('Compression', ('yes', 'no')),
    ('HostName', ('10.0.0.1', '%h.example.com', 'web.example.com')), ('ForwardAgent', ('yes', 'no')),
    ('ControlMaster', ('auto', 'no')), ('ControlPath', ('~/.ssh/cm-%C', '/tmp/x', 'none')), ('ControlPersist', ('10m', 'yes')),
    ('LocalForward', ('8080 localhost:80',)), ('RemoteForward', ('9000 localhost:90',)), ('LogLevel', ('ERROR',)),
    ('ExitOnForwardFailure', ('yes', 'no')), ('ConnectTimeout', ('10', '90')), ('BatchMode', ('yes', 'no')),
    ('ProxyJump', ('none', 'gamma')), ('SendEnv', ('LANG LC_*',)), ('IdentityFile', ('~/.ssh/id_x',)))
SERVER_WORDS = (('Port', ('22', '2222')), ('PermitRootLogin', ('no', 'prohibit-password')), ('UsePAM', ('yes', 'no')),
    ('PasswordAuthentication', ('yes', 'no')), ('X11Forwarding', ('yes', 'no')), ('AllowUsers', ('bob root alice',)),
    ('DenyGroups', ('bad worse',)), ('ListenAddress', ('127.0.0.1', '0.0.0.0')), ('MaxAuthTries', ('3',)),
    ('LoginGraceTime', ('0', '30', '2m', '10m')), ('Subsystem', ('sftp internal-sftp',)), ('AllowTcpForwarding', ('yes', 'no')),
    ('PubkeyAuthentication', ('yes',)), ('MaxSessions', ('0', '10')), ('AcceptEnv', ('LANG LC_*',)), ('PrintMotd', ('no',)))
IN_MATCH = ('PermitRootLogin', 'PasswordAuthentication', 'X11Forwarding', 'AllowTcpForwarding', 'MaxAuthTries',
    'MaxSessions', 'AllowUsers', 'DenyGroups', 'PubkeyAuthentication', 'AcceptEnv')
ALIVE = {'client': (('ServerAliveInterval', SECONDS), ('ServerAliveCountMax', COUNTS), ('TCPKeepAlive', ('yes', 'no'))),
    'server': (('ClientAliveInterval', SECONDS), ('ClientAliveCountMax', COUNTS), ('TCPKeepAlive', ('yes', 'no')))}


class Habits:
    """One author's way of writing a file."""

    def __init__(self, r):
        self.r = r
        self.indent = r.choice(('    ', '  ', '\t', ''))
        self.sep = r.choice((' ', ' ', ' ', '=', ' = ', '\t', '   '))
        self.eol = r.choice(('\n', '\n', '\n', '\r\n'))
        self.lower = r.random() < 0.2
        self.comments = r.random() < 0.5

    def line(self, word, value, inside, sep=None):
        text = (word.lower() if self.lower else word) + (sep or self.sep) + value
        return (self.indent if inside else '') + text + self.r.choice(('', '', '', '', ' ', '\t'))

    def idle(self, side, inside):
        word, values = self.r.choice(ALIVE[side])
        commented = self.r.choice(('#%s %s', '# %s %s', '#%s=%s')) % (word, self.r.choice(values))
        return (self.indent if inside else '') + self.r.choice(('', '# a remark', commented, '  ', '#'))


def settings(h, side, inside, words, n):
    lines = []
    for _ in range(n):
        if h.comments and h.r.random() < 0.3:
            lines.append(h.idle(side, inside))
        table = ALIVE[side] if h.r.random() < 0.4 else words
        word, values = h.r.choice(table)
        if inside and side == 'server' and word not in IN_MATCH and not word.startswith('ClientAlive'):
            continue
        lines.append(h.line(word, h.r.choice(values), inside))
    return lines


def header(h, side):
    r = h.r
    if side == 'client':
        value = r.choice(('host ' + r.choice(HOSTS), 'originalhost ' + r.choice(HOSTS), 'user bob', 'all', 'host *.corp',
            'localuser root', 'host web1,web2', '!host alpha', 'user !bob,* host db1', 'tagged x'))
        if r.random() < 0.75 or value == 'tagged x':
            return h.line('Host', r.choice(PATTERNS) if r.random() < 0.45 else r.choice(HOSTS), False)
    else:
        value = r.choice(('User bob', 'User root', 'Group wheel', 'Address 10.0.0.0/8', 'Host *.corp', 'LocalPort 2222', 'all',
            'User bob Address 192.0.2.0/24', 'User *,!root', 'Address *,!10.*'))
    return h.line('Match', value, False, ' ')


def text_of(h, lines):
    text = h.eol.join(lines) + h.eol
    return text[:-len(h.eol)] if h.r.random() < 0.15 else text


def body(h, side, include):
    words = CLIENT_WORDS if side == 'client' else SERVER_WORDS
    lines = ['# a file' for _ in range(h.r.choice((0, 0, 1)))]
    if include and h.r.random() < 0.5:
        lines.append(h.line('Include', include, False))
        include = None
    lines += settings(h, side, False, words, h.r.choice((0, 0, 1, 2, 4)))
    for _ in range(h.r.choice((0, 1, 2, 3, 4, 6))):
        if h.r.random() < 0.6:
            lines.append('')
        if h.comments and h.r.random() < 0.3:
            lines.append(h.idle(side, False))
        lines.append(header(h, side))
        lines += settings(h, side, True, words, h.r.choice((0, 1, 2, 3)))
        if include and h.r.random() < 0.3:
            lines.append(h.line('Include', include, True))
            include = None
    return lines


def make(r, side):
    """A Case; its argument is the main file alone."""
    files = {}
    include = None
    if r.random() < 0.35:
        include = '@DIR@/conf.d/*.conf'
        for name in r.sample(('10-a', '50-b', 'z'), r.choice((0, 1, 1, 2))):
            h = Habits(r)
            files['conf.d/%s.conf' % name] = text_of(h, body(h, side, None))
    h = Habits(r)
    files['config'] = text_of(h, body(h, side, include))
    return Case(side, ['-F' if side == 'client' else '-f', '@DIR@/config'], files)
