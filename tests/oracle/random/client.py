# SPDX-License-Identifier: MIT
"""Random client configs and command lines: ssh_config(5) of 9.2.  Nothing here runs a command: no Match exec, no
CanonicalizeHostname yes (DNS), and commands that exist only as text."""
from grammar import (BAD, CASE, FILE, IDLE, INCLUDE, INT, LINE, Table, args_of, argument, flag_table, include, line,
    pool, store, time_table)

TIME = time_table('client')
FLAG = flag_table('client')

PATH_TOKENS = ('%C', '%h', '%i', '%k', '%L', '%l', '%n', '%p', '%r', '%u', '%d', '%%', '%r@%h:%p')


def _token_path(g):
    start = g.r.choice(('~/.ssh/cm-', '/tmp/', '/run/%i/', '', '${HOME}/s-', '~root/'))
    return [start + g.r.choice(PATH_TOKENS) + g.r.choice(('', '-x', '.' + g.r.choice(PATH_TOKENS)))]


def _names(*names):
    return lambda g: ','.join(g.r.choice(names) for _ in g.few(1, 1, 2, 3))


FORWARD_FROM = pool('8080', '127.0.0.1:8080', '[::1]:8081', '*:8082', ':8083', 'localhost:8084', '/tmp/l', '/run/%u-l',
    '1', '65535', '[fe80::1]:90', '[10.0.0.1]:90', 'a/b:1', '127.0.0.1/8080', None,
    '0', '65536', 'x', '', ':', '[::1', '[::1]', 'a:b:1', '-1', '8080:web:80', '/tmp/l:1', ':/x', '[]:1', '\\:1', 'http')
FORWARD_TO = pool('web:80', '[::1]:80', 'localhost:443', '10.0.0.1:22', '/tmp/s', '/run/%h.sock', 'web:http', '[web]:80',
    'we\\:b:80', None, 'web', ':80', 'web:0', 'web:65536', '', '80', 'web:', '::1:80', '[::1]80', 'web:80:90', '/a:80',
    'web:80/', '[]:80', '[/x]')
DYNAMIC = pool('1080', '*:1081', 'localhost:1082', '[::1]:1083', ':1084', '127.0.0.1:1', '1:2', None,
    '0', '1:/x', '/x', '/x:1', '1:x', 'x', '', '65536', 'a:b:1', '[::1]', '[::1', ':', '1:', '[/x]:1', '1:2:3:4', '/x:/y')


def _two(first, second):
    return lambda g: first(g) + second(g)


def _remote(g):
    if g.chance(0.3):
        return pool('9000', '0', '[::]:9', '*:1080', 'localhost:1', '/tmp/r', '1', None, 'x', '', '65536', '/x:1')(g)
    return pool('9000', '0', '[::]:9', ':9001', '/tmp/r', '*:9002', None, 'x', '', '65536', '-1')(g) + FORWARD_TO(g)


JUMP = pool('j', 'bob@j', 'j:2200', 'bob@j:2200,far', 'a,b,c', 'none', '[::1]:22', '[::1]', 'ssh://a@b:3', 'ssh://b',
    'j,ssh://k', 'NONE', '10.0.0.1', 'alpha', 'bob@alpha', 'a@b@c', 'j. k', ['j,k'], 'alpha:22', None,
    'a b', '@j', 'j:0', 'j:', ':22', '', 'j:65536', 'j,', ',j', '[::1', 'ssh://', 'ssh://u;x@h', 'j:http', 'a/b', '-x',
    'none,j', 'j,none', 'j;k')

REKEY = pool('1G', '500M', '16', '1G 1h', 'default none', 'default 1h', '0', '1.5G', '64K 30', '1T', '1b', '2g 90',
    '0 none', '1P', '1E', '0.5k', 'default 0', '1G default', None,
    'none', '15', '1', '1Z', '-1', 'x', '', '1G x', '1.', '1.5', '99999999999999999999', '16E', '8E', '1G 1h 1', '1GG', '.5G')

HOST_VALUE = pool('alpha.example.com', 'beta.example.com', '%h.example.com', '%h', '10.0.0.1', '127.1', 'ALPHA', 'a%%b',
    '::1', 'FE80::1', '0x7f.1', '0177.0.0.1', '1.2.3.4.', '::ffff:1.2.3.4', 'fe80::1%%lo', '2130706433', 'x.corp',
    '[::1]', None, '%z', '%', '', 'a b', '%n', '%h%')

