//! Round trips, limits and hostile input of the header's codec.

use proptest::prelude::*;

use super::codec::*;
use super::fields::{MAX_PATH_BYTES, MAX_TITLE_CHARS, cut_path, metadata, push_field, read_metadata};
use super::*;
use crate::archive::gzip::{HEADER_SUBFIELD, parse_member_header, subfield};
use crate::error::Kind;

/// Returns a header as a short real session would have it.
pub(crate) fn typical() -> Header {
    let mut header = empty_header();
    header.identity.agent = "claude-code".into();
    header.identity.session_id = "a1b2c3d4-0f1e-4c2b-9a88-7d6e5f4c3b2a".into();
    header.source =
        "/home/alice/.claude/projects/-home-alice-src-my-project/a1b2c3d4-0f1e-4c2b-9a88-7d6e5f4c3b2a.jsonl"
            .into();
    header.cwd = "/home/alice/src/my-project".into();
    header.project_slug = "my-project".into();
    header.title = Some("Fix the flaky login test and clean up fixtures".into());
    header.model = Some("claude-opus-4-5-20251101".into());
    header.git_branch = Some("main".into());
    header.archived_at = "2026-06-05T16:31:22+02:00".into();
    header.started_at = Some("2026-06-05T14:30:11.123+02:00".into());
    header.ended_at = Some("2026-06-05T15:02:45.456+02:00".into());
    header.rules_version = "2026.6.1".into();
    header.version = 1;
    header.content_hash = std::array::from_fn(|index| (index * 73 + 11) as u8);
    header.head_hash = std::array::from_fn(|index| (index * 151 + 5) as u8);
    header.masked_by_rule.insert("github-pat".into(), 2);
    (header.line_count, header.masked_lines) = (38, 2);
    (header.source_bytes, header.clean_bytes) = (21_345, 21_345);
    header.blocks = vec![Block {
        compressed_bytes: 4123,
        masked_bytes: 21_320,
        source_bytes: 21_345,
        newlines: 38,
        is_masked: true,
    }];
    header
}

fn payload_of(member: &[u8]) -> &[u8] {
    subfield(parse_member_header(member).unwrap().extra, HEADER_SUBFIELD).unwrap()
}

#[test]
fn the_header_of_a_short_session_is_small() {
    let member = encode(&typical()).unwrap();
    assert!(member.len() <= 450, "{} bytes", member.len());
    assert_eq!(decode(payload_of(&member)).unwrap(), typical());
}

#[test]
fn a_padded_header_has_every_length_asked_for() {
    let header = typical();
    let exact = encode(&header).unwrap().len();
    for bytes in (exact..exact + 12).chain([reserve_len(&header, 1), reserve_len(&header, MAX_BLOCKS)]) {
        let member = encode_padded(&header, bytes).unwrap();
        assert_eq!(member.len(), bytes);
        assert_eq!(decode(payload_of(&member)).unwrap(), header);
    }
    assert!(encode_padded(&header, 100).is_err());
}

#[test]
fn the_largest_header_fits_what_was_reserved_for_it() {
    let mut header = typical();
    header.source = "/ä".repeat(5000);
    header.cwd = "x".repeat(5000);
    header.title = Some("t\u{1F600}".repeat(300));
    let reserved = reserve_len(&header, MAX_BLOCKS);
    // Everything that is not known when room is reserved.
    for rule in 0..2000 {
        header.masked_by_rule.insert(format!("a-rule-with-a-long-name-{:x}", rule * 2_654_435_761u64), rule);
    }
    let block = Block {
        compressed_bytes: u32::MAX,
        masked_bytes: 1,
        source_bytes: u32::MAX,
        newlines: u32::MAX,
        is_masked: true,
    };
    header.blocks = vec![block; MAX_BLOCKS];
    let member = encode_padded(&header, reserved).unwrap();
    assert_eq!(member.len(), reserved);
    let read = decode(payload_of(&member)).unwrap();
    assert_eq!(read.blocks, header.blocks);
    assert_eq!(read.masked_by_rule.values().sum::<u64>(), header.masked_by_rule.values().sum::<u64>());
    assert_eq!(read.title.unwrap().chars().count(), MAX_TITLE_CHARS);
    assert!(read.source.len() <= MAX_PATH_BYTES && read.source.contains('#'));
    assert!(encode(&header).is_ok());
    header.blocks.push(block);
    assert_eq!(encode(&header).unwrap_err().kind(), Kind::Internal);
}

#[test]
fn ids_beyond_their_limits_are_left_out_and_a_header_without_any_has_none() {
    let mut header = typical();
    let member = encode(&header).unwrap();
    let plain = decode(payload_of(&member)).unwrap();
    assert_eq!((plain.forked_from, plain.other_ids.len()), (None, 0));
    header.forked_from = Some("x".repeat(129));
    header.other_ids = vec![String::new(), "x".repeat(129)];
    assert_eq!(encode(&header).unwrap(), member);
    header.other_ids = (0..100).map(|number| format!("id-{number}")).collect();
    let read = decode(payload_of(&encode(&header).unwrap())).unwrap();
    assert_eq!(read.other_ids, header.other_ids[..MAX_OTHER_IDS]);
}

