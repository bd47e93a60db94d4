# SPDX-License-Identifier: MIT
"""The grammar common to both programs: choices that are counted, the lexing of a line, arguments, numbers, files.

A production is a row of a Table: (name, weight, result) or (name, weight, result, BAD).  BAD rows are those that
usually make OpenSSH refuse the file; a case without errors never draws them, so that most configs have values to
compare.  Text is str of code points 0..255, one a byte.
"""
import bisect
import itertools

BAD = 'bad'


class Table:
    """A weighted choice of named productions; every use is counted."""

    def __init__(self, group, rows):
        self.names = [group + '.' + row[0] for row in rows]
        self.made = [row[2] for row in rows]
        self.every = range(len(rows))
        self.good = [i for i in self.every if len(rows[i]) < 4]
        self.sum_every = list(itertools.accumulate(row[1] for row in rows))
        self.sum_good = list(itertools.accumulate(rows[i][1] for i in self.good))

    def pick(self, g):
        """The result of one row; a function is called with g."""
        if g.bad > 0 and g.r.random() < g.bad or not self.good:
            index, sums = self.every, self.sum_every
        else:
            index, sums = self.good, self.sum_good
        i = index[bisect.bisect(sums, g.r.random() * sums[-1])]
        g.count(self.names[i])
        made = self.made[i]
        return made(g) if callable(made) else made


def pool(*rows):
    """An anonymous choice: good values, then BAD ones behind a None.  A value is one string, split at blanks,
    or a list of arguments, or a function."""
    values, good = [v for v in rows if v is not None], rows.index(None) if None in rows else len(rows)

    def pick(g):
        n = len(values) if g.bad > 0 and g.r.random() < g.bad else good
        return args_of(g, values[int(g.r.random() * n)])
    return pick


def args_of(g, value):
    """A value as its list of arguments."""
    if callable(value):
        value = value(g)
    return value.split(' ') if isinstance(value, str) else value


class Gen:
    """One case in the making."""

    def __init__(self, r, side, counts):
        self.r, self.side, self.counts = r, side, counts
        self.files, self.links, self.modes = {}, {}, {}
        self.depth, self.open = 0, ['config']
        # Below a Host or Match line; in a file that was included there.
        self.in_block = self.inherited = False
        # Most cases hold no deliberate error; the others a few or many.
        self.bad = r.choice((0, 0, 0, 0, 0, 0.05, 0.15, 0.4))
        self.unknown_ok = False
        self.focus = []

    def count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1

    def chance(self, p):
        return self.r.random() < p

    def few(self, *counts):
        return range(self.r.choice(counts))


# Numbers ------------------------------------------------------------------------------------------------------------

NUMBERS = ('1', '2', '5', '15', '30', '45', '60', '90', '120', '300', '600', '3600', '7200')


def _unit(letters):
    return lambda g: g.r.choice(NUMBERS) + g.r.choice(letters)


def _sequence(g):
    return ''.join(g.r.choice(NUMBERS[:7]) + g.r.choice('smhdSMHD') for _ in g.few(2, 2, 3))