ALG = {
    'cipher': pool('aes128-ctr', 'aes256-ctr,aes128-ctr', '+aes128-cbc', '-*cbc', '^aes256-gcm@openssh.com',
        'chacha20-poly1305@openssh.com', None, 'nope', '', '+nope', 'aes128-ctr,', 'a b', '-nope', 'AES128-CTR'),
    'mac': pool('hmac-sha2-256', '+hmac-sha1', '-hmac-sha1*', '^umac-64@openssh.com', None, 'nope', '', '+', 'x y'),
    'kex': pool('curve25519-sha256', '+diffie-hellman-group14-sha1', '-*sha1', '^ecdh-sha2-nistp256', None, 'nope', '',
        '+nope', 'none'),
    'key': pool('ssh-ed25519', '+ssh-rsa', '-ssh-rsa*', '^rsa-sha2-512', 'ssh-ed25519,rsa-sha2-256', 'ecdsa-*', None,
        'nope', '', '+nope', 'ssh-ed25519 x'),
}

PATHS = pool('/etc/x', '~/.ssh/x', '/a/b /c', 'none', 'x y z', '~/%h', None, '', 'none x', 'x none', '~nobody-here/x',
    '${NOVAR}')
TEXT = pool('x', 'a-b_c.d', '/x/y', '10.0.0.1', 'none', ['with blank'], None, '', 'a b')
COMMAND = pool('/nonexistent/p %h %p', 'none', '/nonexistent/p "a b"', '/nonexistent/p # no comment', 'NONE',
    "/nonexistent/p 'x'", '/nonexistent/p %%', '/nonexistent/p %r %n', 'none ', None, '"', '/nonexistent/p "a',
    '%z', '')
IGNORE = pool('UseKeychain', 'Bogus*,UseKeychain', '*', 'bogus,usek*', 'BOGUS*', '?seKeychain', '!bogus,*', None,
    'a b', '', 'Bogus, UseKeychain')
