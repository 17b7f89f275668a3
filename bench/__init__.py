"""Speed as ratios: Cairn beside a floor and a peer, measured in the same run. See docs/performance.md.

A floor is what the same machine needs with nothing of Cairn in the way; a peer is what a company
would use instead. Machines and their load differ, so only ratios are worth anything.
"""