def time_table(side):
    """Time values up to and over the limits of convtime()."""
    rows = [
        ('zero', 6, '0'),
        ('seconds', 30, lambda g: g.r.choice(NUMBERS)),
        ('seconds-unit', 5, _unit('sS')),
        ('minutes', 8, _unit('mM')),
        ('hours', 5, _unit('hH')),
        ('days', 3, _unit('dD')),
        ('weeks', 2, _unit('wW')),
        ('sequence', 6, _sequence),
        ('sequence-bare-end', 2, lambda g: g.r.choice(NUMBERS) + 'm' + g.r.choice(NUMBERS)),
        ('plus', 1, lambda g: '+' + g.r.choice(NUMBERS)),
        ('minus-zero', 1, '-0'),
        ('leading-zeros', 2, lambda g: '0' + g.r.choice(NUMBERS)),
        ('leading-blank', 1, [' 15']),
        ('inner-plus', 1, '1h+5m'),
        ('inner-blank', 1, ['1h 30m']),
        ('limit', 2, '2147483647'),
        ('limit-below', 1, '2147483646'),
        ('limit-minutes', 1, '35791394m'),
        ('limit-hours', 1, '596523h'),
        ('limit-days', 1, '24855d'),
        ('limit-weeks', 1, '3550w'),
        ('limit-sum', 1, '2147483640s7'),
        ('over', 2, '2147483648', BAD),
        ('over-minutes', 1, '35791395m', BAD),
        ('over-hours', 1, '596524h', BAD),
        ('over-days', 1, '24856d', BAD),
        ('over-weeks', 1, '3551w', BAD),
        ('over-sum', 1, '2147483640s8', BAD),
        ('over-long', 1, lambda g: g.r.choice(('9223372036854775807', '9223372036854775808', '99999999999999999999',
            '18446744073709551617', '4294967297')), BAD),
        ('negative', 1, '-1', BAD),
        ('fraction', 1, '1.5', BAD),
        ('unknown-unit', 1, lambda g: g.r.choice(('5x', '5ms', '5y', '5,')), BAD),
        ('unit-alone', 1, 'm', BAD),
        ('blank-end', 1, ['15 '], BAD),
        ('hexadecimal', 1, '0x10', BAD),
        ('empty', 1, [''], BAD),
        ('other-case-none', 1, lambda g: g.r.choice(('None', 'NONE')), BAD),
        ('two', 1, '15 30', BAD),
    ]
    rows.append(('none', 4, 'none') if side == 'client' else ('none', 2, 'none', BAD))
    return Table('time', rows)


INT = Table('int', [
    ('small', 30, lambda g: g.r.choice(('1', '2', '3', '4', '6', '10', '100'))),
    ('zero', 5, '0'),
    ('leading-zeros', 2, '010'),
    ('plus', 2, '+3'),
    ('leading-blank', 1, [' 3']),
    ('limit', 2, '2147483647'),
    ('over', 2, '2147483648', BAD),
    ('over-long', 1, '99999999999999999999', BAD),
    ('negative', 2, '-1', BAD),
    ('minus-zero', 1, '-0', BAD),
    ('trailing', 1, '5x', BAD),
    ('hexadecimal', 1, '0x10', BAD),
    ('fraction', 1, '1.5', BAD),
    ('none', 2, 'none', BAD),
    ('empty', 1, [''], BAD),
    ('two', 1, '3 4', BAD),
])


def flag_table(side):
    client = [] if side == 'client' else [BAD]
    return Table('flag', [
        ('yes', 20, 'yes'),
        ('no', 20, 'no'),
        ('case', 4, lambda g: g.r.choice(('YES', 'No', 'nO', 'Yes'))),
        ('true', 3, lambda g: g.r.choice(('true', 'TRUE')), *client),
        ('false', 3, lambda g: g.r.choice(('false', 'False')), *client),
        ('on', 1, lambda g: g.r.choice(('on', 'off', '1', '0', 'maybe')), BAD),
        ('empty', 1, [''], BAD),
        ('two', 1, 'yes no', BAD),
    ])


# Lexing -------------------------------------------------------------------------------------------------------------

def _cut(g, s):
    return g.r.randint(0, len(s))


def _pieces(g, s):
    i, j = sorted((_cut(g, s), _cut(g, s)))
    q = g.r.choice('"\'')
    return s[:i] + q + s[i:j] + q + s[j:]


def _insert(text):
    def insert(g, s):
        i = _cut(g, s)
        return s[:i] + (text(g) if callable(text) else text) + s[i:]
    return insert


