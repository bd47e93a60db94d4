# SPDX-License-Identifier: MIT
"""Random configs through ssh -G, sshd -T and sshkeep: see tests/oracle/random.sh, which calls this."""
import multiprocessing
import os
import random
import sys
import time

import client
import server
from grammar import Gen
from keywords import setup
from shrink import Shrinker, read_fixture, write_fixture
from world import Case, World

SHRINK_MAX = int(os.environ.get('SHRINK', '6'))  # differences that are made small; the others are named by their number
COVERAGE_FROM = 5000  # with fewer configs a rare production may not come up


def make(seed, side, n, counts):
    """Case n of a side: the same for ever for a seed."""
    g = Gen(random.Random('%d/%s/%d' % (seed, side, n)), side, counts)
    args = (client if side == 'client' else server).make(g)
    args = [a.replace('\0', '').replace('\n', ' ') for a in args]
    return Case(side, args, g.files, g.links, g.modes)


def work(job, folder, numbers, results):
    """One process: all its cases, then one answer."""
    world = World(folder, os.environ)
    counts = {'client': {}, 'server': {}}
    accepted = {'client': 0, 'server': 0}
    found = []
    for side, n in numbers:
        case = make(job['seed'], side, n, counts[side])
        theirs, difference = world.compare(case)
        accepted[side] += theirs.status == 0
        if difference is not None:
            found.append((side, n, difference))
    results.put((counts, accepted, found))


def run_all(job, tmp, workers):
    numbers = [('client', n) for n in range(job['client'])] + [('server', n) for n in range(job['server'])]
    results = multiprocessing.Queue()
    procs = [multiprocessing.Process(target=work, args=(job, '%s/w%d' % (tmp, i), numbers[i::workers], results))
        for i in range(workers)]
    for p in procs:
        p.start()
    counts, accepted, found = {'client': {}, 'server': {}}, {'client': 0, 'server': 0}, []
    for _ in procs:
        while True:
            try:
                c, a, f = results.get(timeout=5)
                break
            except multiprocessing.queues.Empty:
                if any(p.exitcode not in (None, 0) for p in procs):
                    sys.exit('FAILED random: a worker ended early')
        for side in counts:
            accepted[side] += a[side]
            for name, n in c[side].items():
                counts[side][name] = counts[side].get(name, 0) + n
        found += f
    for p in procs:
        p.join()
    return counts, accepted, sorted(found, key=lambda row: row[:2])


def show(title, lines):
    for line in lines:
        print('%s %s' % (title, line.encode('unicode_escape').decode('ascii')))


def show_difference(difference):
    theirs, ours = difference.theirs, difference.ours
    print('@@ OpenSSH exits %d, sshkeep %d' % (theirs.status, ours.status))
    show('-', [line for line in theirs.out if line not in ours.out])
    show('+', [line for line in ours.out if line not in theirs.out])
    if theirs.status != 0 or ours.status != 0:
        show('-', theirs.err)
        show('+', ours.err)


def show_case(case):
    print('  arguments: %r' % (case.args,))
    for name, text in case.files.items():
        print('  %s: %r' % (name, text))
    for name, value in list(case.links.items()) + list(case.modes.items()):
        print('  %s -> %s' % (name, oct(value) if isinstance(value, int) else value))


def report(job, world, found, fixtures):
    """Name every difference; make one of each kind small and keep it."""
    kinds = {}
    for side, n, difference in found:
        kinds.setdefault((side, difference.kind), []).append(n)
    for i, ((side, kind), numbers) in enumerate(kinds.items()):
        n = numbers[0]
        print('FAILED random %s case %d, seed %d (%s%s)' % (side, n, job['seed'], kind[0],
            '; also ' + ' '.join(map(str, numbers[1:12])) if len(numbers) > 1 else ''))
        case = make(job['seed'], side, n, {})
        _, difference = world.compare(case)
        if difference is None:
            print('  a second run of it did not differ')
            continue
        if i < SHRINK_MAX:
            shrinker = Shrinker(world, case, difference)
            case, difference = shrinker.run(), shrinker.difference
            folder = '%s/%s-%d-%05d' % (fixtures, side[0], job['seed'], n)
            write_fixture(world, case, folder)
            print('  made smaller in %d steps, kept as %s' % (world.runs, os.path.relpath(folder, job['top'])))
        show_case(case)
        show_difference(difference)


def replay(world, fixtures):
    """The kept cases; returns how many passed and failed."""
    passed = failed = 0
    for name in sorted(os.listdir(fixtures)) if os.path.isdir(fixtures) else []:
        if not os.path.isdir(fixtures + '/' + name):
            continue
        _, difference = world.compare(read_fixture(fixtures + '/' + name))
        if difference is None:
            passed += 1
        else:
            failed += 1
            print('FAILED random-found/%s' % name)
            show_difference(difference)
    return passed, failed


def coverage(counts, names, complete):
    """Print how often every production was used; the names of those that never were."""
    unused = []
    for side in counts:
        groups = {}
        for name in names[side]:
            used = counts[side].get(name, 0)
            group, _, word = name.partition('.')
            groups.setdefault(group, []).append('%s %d' % (word, used))
            if used == 0:
                unused.append('%s %s' % (side, name))
        total = sum(counts[side].values())
        print('productions: %s: %d of %d used, %d times in all' % (side, sum(counts[side].get(n, 0) > 0 for n in names[side]),
            len(names[side]), total))
        for group, words in groups.items():
            print('  %s %s: %s' % (side, group, ', '.join(words)))
    if complete:
        for name in unused:
            print('FAILED random: no config used the production %s' % name)
    return len(unused) if complete else 0


def one_case(job, world, n):
    for side in ('client', 'server'):
        case = make(job['seed'], side, n, {})
        theirs, difference = world.compare(case)
        print('%s case %d of seed %d' % (side, n, job['seed']))
        show_case(case)
        show(' ', theirs.out if theirs.status == 0 else theirs.err)
        if difference is None:
            print('  both agree (exit %d)' % theirs.status)
        else:
            show_difference(difference)


def main():
    env = os.environ
    tmp, top = sys.argv[1:3]
    job = {'seed': int(env['SEED']), 'client': int(env['CLIENT']), 'server': int(env['SERVER']), 'top': top}
    fixtures = top + '/fixtures/random-found'
    names = setup(top + '/fixtures/keywords.tsv')
    if env.get('CASE'):
        one_case(job, World(tmp + '/one', env), int(env['CASE']))
        return 0
    began = time.time()
    counts, accepted, found = run_all(job, tmp, int(env.get('WORKERS') or os.cpu_count() or 1))
    took = time.time() - began
    world = World(tmp + '/main', env)
    passed, failed = replay(world, fixtures)
    print('replayed: %d kept cases of fixtures/random-found' % (passed + failed))
    report(job, world, found, fixtures)
    complete = min(job['client'], job['server']) >= COVERAGE_FROM
    failed += coverage(counts, names, complete)
    share = {side: 100 * accepted[side] // max(1, job[side]) for side in accepted}
    for side, percent in share.items():
        if job[side] >= 100 and percent < 50:
            print('FAILED random: OpenSSH accepts only %d %% of the %s configs' % (percent, side))
            failed += 1
    total = job['client'] + job['server']
    print('configs: %d client + %d server, seed %d: %d differences; accepted %d %% and %d %%; %d s' % (job['client'],
        job['server'], job['seed'], len(found), share['client'], share['server'], took))
    print('%d passed, %d failed, 0 skipped' % (passed + total - len(found), failed + len(found)))
    return 1 if failed + len(found) > 0 else 0


if __name__ == '__main__':
    sys.exit(main())