#[test]
fn the_last_masked_texts_that_an_archive_had_are_kept() {
    let mut header = typical();
    header.masked_states = (0..6).map(|number| MaskedState { bytes: 300 * number, hash: [7; 32] }).collect();
    let read = decode(payload_of(&encode(&header).unwrap())).unwrap();
    assert_eq!(read.masked_states, header.masked_states[6 - MAX_MASKED_STATES..]);
}

#[test]
fn long_paths_that_differ_at_the_end_stay_different() {
    let (one, two) = (format!("{}1", "d/".repeat(2000)), format!("{}2", "d/".repeat(2000)));
    assert_ne!(cut_path(&one), cut_path(&two));
}

#[test]
fn a_newer_format_is_told_apart_from_damage() {
    let member = encode(&typical()).unwrap();
    let mut payload = payload_of(&member).to_vec();
    payload[0] = FORMAT_VERSION + 1;
    assert!(matches!(decode(&payload), Err(Undecodable::Newer(version)) if version == FORMAT_VERSION + 1));
    payload[0] = FORMAT_VERSION;
    payload[80] ^= 1;
    assert!(matches!(decode(&payload), Err(Undecodable::Damaged(error)) if error.kind() == Kind::Damaged));
}

#[test]
fn every_flipped_bit_and_every_cut_is_an_error() {
    let member = encode(&typical()).unwrap();
    let payload = payload_of(&member);
    for position in 0..payload.len() * 8 {
        let mut damaged = payload.to_vec();
        damaged[position / 8] ^= 1 << (position % 8);
        assert!(decode(&damaged).is_err(), "bit {position}");
    }
    for end in 0..payload.len() {
        assert!(decode(&payload[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_field_of_a_later_program_is_skipped() {
    let mut metadata = metadata(&typical(), 1000);
    push_field(&mut metadata, 200, b"whatever");
    let mut header = empty_header();
    read_metadata(&metadata, &mut header).unwrap();
    assert_eq!(header.identity, typical().identity);
}

prop_compose! {
    fn any_header()(
        texts in proptest::collection::vec("\\PC{0,40}", 6),
        optional in proptest::collection::vec(proptest::option::of("\\PC{0,40}"), 7),
        forked_from in proptest::option::of("[a-z0-9-]{1,128}"),
        other_ids in proptest::collection::vec("[a-z0-9-]{1,128}", 0..=MAX_OTHER_IDS),
        numbers in proptest::array::uniform5(any::<u64>()),
        version in any::<u32>(),
        incomplete in any::<bool>(),
        content_hash in any::<[u8; 32]>(),
        head_hash in any::<[u8; 32]>(),
        rules in proptest::collection::btree_map("[a-z-]{1,30}", any::<u64>(), 0..20),
        blocks in proptest::collection::vec((any::<u32>(), 0..=MAX_BLOCK_BYTES as u32, any::<u32>(), any::<u32>()), 0..50),
    ) -> Header {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().unwrap();
        let mut optional = optional.into_iter();
        let mut option = || optional.next().unwrap();
        let mut header = empty_header();
        header.identity =
            Identity { agent: "codex".into(), session_id: format!("s{}", text()), part_id: option() };
        header.source = text();
        header.rules_version = text();
        header.archived_at = text();
        header.cwd = text();
        header.project_slug = text();
        header.supersedes = option();
        header.started_at = option();
        header.ended_at = option();
        header.title = option();
        header.model = option();
        header.git_branch = option();
        header.forked_from = forked_from;
        header.other_ids = other_ids;
        [header.source_bytes, header.clean_bytes, header.nul_bytes, header.line_count, header.masked_lines] = numbers;
        header.version = version;
        header.is_rule_set_incomplete = incomplete;
        header.content_hash = content_hash;
        header.head_hash = head_hash;
        header.masked_by_rule = rules;
        header.blocks = blocks
            .into_iter()
            .map(|(compressed_bytes, masked_bytes, source_bytes, newlines)| {
                Block { compressed_bytes, masked_bytes, source_bytes, newlines, is_masked: false }
            })
            .collect();
        let (lines, several) = (header.masked_lines, header.blocks.len() > 1);
        for (index, block) in header.blocks.iter_mut().enumerate() {
            block.is_masked = lines > 0 && (!several || (lines >> (index % 64)) & 1 == 1);
        }
        header
    }
}

proptest! {
    #[test]
    fn any_header_comes_back_as_it_was(header in any_header()) {
        let member = encode(&header).unwrap();
        prop_assert_eq!(decode(payload_of(&member)).unwrap(), header.clone());
        let member = encode_padded(&header, reserve_len(&header, header.blocks.len())).unwrap();
        prop_assert_eq!(decode(payload_of(&member)).unwrap(), header);
    }

    #[test]
    fn hostile_payloads_with_a_right_checksum_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 70..400), flags in 0u8..4) {
        bytes[0] = FORMAT_VERSION;
        bytes[1] = flags;
        seal(&mut bytes);
        let _ = decode(&bytes);
    }

    #[test]
    fn hostile_changes_with_a_right_checksum_never_panic(
        changes in proptest::collection::vec((0usize..1000, any::<u8>()), 1..8)
    ) {
        let member = encode(&typical()).unwrap();
        let mut payload = payload_of(&member).to_vec();
        for (position, value) in changes {
            let position = position % payload.len();
            payload[position] = value;
        }
        seal(&mut payload);
        let _ = decode(&payload);
    }
}