USER = pool('bob', 'alice', 'root', 'git', 'Bob', ['a b'], 'x@y', None, '', 'a b')
PORT = pool('22', '2200', '2222', '1', '65535', 'ssh', 'http', '0022', None, '0', '65536', '-1', 'x', '', '22x', '+22')
OTHER_WORDS = {
    'AddKeysToAgent': pool('yes', 'no', 'ask', 'confirm', '1h', 'confirm 5m', None, 'x', '', 'yes 5m', 'ask 1h', 'none'),
    'AddressFamily': pool('any', 'inet', 'inet6', 'ANY', None, 'x', '', 'inet4'),
    'CanonicalDomains': pool('example.com', 'a.example b.example', 'none', 'EXAMPLE.com', None, '.x', 'x.', '', '-x',
        'a..b', 'none x', 'a_b', 'a*'),
    'CanonicalizeHostname': pool('no', 'false', 'NO', None, 'x', ''),
    'CanonicalizeMaxDots': pool('0', '1', '2', '-1', '010', '-2', None, 'x', '', '2147483648', '-5', '-0', 'none'),
    'CanonicalizePermittedCNAMEs': pool('none', 'NONE', None, 'x', '', 'none x'),  # (a rule makes ssh ask DNS)
    'Compression': pool('yes', 'no', 'YES', None, 'true', 'x', '', 'delayed'),
    'EscapeChar': pool('~', 'none', '^A', '^@', '^_', 'e', '^a', '%', None, '^', 'ab', '', 'None', '^\x7f', '^1'),
    'FingerprintHash': pool('md5', 'sha256', 'SHA512', None, 'x', ''),
    'IdentityAgent': pool('none', 'SSH_AUTH_SOCK', '$SOCK', '~/s', '/x', '${HOME}/a', '$A_1', None, '$', '$A-B', '',
        '${NOVAR}', '${', '$1'),
    'IPQoS': pool('af21 cs1', 'none', 'lowdelay', '0x10', 'ef', 'AF11 CS0', 'le', '16 8', '0', 'throughput', '255',
        '020', 'reliability', None, 'x', '256', '', 'a b c', '-1', 'va'),
    'LogLevel': pool('INFO', 'info', 'Info', None, 'x', '', 'INFOS'),
    'LogVerbose': pool('none', 'nosuch.c:*:1', 'a b', None, 'none x', '', 'x none'),
    'PermitRemoteOpen': pool('any', 'none', 'a:80', 'a:80 b:*', '[::1]:*', 'a:http', None, 'x', '', 'any a:80', 'a:0',
        'none none', 'a:', '80'),
    'PubkeyAuthentication': pool('yes', 'no', 'unbound', 'host-bound', 'True', None, 'x', ''),
    'RequestTTY': pool('yes', 'no', 'force', 'auto', 'TRUE', None, 'x', ''),
    'SendEnv': pool('LANG', 'LC_*', 'LANG LC_*', '-LC_*', '-*', None, 'A=b', '', 'A B='),
    'SetEnv': pool('A=b', 'A=b C=d', 'A=', ['A=b c'], 'A="x"', None, 'A', '', '=x', 'A=b C'),
    'StreamLocalBindMask': pool('0177', '0', '777', '022', '0777', None, '01000', 'x', '', '-1', '8', '1777'),
    'StrictHostKeyChecking': pool('yes', 'no', 'ask', 'off', 'accept-new', 'OFF', None, 'x', ''),
    'SyslogFacility': pool('USER', 'daemon', 'LOCAL7', 'AUTH', None, 'x', '', 'LOCAL8'),
    'Tunnel': pool('yes', 'no', 'point-to-point', 'ethernet', 'false', None, 'x', ''),
    'TunnelDevice': pool('any', '0', '1:2', 'any:any', '0:any', 'ANY', None, 'x', '', '1:', ':1', '2147483647', '-1'),
    'UpdateHostKeys': pool('yes', 'no', 'ask', None, 'x', ''),
    'VerifyHostKeyDNS': pool('yes', 'no', 'ask', None, 'x', ''),
    'RequiredRSASize': INT, 'NumberOfPasswordPrompts': INT,
    'ForwardX11Timeout': TIME,
    'RemoteCommand': COMMAND, 'KnownHostsCommand': COMMAND, 'LocalCommand': COMMAND,
    'GlobalKnownHostsFile': PATHS, 'UserKnownHostsFile': PATHS, 'IdentityFile': PATHS, 'CertificateFile': PATHS,
    'Ciphers': ALG['cipher'], 'MACs': ALG['mac'], 'KexAlgorithms': ALG['kex'], 'CASignatureAlgorithms': pool(
        'ssh-ed25519', '+rsa-sha2-512', '-ecdsa*', None, 'nope', '', 'a b'),
    'HostbasedAcceptedAlgorithms': ALG['key'], 'HostKeyAlgorithms': ALG['key'], 'PubkeyAcceptedAlgorithms': ALG['key'],
    'hostbasedkeytypes': ALG['key'], 'pubkeyacceptedkeytypes': ALG['key'], 'identityfile2': PATHS,
    'Protocol': pool('2', '1', '2,1', None, ''),
    'RemoteForward': _remote,
}
FLAGS = ('CanonicalizeFallbackLocal CheckHostIP EnableEscapeCommandline EnableSSHKeysign ForwardX11 ForwardX11Trusted '
    'GSSAPIAuthentication GSSAPIDelegateCredentials HashKnownHosts HostbasedAuthentication IdentitiesOnly '
    'KbdInteractiveAuthentication NoHostAuthenticationForLocalhost PasswordAuthentication PermitLocalCommand '
    'ProxyUseFdpass StreamLocalBindUnlink VisualHostKey ChallengeResponseAuthentication dsaauthentication '
    'skeyauthentication tisauthentication').split()
DEBIAN_WORDS = {
    'GSSAPIKeyExchange': FLAG, 'GSSAPIRenewalForcesRekey': FLAG, 'GSSAPITrustDNS': FLAG, 'GSSAPIClientIdentity': TEXT,
    'GSSAPIServerIdentity': TEXT,
    'GSSAPIKexAlgorithms': pool('gss-gex-sha1-', 'gss-group14-sha256-,gss-gex-sha1-', None, 'nope', '', '+x'),
}
RAW = {'CanonicalizePermittedCNAMEs', 'ProxyCommand', 'LocalCommand', 'RemoteCommand', 'KnownHostsCommand'}
# Words that 9.2 does not know: younger ones, those of the server, misspelt ones, of other vendors.
UNKNOWN = ('Bogus', 'UseKeychain', 'BogusTwo', 'ClientAliveInterval', 'ServerAliveIntervall', 'Tag', 'ChannelTimeout',
    'ObscureKeystrokeTiming', 'RefuseConnection', 'WarnWeakCrypto', 'VersionAddendum', 'hostbasedalgorithms',
    'PermitRootLogin', 'x')

