# SPDX-License-Identifier: MIT
"""Which cases there are, in how many processes; see tests/fix/minimal.sh."""
import multiprocessing
import os
import random
import shutil
import sys
import time

import client
import server
from grammar import Gen
from keywords import setup
from world import Case, World

import layout
from check import Check, Wrong

TIMEOUTS = ('45s', '60s', '120s', '300s', '350s', '600s', '900s', '3600s', '4h', 'none')
ODD = 0.3  # share of the grammar of everything OpenSSH reads


def options(r, side):
    o = ['--path-timeout', r.choice(TIMEOUTS)]
    if side == 'server' or r.random() < 0.3:
        o += ['--fail-on', 'note']
    return o


def random_case(seed, n):
    """Case n: the same for ever for a seed."""
    r = random.Random('fix %d/%d' % (seed, n))
    side = 'client' if n % 2 == 0 else 'server'
    if r.random() >= ODD:
        return layout.make(r, side), options(r, side)
    g = Gen(r, side, {})
    (client if side == 'client' else server).make(g)
    g.files['config'] = g.files.get('config', '')
    return (Case(side, ['-F' if side == 'client' else '-f', '@DIR@/config'], g.files, g.links, g.modes), options(r, side))


def real_cases(top):
    """(name, Case) of the cases of the reference and of the corpus, if it is there; nothing that runs a command."""
    found = []
    folder = top + '/fixtures/openssh-cases'
    for name in sorted(os.listdir(folder)):
        path = folder + '/' + name
        if not os.path.isfile(path + '/config'):
            continue
        files = {}
        for sub, _, names in os.walk(path + '/files'):
            for leaf in names:
                full = sub + '/' + leaf
                with open(full, encoding='latin-1', newline='') as f:
                    files[os.path.relpath(full, path + '/files')] = f.read()
        with open(path + '/config', encoding='latin-1', newline='') as f:
            files['config'] = f.read()
        found.append((name, 'client' if name[0] == 'c' else 'server', files))
    for side in ('client', 'server'):
        folder = top + '/../shared/corpus/' + side
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(folder + '/' + name, encoding='latin-1', newline='') as f:
                found.append((name, side, {'config': f.read()}))
    return [(name, Case(side, ['-F' if side == 'client' else '-f', '@DIR@/config'], files)) for name, side, files in found
        if not any('exec' in t.lower() or 'canonicalizehostname' in t.lower() for t in files.values())]


def check(world, case, opts, live):
    world.lay(case)
    shutil.rmtree(world.dir + '.state', ignore_errors=True)
    return Check(world, case, opts, live).run()


def work(folder, jobs, seed, results):
    world = World(folder, os.environ)
    done = {'client': 0, 'server': 0}
    found, changed = [], 0
    for name, case, opts in jobs:
        if case is None:
            case, opts = random_case(seed, name)
        try:
            n = check(world, case, opts, isinstance(name, int) and name % 20 < 2)
            changed += n > 0
        except Wrong as e:
            found.append((str(name), str(e)))
        done[case.side] += 1
    results.put((done, changed, found))


def show(case, opts):
    print('  %s %s' % (case.side, ' '.join(opts)))
    for name, text in case.files.items():
        print('  %s: %r' % (name, text))


def one_case(world, seed, n):
    case, opts = random_case(seed, n)
    show(case, opts)
    world.lay(case)
    print(''.join(line + '\n' for line in Check(world, case, opts, True).sshkeep('fix')[1].split('\n')))
    try:
        print(check(world, case, opts, n % 20 < 2), 'files changed')
    except Wrong as e:
        print('FAILED', e)
        return 1
    return 0


def main():
    env = os.environ
    tmp, top = sys.argv[1:3]
    seed, n = int(env['SEED']), int(env['FIX'])
    setup(top + '/fixtures/keywords.tsv')
    if env.get('CASE'):
        return one_case(World(tmp + '/one', env), seed, int(env['CASE']))
    r = random.Random(seed)
    jobs = [(name, case, options(r, case.side)) for name, case in real_cases(top)]
    real = len(jobs)
    jobs += [(i, None, None) for i in range(n)]
    began = time.time()
    workers = int(env.get('WORKERS') or os.cpu_count() or 1)
    results = multiprocessing.Queue()
    procs = [multiprocessing.Process(target=work, args=('%s/w%d' % (tmp, i), jobs[i::workers], seed, results))
        for i in range(workers)]
    for p in procs:
        p.start()
    done, changed, found = {'client': 0, 'server': 0}, 0, []
    for _ in procs:
        while True:
            try:
                d, c, f = results.get(timeout=5)
                break
            except multiprocessing.queues.Empty:
                if any(p.exitcode not in (None, 0) for p in procs):
                    sys.exit('FAILED what a fix touches: a worker ended early')
        changed, found = changed + c, found + f
        for side in done:
            done[side] += d[side]
    for p in procs:
        p.join()
    for name, why in sorted(found)[:20]:
        print('FAILED fix of case %s, seed %d: %s' % (name, seed, why.encode('unicode_escape').decode('ascii')))
    if n >= 1000 and changed < n // 4:
        print('FAILED fix: only %d of the configs needed a fix' % changed)
        found.append(('', ''))
    total = done['client'] + done['server']
    print('configs: %d client + %d server (%d of them real), seed %d: %d fixed and taken back, %d wrong; %d s' % (done['client'],
        done['server'], real, seed, changed, len(found), time.time() - began))
    print('%d passed, %d failed, 0 skipped' % (total - min(total, len(found)), len(found)))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
