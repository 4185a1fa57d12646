//! `sessionkeep mask`: a filter, byte for byte apart from what is masked.

use super::common::context::Context;
use super::common::output::failure;
use super::common::read_ahead::ReadAhead;
use crate::config::Config;
use crate::engine::mask_file::{self, Masked};
use crate::error::{Error, Kind, Result};
use crate::input::form::{FIRST_BYTES, Form, form};
use crate::input::wide::{Narrower, Order, Widener};
use crate::mask::{KnownValues, Masker, SHOWN, StreamMasker, Tally, outside};
use crate::platform;
use crate::report::{Reporter, units};
use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom, Write};

const EXAMPLES: &str = "\
Examples:
  some-command 2>&1 | sessionkeep mask
  sessionkeep mask < session.jsonl > masked.jsonl
  sessionkeep mask --stats < server.log > /dev/null

Reads stdin to its end and writes the same bytes with secrets masked. Whole lines come out as they come
in, so it may stand in the middle of a live pipe; but lines of a private key wait for its end, and records
that hold a few letters of a message each (\"agent_message_chunk\", \"text_delta\") for up to 640 KiB of what
follows, since only together they show a secret. UTF-16 stays UTF-16; compressed input is refused before
anything is written: unpack it first, as in \"zcat a.gz | sessionkeep mask\". Where the result must not
depend on the machine it runs on (Spark, GNU parallel), give --no-known-values.";

/// Bytes read at a time.
const READ_BYTES: usize = 256 << 10;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Do not mask values known from outside (environment files, credentials on disk)
    #[arg(long)]
    no_known_values: bool,
    /// Print to stderr how many secrets each rule found
    #[arg(long)]
    stats: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let mut flags = context.flags();
    flags.no_known_values = args.no_known_values;
    let config = context.config(&flags, &reporter)?;
    let masker = config.masker()?;
    let known = known_values(&config, &masker);
    let mut input = std::io::stdin();
    // Locked once, and without the line buffering of the standard library's handle.
    let mut output = std::io::stdout().lock();
    let Begun { order, first } = begin(&mut input)?;
    let input = Cursor::new(first).chain(input);
    let tally = match order {
        Some(order) => filter_wide(StreamMasker::new(&masker, known.as_ref()), order, input, output)?,
        None => {
            let begun = masker_of(&masker, known.as_ref(), config.threads(), &mut output)?;
            filter(begun, input, output)?
        }
    };
    if args.stats {
        report(&tally, &masker, &reporter);
    }
    Ok(0)
}

fn known_values(config: &Config, masker: &Masker) -> Option<KnownValues> {
    if !config.masks_known_values {
        return None;
    }
    let environment = &config.environment;
    masker.known(outside::collect(environment.directory(), environment.home(), environment.variables()))
}

/// What the first bytes of standard input told.
struct Begun {
    /// The byte order of wide text.
    order: Option<Order>,
    /// What had to be read of it; nothing of a file, which can be looked at without moving on in it.
    first: Vec<u8>,
}

/// Looks what standard input is, waiting for no more of it than that takes.
///
/// # Errors
///
/// When it is no text: nothing in it would be found to be masked.
fn begin(input: &mut impl Read) -> Result<Begun> {
    let mut first = Vec::new();
    let mut is_end = false;
    if let Some(seen) = look_at_file() {
        let order = order_of(form(&seen, true))?;
        return Ok(Begun { order, first });
    }
    loop {
        let have = first.len();
        if let found @ Some(_) = form(&first, is_end) {
            return Ok(Begun { order: order_of(found)?, first });
        }
        first.resize(have + FIRST_BYTES, 0);
        match input.read(&mut first[have..]) {
            Ok(count) => {
                first.truncate(have + count);
                is_end = count == 0;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => first.truncate(have),
            Err(error) => return Err(unread(error)),
        }
    }
}

/// Returns the first bytes from where standard input stands, if it is a file.
fn look_at_file() -> Option<Vec<u8>> {
    let mut file = platform::standard_input()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let position = file.stream_position().ok()?;
    let mut first = vec![0; FIRST_BYTES];
    let count = platform::read_full_at(&file, &mut first, position).ok()?;
    first.truncate(count);
    Some(first)
}

fn order_of(form: Option<Form>) -> Result<Option<Order>> {
    let refused = |what: &str, hint: &str| {
        let error = Error::new(Kind::Source, "cannot mask standard input");
        Err(error.with_source(format!("it is {what}")).with_hint(hint))
    };
    match form {
        None | Some(Form::Text) => Ok(None),
        Some(Form::Wide(order)) => Ok(Some(order)),
        Some(Form::Gzip) => refused("compressed with gzip", "Unpack it first: zcat FILE | sessionkeep mask"),
        Some(Form::Zstd) => {
            refused("compressed with zstd", "Unpack it first: zstdcat FILE | sessionkeep mask")
        }
        Some(Form::Foreign(foreign)) => refused(foreign.what, foreign.hint),
    }
}

/// Returns a masker of standard input. Where that is a large file, most of it is masked and written already, on all
/// threads.
fn masker_of<'a>(
    masker: &'a Masker,
    known: Option<&'a KnownValues>,
    threads: usize,
    output: &mut impl Write,
) -> Result<StreamMasker<'a>> {
    let as_stream = StreamMasker::new(masker, known);
    // Its position is that of standard input, too: they are one open file.
    let Some(mut file) = platform::standard_input() else { return Ok(as_stream) };
    if file.stream_position().ok() != Some(0) {
        return Ok(as_stream);
    }
    let written = |text: &[u8]| write(output, text);
    let Masked { bytes, until, tally } = mask_file::mask_file(masker, known, &file, threads, written)?;
    let mut before = vec![0; SHOWN.min(bytes as usize)];
    let behind = SeekFrom::Start(bytes - before.len() as u64);
    // Reading leaves the position at the first byte that is not masked yet.
    match file.seek(behind).and_then(|_| file.read_exact(&mut before)) {
        Ok(()) => Ok(StreamMasker::resumed(masker, known, bytes, &before, until, tally)),
        Err(error) => Err(unread(error)),
    }
}

