# SPDX-License-Identifier: MIT
"""fixtures/keywords.tsv for the grammars of both sides."""
import client
import server


def setup(path):
    """{side: names of its productions}."""
    classes, in_match = {'client': {}, 'server': {}}, {}
    with open(path, encoding='ascii') as f:
        for row in f:
            col = row.rstrip('\n').split('\t')
            if col[0] in classes:
                classes[col[0]][col[1]] = col[4]
                if col[0] == 'server':
                    in_match[col[1]] = col[6]
    return {'client': client.setup(classes['client']), 'server': server.setup(classes['server'], in_match)}