# How one argument is written.  The results take (g, text).
ARG = Table('arg', [
    ('plain', 200, lambda g: lambda g, s: s),
    ('double', 12, lambda g: lambda g, s: '"' + s + '"'),
    ('single', 8, lambda g: lambda g, s: "'" + s + "'"),
    ('pieces', 6, lambda g: _pieces),
    ('empty-piece', 3, lambda g: _insert('""')),
    ('backslash', 3, lambda g: _insert('\\'), BAD),
    ('escaped-quote', 3, lambda g: _insert(lambda g: g.r.choice(('\\"', "\\'", '\\\\'))), BAD),
    ('single-in-double', 3, lambda g: lambda g, s: '"\'' + s + '\'"', BAD),
    ('glued-comment', 4, lambda g: lambda g, s: s + '#c', BAD),
    ('open-quote', 4, lambda g: _insert(lambda g: g.r.choice('"\'')), BAD),
    ('equals', 4, lambda g: _insert('='), BAD),
    ('cr', 3, lambda g: _insert('\r'), BAD),
    ('nul', 2, lambda g: _insert('\0'), BAD),
    ('form-feed', 2, lambda g: _insert('\f'), BAD),
    ('vertical-tab', 1, lambda g: _insert('\v'), BAD),
    ('non-ascii', 2, lambda g: _insert(lambda g: g.r.choice(('\xc3\xa9', '\xa0', '\xff', '\x1b[31m', '\x7f'))), BAD),
    ('empty', 2, lambda g: lambda g, s: '""', BAD),
    ('escaped-blank', 2, lambda g: _insert('\\ '), BAD),
])


def argument(g, text):
    """One argument as written in a file: one with blanks needs quotes, or backslashes."""
    if text == '' or ' ' in text or '\t' in text:
        if g.chance(0.3) and text != '':
            g.count('arg.blank-escaped')
            return text.replace(' ', '\\ ').replace('\t', '\\\t')
        g.count('arg.blank-quoted')
        return '"' + text + '"' if g.chance(0.6) else "'" + text + "'"
    return ARG.pick(g)(g, text)


BETWEEN = Table('between', [
    ('blank', 40, ' '), ('blanks', 2, '   '), ('tab', 2, '\t'), ('blank-tab', 1, ' \t '),
])

CASE = Table('case', [
    ('as-named', 60, lambda g: lambda g, k: k),
    ('lower', 8, lambda g: lambda g, k: k.lower()),
    ('upper', 5, lambda g: lambda g, k: k.upper()),
    ('mixed', 3, lambda g: lambda g, k: ''.join(c.upper() if g.chance(0.5) else c.lower() for c in k)),
])


def _quoted_tail(g, k, v):
    i = g.r.randint(0, len(k) - 1)
    return k[:i] + '"' + k[i:] + '"' + g.r.choice((' ', '')) + v


