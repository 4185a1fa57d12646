//! Messages that were recorded as they streamed: a secret of which each record holds a few letters.

use crate::home::*;

fn deltas(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let record = |piece: &[char]| {
        let text: String = piece.iter().collect();
        let delta = serde_json::json!({"type": "text_delta", "text": text});
        let event = serde_json::json!({"type": "content_block_delta", "index": 0, "delta": delta});
        format!("{}\n", serde_json::json!({"type": "stream_event", "session_id": ID, "event": event}))
    };
    letters.chunks(5).map(record).collect()
}

fn said(journal: &[u8]) -> String {
    let records = journal.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let texts = records.filter_map(|record: serde_json::Value| {
        record.pointer("/event/delta/text").and_then(|text| text.as_str()).map(str::to_owned)
    });
    texts.collect()
}

#[test]
fn a_secret_in_pieces_is_masked_in_archives_also_when_the_second_half_comes_later() {
    let home = Home::new();
    let path = format!(".claude/projects/-home-me-my-project/{ID}.jsonl");
    let words = "and so on ".repeat(20_000);
    let text = format!("{words}the key {} {words}", github_token(1));
    let whole = user(ID, 0, "go") + &deltas(&text);
    let half = deltas(&format!("{words}the key {}", &github_token(1)[..12]));
    for source in [user(ID, 0, "go") + &half, whole] {
        home.write(&path, source);
        home.run(&["import"]).exits(0);
    }
    let archives = home.archives();
    let newest = said(&home.text(archives.last().unwrap()));
    assert_eq!(newest, text.replace(&github_token(1), "***MASKED***"));
    assert_eq!(archives.len(), 1);
    home.run(&["verify"]).exits(0);
}
