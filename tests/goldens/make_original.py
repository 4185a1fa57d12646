"""Makes the golden `original-0.4`: two sessions as the Python sessionkeep 0.4 archived them, one without its sidecar.

It wrote one gzip member (with Python's `gzip`, so the member has a file name and a time), and eleven fields beside it.
Where it ran, the home directory was /home/me; the tests put theirs in its place. Run once, in `tests/goldens`.
"""
import gzip
import json
import os

SESSIONS = [
    ("a1b2c3d4-0000-4000-8000-000000000001", ["needle in the original", "and more"], True),
    ("b1b2c3d4-0000-4000-8000-000000000002", ["whose sidecar is gone"], False),
]


def record(session, second, text):
    return json.dumps({
        "parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/home/me/my-project",
        "sessionId": session, "version": "2.1.330", "gitBranch": "main", "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": f"00000000-0000-4000-8000-{second:012}",
        "timestamp": f"2026-06-05T14:30:{second:02}.000Z",
    }, separators=(",", ":")) + "\n"


for session, said, has_sidecar in SESSIONS:
    text = "".join(record(session, second, line) for second, line in enumerate(said))
    stem = f"original-0.4/2026/06/2026-06-05_1430_my-project_{session[:8]}"
    os.makedirs(os.path.dirname(stem), exist_ok=True)
    with gzip.open(f"{stem}.jsonl.gz", "wt", encoding="utf-8", newline="") as file:
        file.write(text)
    sidecar = {
        "session_id": session,
        "archived_at": "2026-06-05T14:31:00",
        "source": f"/home/me/.claude/projects/-home-me-my-project/{session}.jsonl",
        "cwd": "/home/me/my-project",
        "project_slug": "my-project",
        "source_bytes": len(text.encode()),
        "archived_bytes": os.path.getsize(f"{stem}.jsonl.gz"),
        "line_count": len(said),
        "masked_lines": 0,
        "archive_path": f"/home/me/.sessionkeep/sessions/{stem.removeprefix('original-0.4/')}.jsonl.gz",
        "schema_version": 1,
    }
    if has_sidecar:
        with open(f"{stem}.meta.json", "w", encoding="utf-8") as file:
            json.dump(sidecar, file, ensure_ascii=False, indent=2)