# How a keyword and its text make a line.  The results take (g, keyword, text).
LINE = Table('line', [
    ('plain', 300, lambda g: lambda g, k, v: k + ' ' + v),
    ('indented', 60, lambda g: lambda g, k, v: g.r.choice((' ', '    ', '\t', '\t\t', ' \t')) + k + ' ' + v),
    ('blanks', 12, lambda g: lambda g, k, v: k + g.r.choice(('  ', '\t', ' \t ')) + v),
    ('equals', 25, lambda g: lambda g, k, v: k + '=' + v),
    ('equals-left', 6, lambda g: lambda g, k, v: k + ' =' + v),
    ('equals-right', 6, lambda g: lambda g, k, v: k + '= ' + v),
    ('equals-spaced', 12, lambda g: lambda g, k, v: k + g.r.choice((' = ', '\t=\t', '  =  ')) + v),
    ('equals-first', 4, lambda g: lambda g, k, v: g.r.choice(('=', ' =', '= ', ' = ')) + k + ' ' + v),
    ('equals-first-twice', 3, lambda g: lambda g, k, v: g.r.choice(('==', '= = ', ' ==')) + k + ' ' + v),
    ('keyword-quoted', 6, lambda g: lambda g, k, v: '"' + k + '"' + g.r.choice((' ', '', '=', ' = ')) + v),
    ('keyword-tail-quoted', 4, lambda g: _quoted_tail),
    ('keyword-open-quote', 3, lambda g: lambda g, k, v: '"' + k + ' ' + v),
    ('trailing-blanks', 8, lambda g: lambda g, k, v: k + ' ' + v + g.r.choice((' ', '  \t', '\t'))),
    ('trailing-cr', 6, lambda g: lambda g, k, v: k + ' ' + v + g.r.choice(('\r', ' \r', '\r\r', '\r '))),
    ('trailing-form-feed', 4, lambda g: lambda g, k, v: k + ' ' + v + g.r.choice(('\f', ' \f', '\f\r'))),
    ('trailing-comment', 14, lambda g: lambda g, k, v: k + ' ' + v + g.r.choice((' # c', ' #', '\t#c "d"', ' # a=b'))),
    ('commented-out', 8, lambda g: lambda g, k, v: g.r.choice(('#', '# ', '  #')) + k + ' ' + v),
    ('nul-behind', 3, lambda g: lambda g, k, v: k + ' ' + v + g.r.choice(('\0', '\0junk', ' \0 # c'))),
    ('nul-first', 3, lambda g: lambda g, k, v: '\0' + k + ' ' + v),
    ('cr-between', 4, lambda g: lambda g, k, v: k + g.r.choice(('\r', ' \r ', '\r=\r')) + v),
    ('cr-first', 3, lambda g: lambda g, k, v: '\r' + k + ' ' + v),
    ('long', 2, lambda g: lambda g, k, v: k + ' ' * g.r.choice((1023, 1100, 4096, 9000)) + v),
    ('long-comment', 2, lambda g: lambda g, k, v: k + ' ' + v + ' #' + 'x' * g.r.choice((1020, 4096, 9000))),
    ('comment-open-quote', 3, lambda g: lambda g, k, v: k + ' ' + v + ' # don\'t "', BAD),
    ('equals-second', 6, lambda g: lambda g, k, v: k + g.r.choice((' ==', ' = =', '==', '= = ')) + v, BAD),
    ('no-argument', 6, lambda g: lambda g, k, v: k + g.r.choice(('', ' ', '=', ' = ', '\r', ' \0x')), BAD),
    ('only-comment', 4, lambda g: lambda g, k, v: k + ' # ' + v, BAD),
    ('extra', 6, lambda g: lambda g, k, v: k + ' ' + v + ' extra', BAD),
    ('form-feed-first', 3, lambda g: lambda g, k, v: '\f' + k + ' ' + v, BAD),
    ('vertical-tab', 3, lambda g: lambda g, k, v: k + '\v' + v, BAD),
    ('backslash-end', 3, lambda g: lambda g, k, v: k + ' ' + v + ' \\', BAD),
    ('nul-keyword', 3, lambda g: lambda g, k, v: k[:4] + '\0' + k[4:] + ' ' + v, BAD),
    ('no-break-space', 2, lambda g: lambda g, k, v: k + '\xc2\xa0' + v, BAD),
    ('semicolon', 2, lambda g: lambda g, k, v: ';' + k + ' ' + v, BAD),
    ('long-argument', 2, lambda g: lambda g, k, v: k + ' ' + v + 'y' * g.r.choice((300, 1100, 5000)), BAD),
])


def line(g, keyword, args, raw=False):
    """A line of keyword and arguments; raw ones stand as they are."""
    text = ''
    for i, a in enumerate(args):
        text += (BETWEEN.pick(g) if i else '') + (a if raw else argument(g, a))
    return LINE.pick(g)(g, CASE.pick(g)(g, keyword), text)


