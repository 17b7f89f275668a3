"""Speed as ratios: Cairn beside a floor and a peer, in the same run; see docs/performance.md.

A floor is what the same machine needs with nothing of Cairn in the way; a peer is what a company
would use instead. Machines and their load differ, so only ratios are worth anything.
"""
