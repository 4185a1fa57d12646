use super::*;
use crate::mask::{Options, StreamLearner, StreamMasker};
use proptest::prelude::*;
use std::io::{Seek, Write};
use std::time::{Duration, SystemTime};

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    file
}

fn masker() -> Masker {
    Masker::new(&Options { literals: vec!["internal-host".to_owned()], ..Options::default() }).unwrap()
}

/// Masks as the filter does: what can be, on all threads, and the rest as a stream.
fn in_both_ways(masker: &Masker, known: Option<&KnownValues>, bytes: &[u8]) -> (Vec<u8>, Tally, u64) {
    let mut out = Vec::new();
    let masked = mask_file(masker, known, &file_of(bytes), 2, |text| {
        out.extend_from_slice(text);
        Ok(())
    });
    let Masked { bytes: done, until, tally } = masked.unwrap();
    let before = &bytes[(done as usize).saturating_sub(crate::mask::SHOWN)..done as usize];
    let mut stream = StreamMasker::resumed(masker, known, done, before, until, tally);
    stream.push(&bytes[done as usize..], &mut out);
    let tally = stream.finish(&mut out);
    (out, tally, done)
}

fn as_a_stream(masker: &Masker, known: Option<&KnownValues>, bytes: &[u8]) -> (Vec<u8>, Tally) {
    let (mut stream, mut out) = (StreamMasker::new(masker, known), Vec::new());
    stream.push(bytes, &mut out);
    let tally = stream.finish(&mut out);
    (out, tally)
}

fn token(seed: usize) -> String {
    let body: String = (0..36).map(|at| b"aB3dE5gH7jK9mN1pQ"[(at * 7 + seed) % 17] as char).collect();
    ["gh", "p_", &body].concat()
}

fn known_value() -> String {
    ["wq7Zt", "Rm4xL", "p9Kd2"].concat()
}

/// What is known of a session that names the value of [`known_value`] somewhere.
fn known(masker: &Masker) -> KnownValues {
    let text = format!("export DATABASE_PASSWORD={}\n", known_value());
    let mut learner = StreamLearner::new(masker);
    learner.push(text.as_bytes());
    masker.known(learner.finish()).expect("it teaches a value")
}

/// A line of about `bytes` bytes, with something to mask in it for some seeds.
fn line(seed: usize, bytes: usize) -> String {
    let secret = match seed % 5 {
        0 => format!("push with {}", token(seed)),
        1 => "at internal-host now".to_owned(),
        2 => format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n", "MIIEowIBAAKCAQEA0Z3VS5JJcds3".repeat(40)),
        3 => format!("it said {}", known_value()),
        _ => String::new(),
    };
    format!("{{\"n\":{seed},\"text\":\"{secret} {}\"}}\n", "word ".repeat(bytes / 5))
}

#[test]
fn a_large_file_is_masked_as_a_stream_is_and_most_of_it_on_all_threads() {
    let masker = masker();
    let text: String = (0..9000).map(|seed| line(seed, 100 + seed * 37 % 2000)).collect();
    let known = known(&masker);
    let (out, tally, done) = in_both_ways(&masker, Some(&known), text.as_bytes());
    assert!(memchr::memmem::find(&out, known_value().as_bytes()).is_none());
    assert_eq!((out, tally), as_a_stream(&masker, Some(&known), text.as_bytes()));
    assert!(done as usize > text.len() / 2, "{done} of {}", text.len());
}

#[test]
fn what_may_still_change_is_left_to_the_stream() {
    let masker = masker();
    let text = line(1, 2000).repeat(4000);
    let untouched =
        |file: &File| mask_file(&masker, None, file, 2, |_| panic!("nothing is written")).unwrap().bytes;
    assert_eq!(untouched(&file_of(b"")), 0);
    assert_eq!(untouched(&file_of(&text.as_bytes()[..1000])), 0);
    let young = file_of(text.as_bytes());
    young.set_modified(SystemTime::now()).unwrap();
    assert_eq!(untouched(&young), 0);
    assert_eq!(untouched(&file_of("no end ".repeat(1 << 20).as_bytes())), 0);
}

#[test]
fn a_file_that_is_written_to_meanwhile_is_masked_no_further() {
    let masker = masker();
    let text = line(1, 2000).repeat(9000);
    let file = file_of(text.as_bytes());
    let mut written = 0;
    let masked = mask_file(&masker, None, &file, 2, |block| {
        if written == 0 {
            (&file).write_all(b"now").unwrap();
        }
        written += block.len();
        Ok(())
    });
    let masked = masked.unwrap();
    assert!(masked.bytes > 0 && masked.bytes < text.len() as u64 - BLOCK_BYTES, "{}", masked.bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn both_ways_give_the_same_whatever_the_lines(
        sizes in prop::collection::vec((any::<usize>(), prop_oneof![8 => 0usize..3000, 2 => 100_000..400_000usize, 1 => 900_000..5_000_000usize]), 40..80),
        last in any::<bool>(),
    ) {
        let masker = masker();
        let mut text: String = sizes.iter().map(|&(seed, bytes)| line(seed % 1000, bytes)).collect();
        text.push_str(&line(7, 2_000_000));
        if last {
            text.pop();
        }
        let known = known(&masker);
        let (out, tally, _) = in_both_ways(&masker, Some(&known), text.as_bytes());
        let (expected, expected_tally) = as_a_stream(&masker, Some(&known), text.as_bytes());
        prop_assert!(out == expected);
        prop_assert_eq!(tally, expected_tally);
    }
}
