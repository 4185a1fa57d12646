//! Descriptions of whole transcripts, from their ends.

use super::*;

#[test]
fn the_beginning_alone_tells_the_same_of_where_a_session_goes() {
    let row = |second: u32, more: &str| {
        format!("{{\"type\":\"user\",\"timestamp\":\"2026-06-05T14:30:{second:02}Z\"{more}}}\n")
    };
    let rest: String = (10..60).map(|second| row(second, ",\"cwd\":\"/late\"")).collect();
    for head in [row(1, ",\"cwd\":\"/early\""), row(1, ""), String::new(), "{\"note\":1}\n".into()] {
        for (head, tail) in [(format!("{head}{rest}"), ""), (head, &*rest)] {
            let whole = describe("claude-code", head.as_bytes(), tail.as_bytes());
            let beginning = describe_beginning("claude-code", head.as_bytes(), &mut || None, tail.as_bytes());
            assert_eq!((beginning.started_at, beginning.cwd), (whole.started_at, whole.cwd), "{head}");
        }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn described(agent: &str, head: &str, tail: &str) -> Description {
    let now = at("2026-06-05T00:00:00Z");
    describe_at(agent, head.as_bytes(), &mut || None, tail.as_bytes(), now)
}

#[test]
fn start_is_the_first_time_and_end_the_latest_whatever_the_order() {
    let head = r#"{"type":"summary","summary":"S","leafUuid":"u"}
{"timestamp":"2026-06-01T10:00:00.000Z","type":"user"}
{"timestamp":"2026-06-01T09:00:00.000Z","type":"user"}"#;
    let tail = r#"amp":"x"}
{"timestamp":"2026-06-01T12:00:00Z"}{"timestamp":"2026-06-01T11:00:00Z"}
{"timestamp":"2026-06-01T13:00:00"#;
    let description = described("claude-code", head, tail);
    assert_eq!(description.started_at, Some(at("2026-06-01T10:00:00Z")));
    assert_eq!(description.ended_at, Some(at("2026-06-01T12:00:00Z")));
    assert_eq!(description.title.as_deref(), Some("S"));
}

#[test]
fn long_rows_in_the_middle_tell_nothing_but_titles_and_the_end_are_seen() {
    let row = |second: usize, model: &str, bytes: usize| {
        format!(
            r#"{{"type":"assistant","cwd":"/w","message":{{"model":"{model}","content":"{}"}},"timestamp":"2026-06-01T10:00:{second:02}Z"}}"#,
            "x".repeat(bytes)
        )
    };
    let prompt =
        r#"{"type":"user","cwd":"/w","message":{"content":"hi"},"timestamp":"2026-06-01T10:00:00Z"}"#;
    let title = r#"{"type":"custom-title","customTitle":"given"}"#;
    let text = [prompt, &row(50, "early", 30_000), title, &row(7, "late", 30_000)].join("\n");
    for (head, tail) in [(&text[..], ""), text.split_at(40_000)] {
        let description = described("claude-code", head, tail);
        assert_eq!(description.title.as_deref(), Some("given"));
        assert_eq!(description.started_at, Some(at("2026-06-01T10:00:00Z")));
        if tail.is_empty() {
            assert_eq!(description.model.as_deref(), Some("late"));
            assert_eq!(description.ended_at, Some(at("2026-06-01T10:00:07Z")));
        }
    }
}

#[test]
fn the_end_of_a_long_first_row_tells_when_and_where_the_session_began() {
    let head = format!(r#"{{"type":"user","message":{{"content":"{}"#, "x".repeat(1000));
    let end = r#"\\\" \"timestamp\":\"2026-06-01T01:00:00Z\",\\"},"n":[{"a":"]}"}],"timestamp":"2026-06-01T10:00:00Z","cwd":"/w"}"#;
    let next = r#"{"timestamp":"2026-06-01T11:00:00Z","cwd":"/late"}"#;
    let tail = r#"{"timestamp":"2026-06-01T12:00:00Z","cwd":"/later"}"#;
    for (pieces, start, cwd) in [
        (vec![format!("{end}\n{next}\n")], "2026-06-01T10:00:00Z", "/w"),
        (vec![end.to_owned()], "2026-06-01T10:00:00Z", "/w"),
        // A row that knows no time, or whose end does not tell.
        (vec![format!("cut\":1,\"a\":true}}\n{next}\n")], "2026-06-01T11:00:00Z", "/late"),
        (vec!["cut\"}\n".into(), format!("\\\"{end}")], "2026-06-01T10:00:00Z", "/w"),
        (vec![], "2026-06-01T12:00:00Z", "/later"),
    ] {
        let pieces = || {
            let mut pieces = pieces.clone().into_iter().map(String::into_bytes);
            move || pieces.next()
        };
        let (head, tail, now) = (head.as_bytes(), tail.as_bytes(), at("2026-06-05T00:00:00Z"));
        let whole = describe_at("claude-code", head, &mut pieces(), tail, now);
        let beginning = describe_beginning("claude-code", head, &mut pieces(), tail);
        for description in [whole, beginning] {
            assert_eq!(description.started_at, Some(at(start)));
            assert_eq!(description.cwd.as_deref(), Some(cwd));
        }
    }
}

#[test]
fn the_end_of_a_long_last_row_tells_when_the_session_ended() {
    let head = r#"{"timestamp":"2026-06-01T10:00:00Z","cwd":"/w"}"#;
    for (tail, end) in [
        (r#"xx"},"timestamp":"2026-06-01T12:00:00Z"}"#, "2026-06-01T12:00:00Z"),
        ("xx\"},\"timestamp\":\"2026-06-01T12:00:00Z\"} \n\n", "2026-06-01T12:00:00Z"),
        (r#"xx"},"timestamp":"2026-06-01T12:00:00Z","x":"cut"#, "2026-06-01T10:00:00Z"),
    ] {
        assert_eq!(described("claude-code", head, tail).ended_at, Some(at(end)), "{tail}");
    }
}

#[test]
fn times_out_of_reason_are_absent() {
    for time in [
        r#""1970-01-01T00:00:00Z""#,
        r#""2026-06-06T00:00:01Z""#,
        r#""yesterday""#,
        "1e400",
        "-5",
        "99999999999999999999",
        "null",
        "[]",
    ] {
        let description = described("files", &format!("{{\"timestamp\":{time}}}"), "");
        assert_eq!(description.started_at, None, "{time}");
    }
}

#[test]
fn times_may_be_numbers_or_without_offset() {
    let expected = Some(at("2026-06-01T10:00:00Z"));
    for time in [
        "1780308000",
        "1780308000000",
        "1780308000000.0",
        r#""2026-06-01T10:00:00""#,
        r#""2026-06-01T12:00:00+02:00""#,
    ] {
        assert_eq!(described("files", &format!("{{\"time\":{time}}}"), "").started_at, expected, "{time}");
    }
}
