"""The graph in plain Python: what every question must answer, worked out anew each time."""

from dataclasses import dataclass, field


@dataclass
class Made:
    """A post: who made it, of what, and what became of it."""

    id: int
    author: str
    sources: list[int]
    private: bool = False
    gone: bool = False
    removed: bool = False
    likes: int = 0
    hidden: set[int] = field(default_factory=set)  # its derivations that its author hid
    detached: set[int] = field(default_factory=set)

    @property
    def stands(self):
        return not self.gone and not self.removed

    @property
    def counted(self):
        return self.stands and not self.private


class Graph:
    def __init__(self):
        self.posts: dict[int, Made] = {}

    def add(self, made):
        self.posts[made.id] = made

    def listed(self, viewer, post_id):
        made = self.posts[post_id]
        return made.stands and (not made.private or made.author == viewer)

    def known(self, viewer, post_id):
        made = self.posts[post_id]
        return not made.private or made.author == viewer

    def derivations(self, post_id):
        return sorted(pk for pk, made in list(self.posts.items()) if post_id in made.sources)

    def shown(self, post_id):
        above = self.posts[post_id]
        return [pk for pk in self.derivations(post_id) if pk not in above.hidden | above.detached]

    def branches(self, post_id):
        """The shown derivations that stand below this post in its tree."""
        return [pk for pk in self.shown(post_id) if self.posts[pk].sources[0] == post_id]

    def remixes(self, viewer, post_id, sort="new"):
        found = [pk for pk in self.shown(post_id) if self.listed(viewer, pk)]
        return sorted(found, key=lambda pk: (self.posts[pk].likes if sort == "top" else 0, pk), reverse=True)

    def siblings(self, viewer, post_id, direction):
        sources = self.posts[post_id].sources
        if not sources or not self.known(viewer, sources[0]):
            return []
        found = sorted(pk for pk in self.shown(sources[0]) if self.listed(viewer, pk) and pk != post_id)
        left = [pk for pk in found if pk < post_id]
        return left[::-1] if direction == "left" else found[len(left) :]

    def tree(self, viewer, post_id):
        """(post, parent, depth) depth first."""
        found, waiting = [], [(pk, post_id, 1) for pk in self.branches(post_id)][::-1]
        while waiting:
            pk, parent, depth = waiting.pop()
            if self.known(viewer, pk):
                found.append((pk, parent, depth))
                parent, depth = pk, depth + 1
            waiting.extend([(below, parent, depth) for below in self.branches(pk)][::-1])
        return found

    def flat(self, viewer, post_id, order):
        found = [node for node in self.tree(viewer, post_id) if self.listed(viewer, node[0])]
        likes = {pk: made.likes if order == "top" else 0 for pk, made in self.posts.items()}
        return sorted(found, key=lambda node: (likes[node[0]], node[0]), reverse=order != "oldest")

    def listings(self, levels):
        """Pairs of a post less than so many steps below its root and one below it in its tree: likes, and whether the
        one below is gone, or taken off its first source."""
        above, found = {}, {}
        for pk, made in sorted(self.posts.items()):
            above[pk] = [*above[made.sources[0]], made.sources[0]] if made.sources else []
            is_left_out = not made.stands or (made.sources and pk not in self.shown(made.sources[0]))
            found |= {(ancestor, pk): (made.likes, bool(is_left_out)) for ancestor in above[pk][:levels]}
        return found

    def leaves(self, viewer, post_id):
        nodes = self.tree(viewer, post_id)
        parents = {parent for _, parent, _ in nodes}
        return [pk for pk, _, _ in nodes if pk not in parents and self.listed(viewer, pk)]

    def distances(self, post_id):
        """Steps to itself and to each ancestor, nearest first, then in the order of sources."""
        distances, level = {post_id: 0}, [post_id]
        while level:
            above = dict.fromkeys(source for pk in level for source in self.posts[pk].sources)
            level = [pk for pk in above if pk not in distances]
            distances.update(dict.fromkeys(level, max(distances.values()) + 1))
        return distances

    def path(self, post_id, to_id):
        """The length of the shortest way and where it turns; None where nothing is common."""
        here, there = self.distances(post_id), self.distances(to_id)
        turns = [(here[pk] + there[pk], -pk) for pk in here.keys() & there.keys()]
        return (min(turns)[0], -min(turns)[1]) if turns else None

    def export(self, viewer, post_id):
        """What is in a file: of each post where it stands and whether it is a tombstone; and the edges."""
        above = [pk for pk in self.distances(post_id) if pk != post_id and self.known(viewer, pk)]
        below = [pk for pk, *_ in self.tree(viewer, post_id)]
        relation = {post_id: "post", **dict.fromkeys(above, "ancestor"), **dict.fromkeys(below, "descendant")}
        nodes = {pk: (said, not self.listed(viewer, pk)) for pk, said in relation.items()}
        edges = {
            (source, pk, ordinal)
            for pk in nodes
            for ordinal, source in enumerate(self.posts[pk].sources)
            if source in nodes and (pk not in below or pk in self.shown(source))
        }
        return nodes, edges

    def counted_below(self, post_id):
        below, waiting = set(), [post_id]
        while waiting:
            at = waiting.pop()
            fresh = set(self.derivations(at)) - self.posts[at].detached - below
            below |= fresh
            waiting.extend(fresh)
        return {pk for pk in below if self.posts[pk].counted}

    def counts(self, post_id):
        """Direct, total; people who made something directly, and anything."""
        above = self.posts[post_id]
        direct = {pk for pk in self.derivations(post_id) if pk not in above.detached and self.posts[pk].counted}
        below = self.counted_below(post_id)
        remixers, people = ({self.posts[pk].author for pk in found} - {above.author} for found in (direct, below))
        return len(direct), len(below), len(remixers), len(people)
