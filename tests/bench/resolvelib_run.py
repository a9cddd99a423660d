# SPDX-License-Identifier: MIT
"""Resolve a universe as resolver_bench.py writes it with resolvelib."""
import re
import sys

import resolvelib


class Req:
    def __init__(self, text):
        self.name, rest = re.match(r"(p\d+)(.*)", text).groups()
        self.low, self.high = 0, 1 << 30
        for op, value in re.findall(r"(>=|<=)(\d+)", rest):
            if op == ">=":
                self.low = int(value)
            else:
                self.high = int(value)


class Provider(resolvelib.AbstractProvider):
    def __init__(self, index):
        self.index = index

    def identify(self, requirement_or_candidate):
        x = requirement_or_candidate
        return x.name if isinstance(x, Req) else x[0]

    def get_preference(self, identifier, resolutions, candidates, information,
                       backtrack_causes):
        causes = any(identifier == self.identify(c.requirement) for c in backtrack_causes)
        return not causes, identifier

    def find_matches(self, identifier, requirements, incompatibilities):
        reqs = list(requirements[identifier])
        bad = {c[1] for c in incompatibilities[identifier]}
        return [(identifier, v) for v in sorted(self.index[identifier], reverse=True)
                if v not in bad and all(r.low <= v <= r.high for r in reqs)]

    def is_satisfied_by(self, requirement, candidate):
        return requirement.low <= candidate[1] <= requirement.high

    def get_dependencies(self, candidate):
        return self.index[candidate[0]][candidate[1]]


def main():
    index, roots = {}, []
    for line in open(sys.argv[1]):
        if line.startswith("ask "):
            roots.append(Req(line[4:].strip()))
        else:
            head, deps = line[4:].split(" :")
            name, version = head.split()
            index.setdefault(name, {})[int(version)] = [
                Req(d.strip()) for d in deps.split(";") if d.strip()]
    resolver = resolvelib.Resolver(Provider(index), resolvelib.BaseReporter())
    try:
        resolver.resolve(roots, max_rounds=10000000)
    except resolvelib.ResolutionImpossible:
        sys.exit(3)


main()