FAMILY = [
    ('ServerAliveInterval', 60, TIME),
    ('ServerAliveCountMax', 35, INT),
    ('TCPKeepAlive', 18, FLAG),
    ('KeepAlive', 6, FLAG),
    ('SetupTimeOut', 5, TIME),
    ('ProtocolKeepAlives', 5, TIME),
    ('ConnectTimeout', 20, TIME),
    ('ConnectionAttempts', 10, pool('1', '2', '3', '010', '2147483647', None, '0', 'x', '', '-1', '2147483648', 'none')),
    ('BatchMode', 14, FLAG),
    ('ControlMaster', 12, pool('yes', 'no', 'auto', 'ask', 'autoask', 'AUTO', 'true', 'False', None, 'x', '', 'auto ask')),
    ('ControlPath', 14, lambda g: _token_path(g) if g.chance(0.7) else pool('none', 'NONE', '~/.ssh/c', '/x', ['/a b'],
        '~', 'a%%b', None, '%z', '${NOVAR}', '', '%', '~nobody-here/x', '${', '$HOME', '/a b')(g)),
    ('ControlPersist', 16, lambda g: TIME.pick(g) if g.chance(0.5) else pool('yes', 'no', 'true', 'false', '10m', '0',
        None, 'YES', 'No', 'x', '', 'none')(g)),
    ('ExitOnForwardFailure', 10, FLAG),
    ('ClearAllForwardings', 6, FLAG),
    ('GatewayPorts', 6, FLAG),
    ('LocalForward', 14, _two(FORWARD_FROM, FORWARD_TO)),
    ('RemoteForward', 12, _remote),
    ('DynamicForward', 10, DYNAMIC),
    ('ForwardAgent', 8, pool('yes', 'no', 'true', '/tmp', '$HOME', '~', '${HOME}', '/', 'YES', '%d', None, '/tmp/a',
        '', '$', '$A-B', '${NOVAR}', '%z', 'yes no')),
    ('ProxyJump', 14, JUMP),
    ('ProxyCommand', 10, COMMAND),
    ('RekeyLimit', 12, REKEY),
    ('SessionType', 6, pool('none', 'subsystem', 'default', 'NONE', None, 'x', '', 'shell')),
    ('StdinNull', 5, FLAG),
    ('ForkAfterAuthentication', 4, pool('no', 'false', None, 'yes', 'x', '')),
    ('RemoteCommand', 3, COMMAND),
    ('Hostname', 22, HOST_VALUE),
    ('User', 14, USER),
    ('Port', 10, PORT),
    ('HostKeyAlias', 4, TEXT),
    ('IgnoreUnknown', 6, IGNORE),
]


def words_table(classes):
    """The keywords: the family, what 9.2 knows besides, words without effect, unknown ones.
    classes: of fixtures/keywords.tsv, {word: class}."""
    rows = [(k, weight, (k, value)) for k, weight, value in FAMILY]
    named = {k.lower() for k, _, _ in FAMILY} | {'host', 'match', 'include'}
    unknown = {w.lower() for w in UNKNOWN}
    for k, cls in sorted(classes.items()):
        if k.lower() in named or k.lower() in unknown:
            continue
        value = OTHER_WORDS.get(k, FLAG if k in FLAGS else TEXT)
        if cls.startswith('alias+') or cls in ('deprecated', 'ignore', 'unsupported'):
            value = pool('yes', '2', 'x', None, '', 'x "')
        rows.append((k, 1.2, (k, value)))
    rows += [(k, 1.2, (k, value)) for k, value in DEBIAN_WORDS.items()]
    return Table('keyword', rows)


HOSTS = ('alpha', 'beta', 'gamma', 'alpha.example.com', 'beta.example.com', '10.0.0.1', '127.0.0.1', 'x.corp')

