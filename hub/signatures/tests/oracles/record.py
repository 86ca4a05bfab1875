"""Recomputes the hash trees and renewals of evidence records from the text of RFC 4998, standard library only.

Reads a JSON list of [record, documents, holds] from standard input; says "agreed <count>" or the first disagreement.
Signatures of tokens are not looked at: openssl does that.
"""
import hashlib, json, sys

SHA2 = {"608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512"}


def values(data):
    """The DER values in these bytes: tag, contents, whole encoding."""
    found, at = [], 0
    while at < len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at:at + count], "big"), at + count
        if at + length > len(data):
            raise ValueError("cut")
        found.append((tag, data[at:at + length], data[start:at + length]))
        at += length
    return found


def imprint(token):
    """Algorithm and hashed message of the TSTInfo in a token (RFC 3161, section 2.4.2)."""
    signed_data = values(values(values(token)[0][1])[1][1])[0][1]
    content = values(values(signed_data)[2][1])
    info = values(values(values(content[1][1])[0][1])[0][1])
    algorithm, message = values(info[2][1])
    return SHA2[values(algorithm[1])[0][1].hex()], message[1]


def archive_time_stamp(contents):
    """Algorithm, lists of the reduced hash tree, token (section 4.1)."""
    algorithm, lists, token = None, [], None
    for tag, inside, whole in values(contents):
        if tag == 0xA0:
            algorithm = SHA2[values(inside)[0][1].hex()]
        elif tag == 0xA2:
            lists = [[one for _, one, _ in values(entry)] for _, entry, _ in values(inside)]
        elif tag == 0x30:
            token = whole
    return algorithm or imprint(token)[0], lists, token


def leads_to_imprint(stamp, hashes):
    """Section 4.3: from the hashes of the object up to what the token holds."""
    algorithm, lists, token = stamp
    digest = lambda data: hashlib.new(algorithm, data).digest()
    if not lists:
        root = hashes[0] if len(hashes) == 1 else None
    else:
        first = lists[0]
        if not set(hashes) <= set(first) or len(hashes) > 1 and sorted(hashes) != sorted(first):
            return False
        root = first[0] if len(first) == 1 else digest(b"".join(sorted(first)))
        for entry in lists[1:]:
            root = digest(b"".join(sorted(entry + [root])))
    return imprint(token) == (algorithm, root)


def holds(record, documents):
    """Sections 4.3, 5.2 and 5.3: every chain over the documents and the chains before it."""
    try:
        sequence = values(values(record)[0][1])[-1][1]
        older = b""
        for number, (_, chain, chain_der) in enumerate(values(sequence)):
            stamps = [archive_time_stamp(contents) for _, contents, _ in values(chain)]
            algorithm = stamps[0][0]
            digest = lambda data: hashlib.new(algorithm, data).digest()
            hashes = [digest(document) for document in documents]
            if number:
                length = len(older)
                head = bytes([length]) if length < 128 else (
                    bytes([0x80 | (length.bit_length() + 7) // 8]) + length.to_bytes((length.bit_length() + 7) // 8, "big"))
                before = digest(b"\x30" + head + older)
                hashes = [digest(one + before) for one in hashes]
            for stamp in stamps:
                if stamp[0] != algorithm or not leads_to_imprint(stamp, hashes):
                    return False
                hashes = [digest(stamp[2])]
            older += chain_der
        return True
    except (IndexError, KeyError, ValueError, TypeError):
        return False


def main():
    cases = json.load(sys.stdin)
    for number, (record, documents, expected) in enumerate(cases):
        found = holds(bytes.fromhex(record), [bytes.fromhex(one) for one in documents])
        if found != expected:
            sys.exit(f"case {number}: here {found}, there {expected}")
    print("agreed", len(cases))


main()