# Lines that set nothing.
IDLE = Table('idle', [
    ('empty', 20, ''),
    ('blank', 6, lambda g: g.r.choice((' ', '\t', ' \t '))),
    ('comment', 12, lambda g: g.r.choice(('# text', '#', '  # indented', '#"open', "\t#don't"))),
    ('cr', 4, '\r'),
    ('nul', 3, lambda g: g.r.choice(('\0', '\0Bogus yes', ' \0'))),
    ('equals', 2, lambda g: g.r.choice(('=', ' = ', '==', '= #'))),
    ('long', 1, lambda g: '#' + 'z' * g.r.choice((1021, 1022, 1023, 4095, 9000))),
    ('open-quote', 3, lambda g: g.r.choice(('"', ' "', '"ServerAliveInterval', '"Match all'))),
    ('quotes', 2, lambda g: g.r.choice(('""', '"" x', '"" ""', ' ""')), BAD),
    ('form-feed', 2, lambda g: g.r.choice(('\f', ' \f', '\f\f')), BAD),
])


# Files --------------------------------------------------------------------------------------------------------------

FILE = Table('file', [
    ('plain', 80, lambda g: lambda lines: '\n'.join(lines) + '\n'),
    ('no-last-newline', 8, lambda g: lambda lines: '\n'.join(lines)),
    ('crlf', 6, lambda g: lambda lines: '\r\n'.join(lines) + '\r\n'),
    ('crlf-no-last', 1, lambda g: lambda lines: '\r\n'.join(lines)),
    ('empty', 1, lambda g: lambda lines: ''),
    ('byte-order-mark', 2, lambda g: lambda lines: '\xef\xbb\xbf' + '\n'.join(lines) + '\n', BAD),
    ('cr-only', 1, lambda g: lambda lines: '\r'.join(lines) + '\r', BAD),
])


def store(g, name, lines):
    g.files[name] = FILE.pick(g)(lines)


# Include ------------------------------------------------------------------------------------------------------------

DEPTH_MAX = 16  # READCONF_MAX_DEPTH
NESTED_MAX = 3
FILES_MAX = 9


def _fresh(g, folder='', suffix='.conf'):
    """A new file with a body of its own, where there may be more; else one that is there and does not include us."""
    known = sorted(n for n in g.files if n.startswith(folder) and n.endswith(suffix) and n not in g.open)
    if known and (len(g.files) >= FILES_MAX or g.depth >= NESTED_MAX or g.chance(0.15)):
        return g.r.choice(known)
    name = folder + g.r.choice(('', '0', 'a', 'B', 'z')) + str(g.r.randint(1, 30)) + suffix
    if name in g.files or g.depth >= NESTED_MAX:
        return folder + 'none' + suffix
    g.files[name] = ''
    g.open.append(name)
    g.depth += 1
    was, outer = g.in_block, g.inherited
    g.inherited = was
    g.count('place.nested-%d' % g.depth)
    store(g, name, g.body(g, g.r.randint(0, 5)))
    g.in_block, g.inherited = was, outer
    g.depth -= 1
    g.open.pop()
    return name


def _absolute(g):
    return ['@DIR@/' + _fresh(g, 'i/')]


def _relative(g):
    """The client's start at ~/.ssh, the server's at /etc/ssh."""
    if g.side == 'client':
        return [_fresh(g, 'home/.ssh/')[len('home/.ssh/'):]]
    return ['../..@DIR@/' + _fresh(g, 'i/')]


def _tilde(g):
    if g.depth > 0:
        return _absolute(g)
    _fresh(g, 'home/.ssh/')
    return ['~/.ssh/*.conf' if g.chance(0.5) else '~/.ssh/' + _fresh(g, 'home/.ssh/')[len('home/.ssh/'):]]


def _drop_in(g):
    if g.depth > 0:  # sshd reads a glob that leads to itself in an order of its own
        return _absolute(g)
    for _ in g.few(1, 2, 2, 3):
        _fresh(g, 'd/')
    if g.chance(0.3):
        g.files['d/' + g.r.choice(('.hidden.conf', '50-x.conf.bak', '10-y.conf~', 'README'))] = 'Bogus yes\n'
    return [g.r.choice(('@DIR@/d/*.conf', '@DIR@/d/*.conf', '@DIR@/?/*.conf', '@DIR@/d/*.c?nf'))]