PATTERN = Table('host-pattern', [
    ('literal', 40, lambda g: g.r.choice(HOSTS)),
    ('star', 14, '*'),
    ('prefix', 8, lambda g: g.r.choice(('a*', 'al*', 'b*', 'alpha*', '10.*', '127.*'))),
    ('suffix', 8, lambda g: g.r.choice(('*.example.com', '*a', '*.corp', '*.0.0.1'))),
    ('inside', 4, lambda g: g.r.choice(('al*a', 'a*.*.com', '*ph*', '*.*', '**', '*a*a*', 'a**a', '*p*h*a'))),
    ('question', 6, lambda g: g.r.choice(('al?ha', '?????', 'a?pha', 'bet?', '?*', 'alpha?', '*?', '?'))),
    ('negated', 8, lambda g: '!' + g.r.choice(HOSTS)),
    ('negated-wild', 6, lambda g: '!' + g.r.choice(('a*', 'b*', '*.example.com', '*', 'al?ha'))),
    ('upper', 3, lambda g: g.r.choice(('ALPHA', 'Beta', '*.EXAMPLE.com', 'A*'))),
    ('comma', 3, lambda g: g.r.choice(('alpha,beta', 'alpha,*', ',alpha'))),
    ('brackets', 2, lambda g: g.r.choice(('[a]lpha', '[a-z]*', '10.0.0.0/8', '{alpha,beta}', '[::1]', '::1', '*:*'))),
    ('bang', 2, lambda g: g.r.choice(('!', '!!alpha', '! alpha'))),
    ('user-at', 1, lambda g: g.r.choice(('bob@alpha', 'root@*'))),
    ('many', 1, lambda g: ' '.join('h%d' % i for i in range(g.r.choice((40, 200)))) + ' ' + g.r.choice(HOSTS)),
    ('escaped', 2, lambda g: g.r.choice(('\\*', 'al\\pha', 'alpha\\'))),
    ('long', 1, lambda g: 'a' * g.r.choice((255, 1025)) + '*'),
    ('empty', 2, '', BAD),
])

LIST_PART = Table('list-part', [
    ('literal', 30, lambda g: g.r.choice(HOSTS + ('root', 'bob', 'alice', 'git'))),
    ('star', 8, '*'),
    ('wild', 10, lambda g: g.r.choice(('a*', '*.example.com', 'b?b', 'r*', '10.*', '*.*', '?*', '*a'))),
    ('negated', 8, lambda g: '!' + g.r.choice(HOSTS + ('root', 'bob'))),
    ('negated-wild', 5, lambda g: '!' + g.r.choice(('a*', '*', '*.corp', 'r*'))),
    ('upper', 4, lambda g: g.r.choice(('ALPHA', '*.EXAMPLE.COM', 'ROOT', 'Bob'))),
    ('empty', 1, ''),
    ('long', 1, lambda g: 'x' * g.r.choice((1023, 1024, 1100)), BAD),
])


def pattern_list(g):
    return ','.join(LIST_PART.pick(g) for _ in g.few(1, 1, 1, 2, 3)) or 'alpha'


SEPARATOR = Table('match-separator', [
    ('blank', 40, ' '), ('equals', 8, '='), ('equals-spaced', 4, ' = '), ('equals-left', 2, ' ='), ('equals-right', 2, '= '),
    ('tab', 2, '\t'), ('blanks', 2, '  '), ('cr', 1, '\r'), ('equals-twice', 1, '==', BAD),
])

LIST_FORM = Table('match-list', [
    ('plain', 60, lambda g: lambda s: s),
    ('quoted', 6, lambda g: lambda s: '"' + s + '"'),
    ('tail-quoted', 1, lambda g: lambda s: s[:1] + '"' + s[1:] + '"'),
    ('single-quoted', 2, lambda g: lambda s: "'" + s + "'"),
    ('backslash', 1, lambda g: lambda s: s + '\\'),
    ('with-blank', 2, lambda g: lambda s: '"' + s + ' x"'),
    ('open-quote', 2, lambda g: lambda s: '"' + s, BAD),
    ('empty', 2, lambda g: lambda s: '""', BAD),
    ('blank-in-list', 2, lambda g: lambda s: s + ', x', BAD),
])


def _listed(word):
    def criterion(g):
        return word + SEPARATOR.pick(g) + LIST_FORM.pick(g)(pattern_list(g))
    return criterion


