# SPDX-License-Identifier: MIT
"""Lines that lint says never win, in random configs whose blocks overlap: see tests/oracle/late.sh, which calls this.
Every line sets a value of its own, so that what ssh -G and sshd -T print names the line that won."""
import json
import os
import random
import subprocess
import sys

PROG = os.environ['PROG']
SSH, SSHD, KEY = (os.environ[name] for name in ('SSH', 'SSHD', 'KEY'))
NAMES = ('a', 'b', 'ab', 'aa', 'ba', 'bb', 'a.c', 'b.c', 'ab.c', 'x', 'A', 'Ab')
USERS = ('al', 'bo', 'bob', 'alb', 'x')
ADDRESSES = ('10.1.0.1', '10.1.2.3', '10.2.0.1', '192.0.2.1', '::1')
PATTERNS = NAMES[:9] * 2 + ('*', '*', 'a*', '*b', '?', 'a?', '*.c', '??', 'b*', 'a*b')
USER_PATTERNS = USERS * 2 + ('*', '*', 'a*', '*b', 'bo?', '??', 'al*')
NETS = ADDRESSES + ('10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.2.0.0/16', '10.*', '10.1.*', '*', '0.0.0.0/0')


def words(r, pool, separator):
    """Some patterns of which a third is negated; at least one is not, or nothing would ever match."""
    found = [('!' if r.random() < 0.33 else '') + r.choice(pool) for _ in range(r.choice((1, 1, 2, 2, 3)))]
    if all(w.startswith('!') for w in found):
        found.insert(r.randrange(len(found) + 1), r.choice(('*', r.choice(pool))))
    return separator.join(found)


def client_header(r):
    kind = r.random()
    if kind < 0.55:
        return 'Host ' + words(r, PATTERNS, ' ')
    if kind < 0.6:
        return 'Match all'
    crits = []
    for _ in range(r.choice((1, 1, 1, 2))):
        crit = r.choice(('host', 'host', 'originalhost', 'user'))
        pool = USER_PATTERNS if crit == 'user' else PATTERNS
        crits.append('%s%s %s' % (r.choice(('', '', '!')), crit, words(r, pool, ',')))
    if r.random() < 0.05:
        crits.insert(0, 'final')
    return 'Match ' + ' '.join(crits)


def client_config(r):
    lines = []
    for i in range(r.randrange(2, 6)):
        if i > 0 or r.random() < 0.9:
            lines.append(client_header(r))
        if r.random() < 0.12:
            lines.append('\tHostName ' + r.choice(NAMES))
        lines.append('\tServerAliveInterval %d' % (100 + i))
    return lines


def server_header(r):
    crits = []
    for crit in r.sample(('User', 'User', 'Address', 'Address', 'LocalPort', 'Host'), r.choice((1, 1, 1, 2))):
        if crit == 'User':
            crits.append('User ' + words(r, USER_PATTERNS, ','))
        elif crit == 'Host':
            crits.append('Host ' + words(r, PATTERNS, ','))
        elif crit == 'LocalPort':
            crits.append('LocalPort ' + r.choice(('22', '2222')))
        else:
            crits.append('Address ' + words(r, NETS, ','))
    return 'Match ' + (' '.join(crits) if r.random() < 0.95 else 'all')


def server_config(r):
    lines = ['ClientAliveInterval 100'] if r.random() < 0.3 else []
    for i in range(r.randrange(2, 6)):
        lines += [server_header(r), '\tClientAliveInterval %d' % (101 + i)]
    return lines


def printed(command, word):
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit('FAILED late: %s: %s' % (' '.join(command), run.stderr))
    for line in run.stdout.splitlines():
        if line.startswith(word + ' '):
            return line.split()[1]
    return None


def winners_client(path, r):
    """The values that win for some name and user."""
    won = {printed([SSH, '-G', '-F', path, n], 'serveraliveinterval') for n in NAMES}
    for name in NAMES:
        won.add(printed([SSH, '-G', '-F', path, '-l', r.choice(USERS), name], 'serveraliveinterval'))
    return won


def winners_server(path, r):
    won = set()
    for user in USERS:
        for addr in ADDRESSES:
            spec = 'user=%s,host=%s,addr=%s,laddr=127.0.0.1,lport=%s' % (user, r.choice(NAMES), addr,
                r.choice(('22', '2222')))
            won.add(printed([SSHD, '-T', '-f', path, '-h', KEY, '-C', spec], 'clientaliveinterval'))
    return won


def claimed(tree, code):
    run = subprocess.run([PROG, 'lint', '--format', 'json', tree], capture_output=True, text=True)
    if run.returncode > 1:
        sys.exit('FAILED late: sshkeep lint: ' + run.stderr)
    found = json.loads(run.stdout)['findings']
    return {f['line'] for f in found if f['code'] == code}


def one(seed, side, n, tmp):
    """Values of the lines that lint claims, those that no connection got, and the config."""
    r = random.Random('%d/%s/%d' % (seed, side, n))
    client = side == 'client'
    lines = client_config(r) if client else server_config(r)
    tree = '%s/%s' % (tmp, side)
    folder = tree + ('/.ssh' if client else '/etc/ssh')
    os.makedirs(folder, exist_ok=True)
    path = folder + ('/config' if client else '/sshd_config')
    with open(path, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    os.chmod(path, 0o600)
    numbers = claimed(tree, 'SK130' if client else 'SK135')
    won = winners_client(path, r) if client else winners_server(path, r)
    told = {lines[i - 1].split()[1] for i in numbers}
    late = {w.split()[1] for w in lines if 'AliveInterval' in w} - won
    return told, late, won, lines


def main():
    seed, tmp = int(os.environ['SEED']), sys.argv[1]
    failed = total = told_all = late_all = 0
    for side in ('client', 'server'):
        for n in range(int(os.environ['LATE'])):
            told, late, won, lines = one(seed, side, n, tmp)
            total += 1
            told_all += len(told)
            late_all += len(late)
            if told & won:
                failed += 1
                print('FAILED late %s case %d, seed %d: told never to win, and wins: %s' % (side, n, seed,
                    ' '.join(sorted(told & won))))
                print('\n'.join('  ' + line for line in lines))
    print('late: %d configs, %d lines told of %d that nobody got' % (total, told_all, late_all))
    if total >= 40 and told_all * 8 < late_all:
        failed += 1
        print('FAILED late: too few of them are told')
    print('%d passed, %d failed, 0 skipped' % (total - min(failed, total), failed))
    sys.exit(failed > 0)


main()