/// Copies `input` to `output`, masked. What is decided goes out before the next read, so a filter in a live pipe is
/// never behind by more than the masker must be.
fn filter(
    mut masker: StreamMasker,
    input: impl Read + Send + 'static,
    mut output: impl Write,
) -> Result<Tally> {
    let mut input = ReadAhead::start(input, READ_BYTES).map_err(unread)?;
    let mut masked = Vec::with_capacity(2 * READ_BYTES);
    while let Some(chunk) = input.next().map_err(unread)? {
        masker.push(&chunk, &mut masked);
        input.done(chunk);
        write(&mut output, &masked)?;
        masked.clear();
    }
    let tally = masker.finish(&mut masked);
    write(&mut output, &masked)?;
    Ok(tally)
}

/// Copies wide text, masked, and leaves it wide: its mark, and all bytes outside of masks, as they are.
fn filter_wide(
    mut masker: StreamMasker,
    order: Order,
    input: impl Read + Send + 'static,
    mut output: impl Write,
) -> Result<Tally> {
    let mut input = ReadAhead::start(input, READ_BYTES).map_err(unread)?;
    let (mut narrower, mut widener) = (Narrower::new(order), Widener::new(order));
    let (mut text, mut masked, mut wide) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_started = false;
    while let Some(chunk) = input.next().map_err(unread)? {
        narrower.push(&chunk, &mut text).map_err(|mixed| {
            let error = Error::new(Kind::Source, "cannot mask standard input").with_source(mixed);
            error.with_hint("What was masked so far is written; convert the input to UTF-8 to mask it all.")
        })?;
        input.done(chunk);
        let mut unmarked = &text[..];
        if !is_started && !text.is_empty() {
            is_started = true;
            // No part of the text: a rule must not see it before the first token.
            if let Some(rest) = text.strip_prefix("\u{feff}".as_bytes()) {
                wide.extend(order.mark());
                unmarked = rest;
            }
        }
        masker.push(unmarked, &mut masked);
        widener.push(&masked, &mut wide);
        write(&mut output, &wide)?;
        [&mut text, &mut masked, &mut wide].into_iter().for_each(Vec::clear);
    }
    let tally = masker.finish(&mut masked);
    widener.push(&masked, &mut wide);
    wide.extend(narrower.rest());
    write(&mut output, &wide)?;
    Ok(tally)
}

fn write(output: &mut impl Write, text: &[u8]) -> Result<()> {
    output.write_all(text).and_then(|()| output.flush()).map_err(failure)
}

fn unread(error: std::io::Error) -> Error {
    Error::new(Kind::Source, "cannot read standard input").with_source(error)
}

fn report(tally: &Tally, masker: &Masker, reporter: &Reporter) {
    reporter.say(format_args!("{}, {} masked", units::count(tally.lines, "line"), tally.masked_lines));
    for (rule, count) in &tally.by_rule {
        reporter.say(format_args!("{count:>8}  {}", masker.rule_id(*rule)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Options;

    /// Hands out one piece a read, and fails in between as interrupted reads do.
    struct Pieces(Vec<Vec<u8>>, bool);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            if self.0.is_empty() {
                return Ok(0);
            }
            let piece = self.0.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    fn filtered(pieces: &[&[u8]]) -> Vec<u8> {
        let options = Options { literals: vec!["internal-host".to_owned()], ..Options::default() };
        let masker = Masker::new(&options).unwrap();
        let mut output = Vec::new();
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        filter(StreamMasker::new(&masker, None), Pieces(pieces, false), &mut output).unwrap();
        output
    }

    #[test]
    fn bytes_without_secrets_pass_unchanged() {
        let bytes = b"a\r\nb\0\xff\xed\xa0\x80\n\nno newline at the end";
        assert_eq!(filtered(&[bytes]), bytes);
        assert_eq!(filtered(&[]), b"");
    }

    #[test]
    fn wide_text_is_masked_and_stays_wide_whatever_the_pieces() {
        let options = Options { literals: vec!["internal-host".to_owned()], ..Options::default() };
        let masker = Masker::new(&options).unwrap();
        let text = "\u{feff}on internal-host now \u{4e0a}\u{1f600}\r\nand";
        let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
        let (bytes, expected) = (wide(text), wide(&text.replace("internal-host", "***MASKED***")));
        for size in 1..bytes.len() {
            let pieces =
                Pieces([&bytes[..], b"\xd8"].concat().chunks(size).map(<[u8]>::to_vec).collect(), false);
            let mut output = Vec::new();
            filter_wide(StreamMasker::new(&masker, None), Order::Big, pieces, &mut output).unwrap();
            assert_eq!(output, [&expected[..], b"\xd8"].concat(), "pieces of {size}");
        }
    }

    #[test]
    fn a_secret_cut_between_reads_is_masked() {
        let line = b"on internal-host now\n";
        for cut in 1..line.len() {
            let (start, end) = line.split_at(cut);
            assert_eq!(filtered(&[start, end]), b"on ***MASKED*** now\n", "cut at {cut}");
        }
    }
}