CRITERION = Table('match', [
    ('host', 30, _listed('host')),
    ('originalhost', 16, _listed('originalhost')),
    ('user', 14, _listed('user')),
    ('localuser', 10, _listed('localuser')),
    ('final', 10, 'final'),
    ('canonical', 8, 'canonical'),
    ('unknown', 3, lambda g: g.r.choice(('exemple', 'tagged x', 'localnetwork 10.0.0.0/8', 'version x', 'command x',
        'sessiontype shell', 'address 10.0.0.1', 'hostname x')), BAD),
    ('no-list', 3, lambda g: g.r.choice(('host', 'user=', 'originalhost =', 'localuser')), BAD),
    ('all-in-between', 3, 'all', BAD),
    ('comment', 3, lambda g: g.r.choice(('#c', '# c', '#')), BAD),
    ('bang', 2, lambda g: g.r.choice(('!', '!!host alpha', '! host alpha', '!exemple')), BAD),
    ('quoted-criterion', 2, lambda g: g.r.choice(('"host" alpha', '"host alpha"', 'ho"st" alpha')), BAD),
])

NEGATION = Table('match-negation', [('none', 80, ''), ('negated', 18, '!')])

COMBINATION = Table('match-combination', [
    ('one', 40, lambda g: _criteria(g, 1)),
    ('two', 25, lambda g: _criteria(g, 2)),
    ('three', 12, lambda g: _criteria(g, 3)),
    ('all', 14, lambda g: 'all'),
    ('not-all', 2, lambda g: '!all'),
    ('one-all', 6, lambda g: _criteria(g, 1) + ' all'),
    ('final-all', 6, lambda g: g.r.choice(('final', 'canonical', '!final', 'FINAL')) + ' all'),
    ('all-one', 3, lambda g: 'all ' + _criteria(g, 1), BAD),
    ('two-all', 3, lambda g: _criteria(g, 2) + ' all', BAD),
    ('nothing', 2, lambda g: g.r.choice(('', '""', '#c', '=')), BAD),
])


def _criteria(g, n):
    text = ''
    for i in range(n):
        c = CRITERION.pick(g)
        word = c.split(' ')[0]
        if g.chance(0.08):
            g.count('match-case.other')
            c = (word.upper() if g.chance(0.5) else word.capitalize()) + c[len(word):] if '=' not in word else c
        text += (g.r.choice((' ', ' ', ' ', '  ', '\t')) if i else '') + NEGATION.pick(g) + c
    return text


def host_header(g):
    args = []
    for _ in g.few(1, 1, 1, 2, 2, 3):
        args += args_of(g, PATTERN.pick(g))
    return line(g, 'Host', args)


def match_header(g):
    return LINE.pick(g)(g, CASE.pick(g)(g, 'Match'), COMBINATION.pick(g))


def setting(g):
    """A line of one keyword; words of the case's focus come often, so that they meet."""
    if g.focus and g.chance(0.55):
        word, value = g.r.choice(g.focus)
        g.count('place.repeated')
    else:
        word, value = WORDS.pick(g)
    args = args_of(g, value.pick(g) if isinstance(value, Table) else value(g))
    return line(g, word, args, raw=word in RAW)


def unknown(g):
    if not g.unknown_ok and g.bad == 0:
        return '# Bogus yes'
    g.count('unknown.ignored' if g.unknown_ok else 'unknown.word')
    word = g.r.choice(UNKNOWN)
    if g.unknown_ok and g.bad == 0:
        word = g.r.choice(('Bogus', 'UseKeychain', 'BogusTwo', 'bogus'))
    return line(g, word, ['yes'])


ELEMENT = Table('element', [
    ('setting', 60, setting),
    ('host', 20, host_header),
    ('match', 16, match_header),
    ('include', 8, include),
    ('idle', 8, lambda g: IDLE.pick(g)),
    ('unknown', 3, unknown),
])


def body(g, n):
    lines = []
    for _ in range(n):
        text = ELEMENT.pick(g)
        if text.lstrip(' \t=\r"').lower().startswith(('host ', 'match ', 'host=', 'match=')):
            g.in_block = True
        lines.append(text)
    return lines


def _option(*rows):
    """-o with one of some lines."""
    table = pool(*rows)
    return lambda g: ['-o', ' '.join(table(g))]


def _option_setting(g):
    """(A subsystem needs its name behind the host, and sshkeep takes no remote command.)"""
    text = setting(g).replace('\0', '')[:3000]
    return ['-o', 'BatchMode=yes' if not text or 'subsystem' in text.lower() else text]


