"""Reads a store, or one archive, by `src/archive/FORMAT.md` alone: nothing here was taken from the program.

`read_archive.py STORE` prints a line of JSON for each archive: what it says of itself, its blocks, what is wrong with it.
`read_archive.py ARCHIVE` prints its text. Hashes are not checked: they are BLAKE3, which Python does not have.
"""
import gzip, json, os, sys, zlib

TEXTS = {1: "agent", 2: "session_id", 3: "part_id", 4: "source", 7: "rules_version", 9: "supersedes", 10: "archived_at",
         11: "started_at", 12: "ended_at", 13: "cwd", 14: "project_slug", 15: "title", 16: "model", 17: "git_branch",
         23: "forked_from"}
NUMBERS = {5: "source_bytes", 6: "clean_bytes", 8: "version", 18: "nul_bytes", 19: "line_count", 20: "masked_lines"}


def varint(data, at):
    value = shift = 0
    while True:
        value, shift, at = value | (data[at] & 0x7F) << shift, shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def read_header(header):
    assert zlib.crc32(header[:2] + header[6:]) == int.from_bytes(header[2:6], "little"), "the header's checksum"
    said = dict.fromkeys(TEXTS.values()) | dict.fromkeys(NUMBERS.values(), 0)
    said |= {"format": header[0], "is_rule_set_incomplete": bool(header[1] & 2), "masked_by_rule": {}, "other_ids": []}
    length, at = varint(header, 70)
    stored, at = varint(header, at) if header[1] & 1 else (length, at)
    metadata, at = header[at:at + stored], at + stored
    metadata = zlib.decompress(metadata, -15) if header[1] & 1 else metadata
    assert len(metadata) == length, "the metadata's length"
    masked_blocks, field = b"\xff" * 256, 0
    while field < length:
        size, start = varint(metadata, field + 1)
        tag, value, field = metadata[field], metadata[start:start + size], start + size
        if tag in TEXTS:
            said[TEXTS[tag]] = value.decode()
        elif tag in NUMBERS:
            said[NUMBERS[tag]] = varint(value, 0)[0]
        elif tag == 21:
            count, start = varint(value, 0)
            said["masked_by_rule"][value[start:].decode()] = count
        elif tag == 22:
            masked_blocks = value
        elif tag == 24:
            said["other_ids"].append(value.decode())
    count, at = varint(header, at)
    said["blocks"] = []
    for index in range(count):
        compressed, at = varint(header, at)
        masked, at = varint(header, at)
        more, at = varint(header, at)
        newlines, at = varint(header, at)
        is_masked = said["masked_lines"] > 0 and bool(masked_blocks[index // 8] >> index % 8 & 1)
        source = masked + (more >> 1 ^ -(more & 1))
        said["blocks"].append({"compressed": compressed, "masked": masked, "source": source, "newlines": newlines, "is_masked": is_masked})
    assert not any(header[at:]) and len(header) - at < 4, "bytes behind the header"
    return said


def read_archive(path):
    """Returns what an archive says of itself and its text; raises if its bytes are not what it says."""
    data = open(path, "rb").read()
    extra = data[12:12 + int.from_bytes(data[10:12], "little")] if data[3] & 4 else b""
    size = int.from_bytes(extra[2:4], "little")
    if extra[:2] != b"SK" or extra[4] != 1:
        return {"format": extra[4] if extra[:2] == b"SK" else 0}, gzip.decompress(data)
    padding = len(extra) - 4 - size
    room = b"PD" + (padding - 4).to_bytes(2, "little") + bytes(padding - 4) if padding else b""
    assert extra[4 + size:] == room and data[:10] == bytes.fromhex("1f8b08040000000000ff"), "member 0"
    at = 22 + len(extra)
    assert data[at - 10:at] == b"\x03" + bytes(9), "the end of member 0"
    said, texts = read_header(extra[4:4 + size]), []
    for block in said["blocks"]:
        texts.append(gzip.decompress(data[at:at + block["compressed"]]))
        at += block["compressed"]
        assert (len(texts[-1]), texts[-1].count(b"\n")) == (block["masked"], block["newlines"]), "the table of blocks"
    assert at == len(data), "the end of the file"
    assert said["source_bytes"] == sum(block["source"] for block in said["blocks"]), "the source's length"
    text = b"".join(texts)
    assert said["line_count"] == text.count(b"\n") + (text[-1:] not in (b"", b"\n")), "the number of lines"
    return said, text


def read_store(store):
    for directory, below, names in os.walk(store):
        below[:] = [name for name in below if not name.startswith(".")]
        for path in (os.path.join(directory, name) for name in names if name[0] != "." and name.endswith(".jsonl.gz")):
            try:
                said, text = read_archive(path)
                said |= {"text_bytes": len(text), "text_crc": zlib.crc32(text), "problem": None}
            except (AssertionError, ValueError, IndexError, EOFError, OSError, zlib.error) as error:
                said = {"problem": str(error)}
            said["sidecar"] = None
            if os.path.exists(sidecar := path.removesuffix(".jsonl.gz") + ".meta.json"):
                said["sidecar"] = json.load(open(sidecar, encoding="utf-8"))
            yield {"archive": os.path.relpath(path, store).replace(os.sep, "/")} | said


if __name__ == "__main__":
    if os.path.isdir(sys.argv[1]):
        for said in sorted(read_store(sys.argv[1]), key=lambda said: said["archive"]):
            print(json.dumps(said))
    else:
        sys.stdout.buffer.write(read_archive(sys.argv[1])[1])
