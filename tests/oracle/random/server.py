# SPDX-License-Identifier: MIT
"""Random server configs and connections: sshd_config(5) of 9.2."""
from client import ALG, REKEY
from grammar import (ARG, BAD, BETWEEN, CASE, FILE, IDLE, INCLUDE, INT, LINE, Table, args_of, flag_table, include, line,
    pool, store, time_table)

TIME = time_table('server')
FLAG = flag_table('server')

ADDRESS = Table('address-part', [
    ('address', 20, lambda g: g.r.choice(('192.0.2.7', '10.1.2.3', '127.0.0.1', '2001:db8::1', '::1'))),
    ('cidr', 20, lambda g: g.r.choice(('192.0.2.0/24', '10.0.0.0/8', '0.0.0.0/0', '127.0.0.0/8', '10.1.2.3/32',
        '192.0.2.4/30'))),
    ('cidr6', 10, lambda g: g.r.choice(('2001:db8::/32', '::/0', '::1/128', 'fe80::/10', '2001:DB8::/48'))),
    ('wildcard', 8, lambda g: g.r.choice(('192.0.2.*', '10.*', '*', '192.0.2.?', '2001:db8:*', '*::1', '10.1.2.*3'))),
    ('negated', 8, lambda g: '!' + g.r.choice(('10.1.2.3', '192.0.2.7', '::1'))),
    ('negated-cidr', 5, lambda g: '!' + g.r.choice(('192.0.2.0/24', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0'))),
    ('name', 3, lambda g: g.r.choice(('alpha', 'localhost', 'alpha.example.com', 'ALPHA'))),
    ('mapped', 2, lambda g: g.r.choice(('::ffff:10.1.2.3', '::ffff:0:0/96'))),
    ('host-bits', 2, lambda g: g.r.choice(('10.0.0.1/8', '2001:db8::1/32', '192.0.2.7/24')), BAD),
    ('mask', 2, lambda g: g.r.choice(('10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/x', '10.0.0.0/', '/8',
        '10.0.0.0/08', '10.0.0.0/8/8', 'x/8', '10/8')), BAD),
    ('empty', 2, '', BAD),
    ('long', 1, lambda g: '1' * g.r.choice((63, 64, 70, 1100)), BAD),
])


def address_list(g):
    return ','.join(ADDRESS.pick(g) for _ in g.few(1, 1, 2, 3))


USERS = ('root', 'bob', 'alice', 'nobody', 'daemon')
NAME_PART = Table('list-part', [
    ('literal', 30, lambda g: g.r.choice(USERS)),
    ('star', 8, '*'),
    ('wild', 10, lambda g: g.r.choice(('r*', '*o*', 'b?b', '?????', '*ot', 'no*y', 'b**b'))),
    ('negated', 8, lambda g: '!' + g.r.choice(USERS)),
    ('negated-wild', 5, lambda g: '!' + g.r.choice(('r*', '*', 'b?b'))),
    ('upper', 3, lambda g: g.r.choice(('ROOT', 'Bob', 'R*'))),
    ('empty', 1, ''),
    ('long', 1, lambda g: 'x' * g.r.choice((1023, 1024, 1100)), BAD),
])
GROUP_PART = Table('group-part', [
    ('literal', 20, lambda g: g.r.choice(('root', 'daemon', 'nogroup', 'sudo', 'wheel', 'users'))),
    ('wild', 10, lambda g: g.r.choice(('*', 'ro*', 'no*', '*group', 'r??t'))),
    ('negated', 6, lambda g: '!' + g.r.choice(('root', 'nogroup', 'r*', '*'))),
    ('empty', 1, ''),
])
HOST_PART = Table('host-part', [
    ('literal', 20, lambda g: g.r.choice(('alpha', 'beta.example.com', 'UNKNOWN', '192.0.2.7', 'localhost'))),
    ('wild', 12, lambda g: g.r.choice(('*', '*.example.com', 'a*', '?lpha', '192.*', '*a'))),
    ('upper', 4, lambda g: g.r.choice(('ALPHA', '*.EXAMPLE.COM'))),
    ('negated', 6, lambda g: '!' + g.r.choice(('alpha', '*.example.com', 'ALPHA', '*'))),
])


def _parts(table):
    return lambda g: ','.join(table.pick(g) for _ in g.few(1, 1, 1, 2, 3)) or '*'


PORTS = Table('match-port', [
    ('number', 20, lambda g: g.r.choice(('22', '2222', '1', '65535', '022'))),
    ('service', 4, lambda g: g.r.choice(('ssh', 'http'))),
    ('bad', 3, lambda g: g.r.choice(('0', '65536', 'x', '-1', '22,2222', '22x', '+22')), BAD),
])

SEPARATOR = Table('match-separator', [
    ('blank', 40, ' '), ('equals', 8, '='), ('equals-spaced', 4, ' = '), ('equals-left', 2, ' ='), ('equals-right', 2, '= '),
    ('tab', 2, '\t'), ('blanks', 2, '  '), ('cr', 1, '\r'), ('equals-twice', 1, '==', BAD),
])

LIST_FORM = Table('match-list', [
    ('plain', 60, lambda g: lambda s: s),
    ('quoted', 6, lambda g: lambda s: '"' + s + '"'),
    ('tail-quoted', 1, lambda g: lambda s: s[:1] + '"' + s[1:] + '"'),
    ('single-quoted', 2, lambda g: lambda s: "'" + s + "'", BAD),
    ('with-blank', 1, lambda g: lambda s: '"' + s + ' x"', BAD),
    ('open-quote', 2, lambda g: lambda s: '"' + s, BAD),
    ('empty', 2, lambda g: lambda s: '""', BAD),
    ('blank-in-list', 2, lambda g: lambda s: s + ', x', BAD),
])


def _listed(word, parts):
    return lambda g: word + SEPARATOR.pick(g) + LIST_FORM.pick(g)(parts(g))


CRITERION = Table('match', [
    ('user', 30, _listed('user', _parts(NAME_PART))),
    ('group', 10, _listed('group', _parts(GROUP_PART))),
    ('host', 14, _listed('host', _parts(HOST_PART))),
    ('address', 26, _listed('address', address_list)),
    ('localaddress', 8, _listed('localaddress', address_list)),
    ('localport', 8, lambda g: 'localport' + SEPARATOR.pick(g) + PORTS.pick(g)),
    ('rdomain', 5, _listed('rdomain', _parts(NAME_PART))),
    ('negated', 2, lambda g: g.r.choice(('!user bob', '!all', '!address 10.0.0.0/8')), BAD),
    ('unknown', 3, lambda g: g.r.choice(('invalid-user', 'version x', 'originalhost x', 'final', 'localuser root', 'x')),
        BAD),
    ('no-list', 3, lambda g: g.r.choice(('user', 'address=', 'host =', 'localport', 'group')), BAD),
    ('all-in-between', 2, 'all', BAD),
    ('comment', 2, lambda g: g.r.choice(('#c', '# c', '#')), BAD),
    ('quoted-criterion', 2, lambda g: g.r.choice(('"user" bob', '"user bob"')), BAD),
])

COMBINATION = Table('match-combination', [
    ('one', 50, lambda g: _criteria(g, 1)),
    ('two', 25, lambda g: _criteria(g, 2)),
    ('three', 10, lambda g: _criteria(g, 3)),
    ('all', 16, lambda g: g.r.choice(('all', 'all', 'ALL', '"all"'))),
    ('one-all', 3, lambda g: _criteria(g, 1) + ' all', BAD),
    ('all-one', 3, lambda g: 'all ' + _criteria(g, 1), BAD),
    ('nothing', 2, lambda g: g.r.choice(('', '""', '#c', '=')), BAD),
])


def _criteria(g, n):
    text = ''
    for i in range(n):
        c = CRITERION.pick(g)
        word = c.split(' ')[0]
        if g.chance(0.1) and '=' not in word:
            g.count('match-case.other')
            c = (word.upper() if g.chance(0.5) else word.capitalize()) + c[len(word):]
        text += (g.r.choice((' ', ' ', ' ', '  ', '\t')) if i else '') + c
    return text


TEXT = pool('x', 'a-b_c.d', '/x/y', 'none', None, '', 'a b')
ABSOLUTE = pool('/nonexistent/x', 'none', '/x/y %u', 'NONE', None, 'x', '', '%u', '"/a', '~/x')
OPEN = pool('any', 'none', 'a:80', 'a:80 b:*', '[::1]:80', 'a:http', '*:80', '10.0.0.1:22', 'a:80 a:80', None,
    'x', '', 'any a:80', 'none a:80', 'a:80 none', 'a:0', '80', 'a:', ':80', '[::1]', '::1:80', 'a:80 #c', 'a:65536')
LISTEN = pool('any', 'none', '80', 'h:80', '*:80', '80 81', '[::1]:80', 'localhost:8080', 'h:*', '*', 'a:http', None,
    'x', '', 'any 80', 'none 80', '0', '65536', ':80', 'h:', '[::1]', '-1')
CHANNELS = pool('session:*=5m', 'none', '*=0', 'session:*=5m direct-tcpip=1h', 'x11-connection=30', 'a=1', 'session=1h30m',
    '*=2147483647', 'global=5m', 'NONE', 'a=1 a=2', 'session*=010', None,
    'session', 'session=5x', '=5', '', 'a=', 'a=1 none', 'none a=1', 'a=none', 'x', 'a=1=2', 'a=-1', 'a=1 b', 'a=2147483648')
STARTUPS = pool('5', '10:30:100', '7:10:30', '1', '9:100:9', '010:30:100', '1:1:1', '10:30:60x', '2147483647', None,
    '0', '5:0:9', '9:30:5', 'x', '', '1:2', '1:2:', '-1', '10:101:20', '1:2:3:4', '10:30:0', '2147483648', ':::')
BLOCK_SIZE = pool('32', '24:64', '32:128', '0', '0:0', '8', '32:48', '24', None,
    '33', '32:129', 'x', '', '32:', ':64', '-1', '32:64:1', '010:64', '32:x')
SOURCE_MAX = pool('none', '1', '5', '10', '100', '2147483647', 'NONE', '010', None, '0', 'x', '', '-1', '2147483648')
WORD_VALUES = {
    'AcceptEnv': pool('LANG', 'LC_*', 'LANG LC_*', None, 'A=b', '', 'A B='),
    'AddressFamily': pool('any', 'inet', 'inet6', 'ANY', None, 'x', ''),
    'AllowStreamLocalForwarding': pool('yes', 'no', 'all', 'local', 'remote', None, 'x', ''),
    'AuthenticationMethods': pool('any', 'publickey', 'publickey,password', 'publickey password',
        'keyboard-interactive:pam', None, 'x', '', 'any publickey', 'publickey any', 'publickey,', 'none'),
    'AuthorizedKeysFile': pool('.ssh/authorized_keys', 'none', 'a b', '/etc/%u', None, '', 'none x'),
    'AuthorizedKeysCommandUser': pool('nobody', 'root', None, ''),
    'AuthorizedPrincipalsCommandUser': pool('nobody', 'root', None, ''),
    'Banner': pool('none', '/etc/issue', 'x', None, '', 'a b'),
    'ChrootDirectory': pool('none', '/srv/%u', '%h', 'x', None, '', 'a b'),
    'Compression': pool('yes', 'no', 'delayed', 'YES', None, 'x', '', 'true'),
    'FingerprintHash': pool('md5', 'sha256', 'SHA512', None, 'x', ''),
    'HostKey': pool('/nonexistent/k', 'x', None, '', 'a b'),
    'HostKeyAgent': pool('SSH_AUTH_SOCK', 'none', None, '', 'a b'),
    'IgnoreRhosts': pool('yes', 'no', 'shosts-only', None, 'x', ''),
    'IPQoS': pool('af21 cs1', 'none', 'lowdelay', '0x10', 'ef', 'AF11 CS0', 'le', '16 8', '0', 'throughput', None, 'x', '256',
        '', 'a b c', '-1', 'va'),
    'ListenAddress': pool('0.0.0.0', '127.0.0.1:22', '[::1]:22', '::1', '*', '::',
        '[::]', '127.0.0.1:ssh', '127.0.0.1 rdomain lo', None, '', '127.0.0.1:0', '[::1', '127.0.0.1 x', '127.0.0.1:65536', '127.0.0.1:x',
        '127.0.0.1 rdomain', '127.0.0.1 rdomain nope', '127.0.0.1 rdomain lo x', '[::1]:22 rdomain', '/x', '1/2',
        '127.0.0.1 rdomain ""'),
    'LogLevel': pool('INFO', 'info', 'Info', None, 'x', '', 'INFOS'),
    'LogVerbose': pool('none', 'nosuch.c:*:1', 'a b', None, 'none x', '', 'x none'),
    'ModuliFile': pool('/etc/ssh/moduli', 'x', None, '', 'a b'),
    'PermitRootLogin': pool('yes', 'no', 'prohibit-password', 'without-password', 'forced-commands-only', 'YES', None, 'x',
        ''),
    'PermitTunnel': pool('yes', 'no', 'point-to-point', 'ethernet', None, 'YES', 'x', ''),
    'PermitUserEnvironment': pool('yes', 'no', 'LANG,LC_*', 'X', None, ''),
    'PidFile': pool('none', '/run/x.pid', None, '', 'a b'),
    'Port': pool('22', '2222', 'ssh', '022', None, '0', '65536', 'x', '', '22 23'),
    'Protocol': pool('2', '1', '2,1', None, ''),
    'PubkeyAuthOptions': pool('none', 'touch-required', 'verify-required', 'touch-required verify-required', 'None', None,
        'x', '', 'none x'),
    'RDomain': pool(None, 'x', 'none', '%D', ''),
    'RevokedKeys': pool('none', '/etc/x', None, '', 'a b'),
    'SetEnv': pool('A=b', 'A=b C=d', 'A=', ['A=b c'], 'A=b A=c', None, 'A', '', '=x', 'A=b C'),
    'StreamLocalBindMask': pool('0177', '0', '777', '022', None, '01000', 'x', '', '-1', '8'),
    'Subsystem': pool('sftp internal-sftp', 'sftp /usr/lib/sftp -l INFO', 'x y', None, 'sftp', '', 'sftp ""', '"" x'),
    'SyslogFacility': pool('USER', 'daemon', 'LOCAL7', 'AUTH', None, 'x', '', 'LOCAL8'),
    'TrustedUserCAKeys': pool('none', '/etc/x', None, '', 'a b'),
    'VersionAddendum': pool('none', 'x', 'a b c', 'x # y', None, '', '#c'),
    'X11DisplayOffset': INT, 'MaxAuthTries': INT, 'RequiredRSASize': INT,
    'Ciphers': ALG['cipher'], 'MACs': ALG['mac'], 'KexAlgorithms': ALG['kex'],
    'CASignatureAlgorithms': pool('ssh-ed25519', '+rsa-sha2-512', '-ecdsa*', None, 'nope', '', 'a b'),
    'HostbasedAcceptedAlgorithms': ALG['key'], 'HostKeyAlgorithms': ALG['key'], 'PubkeyAcceptedAlgorithms': ALG['key'],
    'hostbasedacceptedkeytypes': ALG['key'], 'pubkeyacceptedkeytypes': ALG['key'],
    'AuthorizedKeysCommand': ABSOLUTE, 'AuthorizedPrincipalsCommand': ABSOLUTE,
    'ForceCommand': pool('none', 'internal-sftp', '/x "a b"', '/x # y', None, '', '"'),
    'AllowUsers': pool('bob', 'bob alice', 'bob@10.0.0.0/8', '*@*', '!bob', 'a@b@10.*', None, '', 'bob@10.0.0.1/8', 'x@'),
    'DenyUsers': pool('bob', 'bob alice', 'bob@10.0.0.0/8', '*@*', None, '', 'bob@10.0.0.1/8'),
    'AllowGroups': pool('root', 'a b', '*', None, ''), 'DenyGroups': pool('root', 'a b', '*', None, ''),
    'TCPKeepAlive': FLAG, 'hostdsakey': pool('/nonexistent/k', None, ''),
    'PubkeyAuthentication': FLAG,
}
FLAGS = ('ExposeAuthInfo GSSAPIAuthentication GSSAPICleanupCredentials GSSAPIStrictAcceptorCheck '
    'HostbasedAuthentication HostbasedUsesNameFromPacketOnly IgnoreUserKnownHosts KbdInteractiveAuthentication '
    'PasswordAuthentication PermitEmptyPasswords PermitTTY PermitUserRC PrintLastLog PrintMotd StreamLocalBindUnlink '
    'StrictModes UseDNS UsePAM X11Forwarding X11UseLocalhost ChallengeResponseAuthentication dsaauthentication '
    'skeyauthentication').split()
DEBIAN_WORDS = {
    'DebianBanner': FLAG, 'GSSAPIKeyExchange': FLAG, 'GSSAPIStoreCredentialsOnRekey': FLAG,
    'GSSAPIKexAlgorithms': pool('gss-gex-sha1-', None, 'nope', '', '+x'),
}
RAW = {'AuthorizedKeysCommand', 'AuthorizedPrincipalsCommand', 'ForceCommand', 'VersionAddendum'}
UNKNOWN = ('Bogus', 'ServerAliveInterval', 'ClientAliveIntervall', 'Host', 'BatchMode', 'IgnoreUnknown', 'UseKeychain',
    'RefuseConnection', 'PAMServiceName', 'PerSourcePenalties', 'PerSourcePenaltyExemptList', 'SshdAuthPath',
    'SshdSessionPath', 'GSSAPIDelegateCredentials', 'conf')

# Words that may not stand in a Match block are marked: there they are an error.
FAMILY = [
    ('ClientAliveInterval', 60, TIME, True),
    ('ClientAliveCountMax', 40, INT, True),
    ('TCPKeepAlive', 14, FLAG, False),
    ('KeepAlive', 5, FLAG, False),
    ('ChannelTimeout', 14, CHANNELS, True),
    ('UnusedConnectionTimeout', 18, lambda g: TIME.pick(g) if g.chance(0.6) else pool('none', '5m', 'NONE', '0')(g), True),
    ('LoginGraceTime', 14, TIME, False),
    ('MaxSessions', 12, INT, True),
    ('MaxStartups', 12, STARTUPS, False),
    ('PerSourceMaxStartups', 8, SOURCE_MAX, False),
    ('PerSourceNetBlockSize', 8, BLOCK_SIZE, False),
    ('RekeyLimit', 12, REKEY, True),
    ('AllowTcpForwarding', 10, pool('yes', 'no', 'local', 'remote', 'all', 'YES', None, 'x', '', 'true'), True),
    ('AllowAgentForwarding', 8, FLAG, True),
    ('GatewayPorts', 8, pool('yes', 'no', 'clientspecified', 'NO', None, 'x', '', 'true'), True),
    ('PermitOpen', 12, OPEN, True),
    ('PermitListen', 12, LISTEN, True),
    ('DisableForwarding', 8, FLAG, True),
]


def words_table(classes, in_match):
    rows = [(k, weight, (k, value, ok)) for k, weight, value, ok in FAMILY]
    named = {k.lower() for k, *_ in FAMILY} | {'match', 'include'} | {w.lower() for w in UNKNOWN}
    for k, cls in sorted(classes.items()):
        if k.lower() in named:
            continue
        value = WORD_VALUES.get(k, FLAG if k in FLAGS else TEXT)
        if k.lower().startswith('kerberos') or cls in ('deprecated', 'ignore', 'unsupported'):
            value = pool('yes', '2', 'x', None, '', 'x "')
        row = (k, 1.2, (k, value, in_match.get(k) == 'yes'))
        rows.append(row + (BAD,) if k == 'RDomain' else row)
    return Table('keyword', rows + [(k, 1.2, (k, value, False)) for k, value in DEBIAN_WORDS.items()])


def match_header(g):
    return LINE.pick(g)(g, CASE.pick(g)(g, 'Match'), COMBINATION.pick(g))


def setting(g):
    for _ in range(8):
        if g.focus and g.chance(0.55):
            word, value, in_match = g.r.choice(g.focus)
            g.count('place.repeated')
        else:
            word, value, in_match = WORDS.pick(g)
        # A word of the global section below a Match is an error.
        if in_match or not g.in_block or g.bad > 0 and g.chance(0.3):
            break
    else:
        word, value, in_match = 'ClientAliveInterval', TIME, True
    args = args_of(g, value.pick(g) if isinstance(value, Table) else value(g))
    return line(g, word, args, raw=word in RAW)


def unknown(g):
    if g.bad == 0:
        return '# Bogus yes'
    g.count('unknown.word')
    return line(g, g.r.choice(UNKNOWN), ['yes'])


ELEMENT = Table('element', [
    ('setting', 70, setting),
    ('match', 20, match_header),
    ('include', 9, include),
    ('idle', 8, lambda g: IDLE.pick(g)),
    ('unknown', 3, unknown),
])


def body(g, n):
    """The lines of a file.  One that is included below a Match belongs to its block: g.in_block is then set."""
    lines = []
    for _ in range(n):
        text = ELEMENT.pick(g)
        bare = text.strip(' \t=\r\f"').lower()
        if bare.startswith(('match ', 'match=')):
            g.in_block = g.inherited or not bare.endswith((' all', '=all'))
        lines.append(text)
    return lines


SPEC = Table('spec', [
    ('none', 14, lambda g: []),
    ('user', 12, lambda g: ['user=' + _user(g)]),
    ('three', 16, lambda g: ['user=%s,host=%s,addr=%s' % (_user(g), _host(g), _address(g))]),
    ('full', 34, lambda g: ['user=%s,host=%s,addr=%s,laddr=%s,lport=%s' % (_user(g), _host(g), _address(g), _address(g),
        g.r.choice(('22', '2222', '1')))]),
    ('no-user', 6, lambda g: ['host=%s,addr=%s,lport=22' % (_host(g), _address(g))]),
    ('rdomain', 6, lambda g: ['user=%s,lport=22,rdomain=%s' % (_user(g), g.r.choice(('bob', 'root', '0', '')))]),
    ('twice', 5, lambda g: ['user=' + _user(g), 'addr=%s,lport=2222' % _address(g)]),
    ('port-only', 4, lambda g: ['lport=22']),
    ('repeated-item', 3, lambda g: ['user=%s,user=%s,lport=22' % (_user(g), _user(g))]),
    ('odd-address', 3, lambda g: ['user=bob,lport=22,addr=' + g.r.choice(('bogus', '10.1.2', '', '10.1.2.3x', '0x7f.1',
        '10.1.2.03', '::ffff:10.1.2.3', 'fe80::1%lo', '2001:db8:7', '192.7', 'UNKNOWN'))], BAD),
    ('bad', 3, lambda g: [g.r.choice(('x=1', 'user', 'lport=x', 'lport=0', 'bogus', 'lport=65536', 'invalid-user'))], BAD),
])


def _user(g):
    return g.r.choice(('root', 'bob', 'alice', 'nobody', 'daemon', 'Bob'))


def _host(g):
    return g.r.choice(('alpha', 'beta.example.com', 'ALPHA', 'UNKNOWN', '192.0.2.7', 'x'))


def _address(g):
    return g.r.choice(('192.0.2.7', '10.1.2.3', '127.0.0.1', '2001:db8::1', '::1', '198.51.100.1', '2001:DB8::1'))


COMMAND_LINE = Table('command-line', [
    ('option', 8, lambda g: ['-o', g.r.choice(('ClientAliveInterval', 'ClientAliveCountMax', 'MaxSessions')) +
        g.r.choice(('=', ' ', ' = ')) + g.r.choice(('0', '1', '17', '33'))]),
    ('option-setting', 5, lambda g: ['-o', setting(g).replace('\0', '')[:3000] or 'UseDNS=yes']),
    ('option-bad', 2, lambda g: ['-o', g.r.choice(('Bogus=1', 'ClientAliveInterval', 'ClientAliveInterval=x', 'TCPKeepAlive="',
        'Match all', 'MaxStartups=0'))], BAD),
])


def command_line(g):
    args = []
    for _ in g.few(0, 0, 0, 0, 0, 1, 2):
        g.in_block = False
        args += COMMAND_LINE.pick(g)
    for spec in SPEC.pick(g):
        args += ['-C', spec]
    return ['-f', '@DIR@/config'] + args


WORDS = None
PLACES = ['place.nested-1', 'place.nested-2', 'place.nested-3', 'place.include-in-block', 'place.include-on-top',
    'place.repeated', 'unknown.word', 'match-case.other', 'arg.blank-escaped', 'arg.blank-quoted']


def setup(classes, in_match):
    """To be called once; the names of all productions."""
    global WORDS
    WORDS = words_table(classes, in_match)
    tables = (TIME, FLAG, INT, ARG, BETWEEN, CASE, LINE, IDLE, FILE, INCLUDE, WORDS, ADDRESS, NAME_PART, GROUP_PART,
        HOST_PART, PORTS, SEPARATOR, LIST_FORM, CRITERION, COMBINATION, ELEMENT, SPEC, COMMAND_LINE)
    return PLACES + [name for t in tables for name in t.names]


def make(g):
    """Fill g with one case; the arguments of sshd -T."""
    g.body = body
    if g.chance(0.6):
        g.focus = [WORDS.pick(g) for _ in g.few(1, 2, 3)]
    store(g, 'config', body(g, g.r.choice((1, 2, 3, 4, 5, 6, 8, 10, 14))))
    return command_line(g)