def _brackets(g):
    if g.depth > 0:
        return _absolute(g)
    _fresh(g, 'd/')
    return [g.r.choice(('@DIR@/d/[0-9]*.conf', '@DIR@/d/[!0]*.conf', '@DIR@/[a-e]/*.conf', '@DIR@/d/[a-zB]*.conf',
        '@DIR@/d/*[].]conf', '@DIR@/d/[^z]*.conf', '@DIR@/d/[.conf'))]


def _escaped(g):
    return ['@DIR@/' + _fresh(g, 'i/').replace('.', '\\.')]


def _several(g):
    return ['@DIR@/' + _fresh(g, 'i/') for _ in g.few(2, 3)] + _drop_in(g)[:1]


def _blank_name(g):
    g.files['a b.conf'] = '\n'.join(g.body(g, 1)) + '\n' if g.depth < NESTED_MAX else ''
    return ['@DIR@/a b.conf']


def _linked(g):
    name = _fresh(g, 'i/')
    g.links['l.conf'] = '@DIR@/' + name
    return ['@DIR@/l.conf']


def _dangling(g):
    g.links['d/55-gone.conf'] = '@DIR@/gone'
    return [g.r.choice(('@DIR@/d/*.conf', '@DIR@/d/55-gone.conf'))]


def _permissions(g):
    name = _fresh(g, 'i/')
    g.modes[name] = g.r.choice((0o666, 0o646, 0o622, 0o602, 0o777))
    return ['@DIR@/' + name]


def _allowed(g):
    name = _fresh(g, 'i/')
    g.modes[name] = g.r.choice((0o600, 0o400, 0o755, 0o640))
    return ['@DIR@/' + name]


def _group_write(g):
    name = _fresh(g, 'i/')
    g.modes[name] = g.r.choice((0o664, 0o660, 0o620))
    return ['@DIR@/' + name]


def _chain(n):
    """n files, each the only Include of the one before; the last one has lines."""
    def chain(g):
        if g.depth > 0:
            return ['@DIR@/none.conf']
        for i in range(1, n):
            g.files['c/%02d' % i] = 'Include @DIR@/c/%02d\n' % (i + 1)
        g.depth = NESTED_MAX
        store(g, 'c/%02d' % n, g.body(g, 3))
        g.depth = 0
        return ['@DIR@/c/01']
    return chain


INCLUDE = Table('include', [
    ('absolute', 30, _absolute),
    ('relative', 10, _relative),
    ('tilde', 5, _tilde),
    ('drop-in', 25, _drop_in),
    ('brackets', 4, _brackets),
    ('escaped', 2, _escaped),
    ('several', 4, _several),
    ('blank-name', 2, _blank_name),
    ('link', 3, _linked),
    ('missing', 5, lambda g: [g.r.choice(('@DIR@/none.conf', '@DIR@/none.d/*.conf', '@DIR@/d/{a,b}.conf',
        'sshkeep-none-*.conf', '@DIR@/%h.conf', '@DIR@/${HOME}/x', '~nobody-here/x', '~'))]),
    ('directory', 2, '@DIR@/home'),
    ('allowed-mode', 3, _allowed),
    ('group-write', 2, _group_write),
    ('depth-16', 2, _chain(DEPTH_MAX)),
    ('depth-17', 2, _chain(DEPTH_MAX + 1), BAD),
    ('self', 3, lambda g: '@DIR@/config' if g.depth == 0 else _absolute(g), BAD),
    ('dangling-link', 3, _dangling, BAD),
    ('permissions', 4, _permissions, BAD),
    ('empty', 3, [''], BAD),
    ('through-file', 1, '@DIR@/config/x', BAD),
])


def include(g):
    g.count('place.include-in-block' if g.in_block else 'place.include-on-top')
    return line(g, 'Include', args_of(g, INCLUDE.pick(g)))