DESTINATION = Table('destination', [
    ('literal', 60, lambda g: g.r.choice(HOSTS[:5])),
    ('address', 6, lambda g: g.r.choice(('10.0.0.1', '127.0.0.1', '::1', 'FE80::1', '127.1', '0x7f.1', '1.2.3.4.'))),
    ('upper', 6, lambda g: g.r.choice(('ALPHA', 'Beta.Example.COM'))),
    ('user', 10, lambda g: g.r.choice(('bob', 'root', 'git', 'a@b')) + '@' + g.r.choice(HOSTS[:5])),
    ('uri', 4, lambda g: 'ssh://' + g.r.choice(('', 'bob@')) + g.r.choice(HOSTS[:5]) + g.r.choice(('', ':2200', ':22'))),
    ('odd', 2, lambda g: g.r.choice(('al_pha', 'alpha.', 'a..b', 'h1'))),
    ('bad', 1, lambda g: g.r.choice(('!alpha', '*', 'x,y', 'a b', '-x', '@alpha', 'ssh://', 'ssh://a:x', 'a;b@h', '$(x)')), BAD),
])

COMMAND_LINE = Table('command-line', [
    ('option-setting', 12, _option_setting),
    ('option-family', 30, lambda g: ['-o', g.r.choice(('ServerAliveInterval', 'serveralivecountmax', 'ConnectTimeout')) +
        g.r.choice(('=', ' ', ' = ')) + g.r.choice(NUMBER_WORDS)]),
    ('option-ignore', 3, _option('IgnoreUnknown=Bogus*,UseKeychain', 'IgnoreUnknown *')),
    ('option-comment', 2, _option('ServerAliveInterval=7 # c', 'TCPKeepAlive no#c')),
    ('option-block', 2, _option(None, 'Host *', 'Match all', 'Include x', 'host=alpha'), BAD),
    ('option-bad', 3, _option(None, 'Bogus=1', 'ServerAliveInterval', 'ServerAliveInterval=x', '=', 'TCPKeepAlive="', '#x'),
        BAD),
    ('port', 8, lambda g: ['-p', g.r.choice(('22', '2200', '65535', '1'))]),
    ('port-bad', 2, lambda g: ['-p', g.r.choice(('0', 'x', '65536', '-1', '22x'))], BAD),
    ('jump', 8, lambda g: ['-J', ''.join(pool('j', 'bob@j:2200,far', 'none', '[::1]:22', 'ssh://a@b:3', 'a,b')(g))]),
    ('jump-bad', 2, lambda g: ['-J', g.r.choice(('@j', 'j:0', 'a b', ',', 'j:x'))], BAD),
    ('login', 8, lambda g: ['-l', g.r.choice(('bob', 'root', 'git'))]),
])
NUMBER_WORDS = ('0', '1', '17', '33', '1m', '90', 'none')


def command_line(g):
    args = []
    for _ in g.few(0, 0, 0, 0, 1, 1, 2):
        args += COMMAND_LINE.pick(g)
    return ['-F', '@DIR@/config'] + args + [DESTINATION.pick(g)]


WORDS = None
PLACES = ['place.nested-1', 'place.nested-2', 'place.nested-3', 'place.include-in-block', 'place.include-on-top',
    'place.repeated', 'unknown.ignored', 'unknown.word', 'match-case.other', 'arg.blank-escaped', 'arg.blank-quoted']


def setup(classes):
    """To be called once; the names of all productions."""
    global WORDS
    from grammar import ARG, BETWEEN
    WORDS = words_table(classes)
    tables = (TIME, FLAG, INT, ARG, BETWEEN, CASE, LINE, IDLE, FILE, INCLUDE, WORDS, PATTERN, LIST_PART, SEPARATOR,
        LIST_FORM, CRITERION, NEGATION, COMBINATION, ELEMENT, DESTINATION, COMMAND_LINE)
    return PLACES + [name for t in tables for name in t.names]


def make(g):
    """Fill g with one case; the arguments of ssh -G."""
    g.body = body
    if g.chance(0.6):
        g.focus = [WORDS.pick(g) for _ in g.few(1, 2, 3)]
    lines = []
    if g.chance(0.12):
        g.unknown_ok = True
        lines.append('IgnoreUnknown Bogus*,UseKeychain')
    lines += body(g, g.r.choice((1, 2, 3, 4, 5, 6, 8, 10, 14)))
    store(g, 'config', lines)
    return command_line(g)
