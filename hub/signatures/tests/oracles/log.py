"""Recomputes roots, proofs and signed heads of a log from the text of RFC 9162, RFC 8032 and C2SP, standard library only.

Reads one JSON object from standard input, says "agreed <count>" or the first thing about which it does not agree.
"""
import base64, hashlib, json, sys

H = lambda data: hashlib.sha256(data).digest()


def k(n):  # the largest power of two smaller than n
    return 1 << ((n - 1).bit_length() - 1)


class Tree:
    """RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, word by word; subtrees are remembered."""

    def __init__(self, records):
        self.records, self.known = records, {}

    def mth(self, a, b):
        if (a, b) not in self.known:
            if a == b:
                value = H(b"")
            elif b - a == 1:
                value = H(b"\0" + self.records[a])
            else:
                m = a + k(b - a)
                value = H(b"\1" + self.mth(a, m) + self.mth(m, b))
            self.known[a, b] = value
        return self.known[a, b]

    def path(self, m, a, b):
        if b - a == 1:
            return []
        middle = k(b - a)
        if m < middle:
            return self.path(m, a, a + middle) + [self.mth(a + middle, b)]
        return self.path(m - middle, a + middle, b) + [self.mth(a, a + middle)]

    def subproof(self, m, a, b, whole):
        if m == b - a:
            return [] if whole else [self.mth(a, b)]
        middle = k(b - a)
        if m <= middle:
            return self.subproof(m, a, a + middle, whole) + [self.mth(a + middle, b)]
        return self.subproof(m - middle, a + middle, b, False) + [self.mth(a, a + middle)]


def included(index, size, leaf, path, root):  # section 2.1.3.2
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = H(b"\1" + p + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = H(b"\1" + r + p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first, second, old, new, path):  # section 2.1.4.2; equal sizes need no proof
    if first == second:
        return not path and old == new
    if first > second or not path:
        return first == 0 and not path and old == H(b"")
    if first == 0:
        return False
    if first & (first - 1) == 0:
        path = [old] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = H(b"\1" + c + fr), H(b"\1" + c + sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = H(b"\1" + sr + c)
        fn, sn = fn >> 1, sn >> 1
    return fr == old and sr == new and sn == 0


# Ed25519 (RFC 8032, section 5.1) over affine points: slow and plain.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(one, two):
    (x1, y1), (x2, y2) = one, two
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    if len(signature) != 64:
        return False
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return times(s, BASE) == add(r, times(h, a))


def note_holds(note, keys):
    """C2SP signed-note, tlog-checkpoint, tlog-cosignature: origin, size and root when every known key signed."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    signers = set()
    for line in lines.splitlines():
        dash, name, value = line.split(" ")
        assert dash == "\u2014", line
        value = base64.b64decode(value, validate=True)
        for vkey in keys:
            key_name, key_id, key = vkey.split("+", 2)
            key = base64.b64decode(key, validate=True)
            named = H(key_name.encode() + b"\n" + key)[:4]
            assert named.hex() == key_id, vkey
            if key_name != name or named != value[:4]:
                continue
            if key[0] == 1:
                right = signed(key[1:], text.encode(), value[4:])
            else:
                time = int.from_bytes(value[4:12], "big")
                right = signed(key[1:], b"cosignature/v1\ntime %d\n" % time + text.encode(), value[12:])
            if not right:
                return None
            signers.add(name)
    if len(signers) != len(keys):
        return None
    origin, size, root = text.split("\n")[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


def proof_holds(proof, evidence, keys):
    """C2SP tlog-proof: the leaf is the salt and the digest of the evidence."""
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")
    assert lines.pop(0) == "c2sp.org/tlog-proof@v1"
    salt = base64.b64decode(lines.pop(0)[6:], validate=True) if lines[0].startswith("extra ") else b""
    index = int(lines.pop(0).removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in lines]
    checkpoint = note_holds(note, keys)
    return checkpoint is not None and included(
        index, checkpoint[1], H(b"\0" + salt + evidence), path, checkpoint[2])


def main():
    given, count = json.load(sys.stdin), 0
    tree = Tree([bytes.fromhex(record) for record in given["records"]])
    unhex = lambda path: [bytes.fromhex(one) for one in path]

    def agree(what, ours, theirs):
        nonlocal count
        count += 1
        if ours != theirs:
            sys.exit(f"{what}: here {ours}, there {theirs}")

    for size, root in given["roots"]:
        agree(f"root of {size}", tree.mth(0, size).hex(), root)
    for index, size, path in given["inclusions"]:
        agree(f"path of {index} in {size}", [one.hex() for one in tree.path(index, 0, size)], path)
        agree(f"{index} in {size}", included(index, size, tree.mth(index, index + 1), unhex(path), tree.mth(0, size)), True)
    for old, new, path in given["consistencies"]:
        agree(f"proof from {old} to {new}", [one.hex() for one in tree.subproof(old, 0, new, True)], path)
        agree(f"{old} to {new}", consistent(old, new, tree.mth(0, old), tree.mth(0, new), unhex(path)), True)
    for index, size, leaf, path, root, holds in given["judged_inclusions"]:
        leaf, root = bytes.fromhex(leaf), bytes.fromhex(root)
        agree(f"verdict on {index} in {size}", included(index, size, leaf, unhex(path), root), holds)
    for old, new, old_root, new_root, path, holds in given["judged_consistencies"]:
        roots = bytes.fromhex(old_root), bytes.fromhex(new_root)
        agree(f"verdict on {old} to {new}", consistent(old, new, *roots, unhex(path)), holds)
    for proof, evidence, holds in given["proofs"]:
        agree("verdict on a receipt", proof_holds(proof, bytes.fromhex(evidence), given["keys"]), holds)
    print("agreed", count)


main()
