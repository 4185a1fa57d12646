//! sessionkeep keeps the sessions of AI coding agents: it masks the secrets in them, compresses them and
//! stores them in a dated tree, as fast as the machine can compress.
//!
//! # The map
//!
//! One transcript's way through the program:
//!
//! ```text
//! discover -> decide -> read -> mask -> compress -> stage -> commit -> record -> report
//! agents/     engine/   input/  mask/   archive/    archive/ archive/  archive/  report/
//! ```
//!
//! | layer | rooms, those to the left above those to the right | may use |
//! |---|---|---|
//! | face | `cli` | everything below |
//! | flow | `upkeep`, `setup`, `view`, `search`, `engine`, `config` | stages and ground, and the flows to the right |
//! | stages | `agents`, `mask`, `archive`, `input` | ground, never each other |
//! | ground | `report`, `platform`, `environment`, `error`, `identity`, `locator`, `message`, `recipe` | ground |
//!
//! No file uses one that uses it, by whatever way round. `tests/layers` reads the imports and fails where this table or
//! that sentence is not true. Each folder's `mod.rs` says what comes in, what goes out, and in which order its files are
//! met: begin there.
//!
//! Where to edit:
//!
//! - a secret rule: one entry in `mask/tokens/rules/`, with examples that must be masked and near-misses that must not;
//! - an agent: one file or folder in `agents/known/` and one line in its registry;
//! - the format of archives: `archive/header/` and `archive/gzip/`, their specification in `archive/FORMAT.md`, and a
//!   golden store in `tests/goldens/`;
//! - what an agent's records say: `Agent::messages` in its file, told to a `Telling` (`agents/said/` says how);
//! - a subcommand: one file in `cli/` and one line in its parser;
//! - where a source is and how one sees that it changed: `locator`, and `input`, which opens it;
//! - how databases and documents become lines: `recipe` says what there is to say, `input/rendered/` does it.
//!
//! # Promises
//!
//! Whatever happens, these hold. Behind each are tests that fail when it is broken; they are more than these, but begin here.
//!
//! | | promise | tests |
//! |---|---|---|
//! | P1 | **No secret is written.** Masking is done in memory, before a byte goes to any file, name, message or log, temporary ones included. Where it cannot run, nothing is written. | `leaks::an_import_its_growth_and_its_repetition_write_no_secret` (reads every system call), `leaks::runs_that_are_killed_or_cannot_write_leave_no_secret`, `leaks_names::secrets_in_names_are_nowhere_in_the_store_and_unchanged_sources_are_still_known`, `mask::a_broken_config_stops_it_before_anything_is_written` |
//! | P2 | **What is archived is never lost.** An archive gives way only to one whose source begins with all the source bytes of the old one, or, of what is told in lines, to one that begins with all its lines. Anything else goes beside it, as the next version. | `import::a_session_that_was_rewritten_keeps_its_old_archive_and_gets_a_second_version`, `model::whatever_happens_to_transcripts_their_archives_keep_the_promises`, `goldens::a_session_in_a_golden_that_grew_keeps_its_text_as_a_prefix`, `logs::a_row_that_changed_is_added_and_what_it_was_stays` |
//! | P3 | **What is said to be archived is there, whole,** after a kill and after a power cut; a name never stands for half an archive. | `kills::an_import_killed_anywhere_is_completed_by_the_next`, `injected::a_failed_flush_is_fatal_and_nothing_is_reported_as_archived`, `races::every_archive_that_is_seen_during_an_import_is_whole`; by hand, as root: `tests/power_cut.sh` |
//! | P4 | **Nothing is archived twice:** not by hooks and imports at once, not after a move, a copy, a touch, or when the agent has compressed it. | `races::twenty_hooks_and_five_imports_make_each_archive_once`, `import::touching_moving_and_copying_a_session_archives_nothing_twice`, `import::codex_rollouts_of_all_homes_are_found_and_a_compressed_one_is_the_same_session`, `goldens::what_is_in_a_golden_is_not_imported_again` |
//! | P5 | **Bytes outside of a mask stay as they are:** line ends, NULs, what is no UTF-8, lone surrogates, a missing last newline. A line of JSON stays JSON with the same keys, types and shape. | `faults_sources::bytes_of_every_sort_are_kept_as_they_are`, `archive::bytes_outside_of_masks_stay_as_they_are`, unit tests `a_masked_line_keeps_its_shape_and_masking_it_again_changes_nothing` and `what_is_clean_stays_byte_for_byte` in `mask/tests/` |
//! | P6 | **Masking depends on the text alone,** not on blocks, threads or buffers; and masking what is masked changes nothing. | unit tests `blocks_of_lines_give_what_the_whole_gives`, `a_stream_in_any_chunks_gives_what_the_whole_gives` and `a_line_too_long_to_hold_is_masked_alike_in_pieces_and_as_a_whole` in `mask/tests/`; `growth::growing_again_and_again_is_the_same_as_at_once`, `mask::masking_masked_text_changes_nothing` |
//! | P7 | **Sources are never changed,** nor is anything put beside them, and none is opened for writing. | `sources::no_command_changes_a_source_or_what_lies_beside_it`, `sources::an_import_opens_no_source_for_writing` |
//! | P8 | **The hook never bothers the agent:** exit code 0, nothing on standard output, back at once. | `help::the_hook_exits_0_and_says_nothing_on_stdout_whatever_happens`, `faults_runs::a_hook_never_fails_whatever_it_is_given`, `hook::a_pipe_that_stays_open_does_not_hold_the_hook_up`, `panics::a_panic_says_where_and_never_why_and_fails_no_hook` |
//! | P9 | **One bad file stops no run.** It is named, counted, and shows in the exit code. | `archive::one_bad_file_does_not_keep_the_others_out`, `packed::what_cannot_be_unpacked_is_refused_by_name_and_the_rest_is_archived`, `panics::a_panic_costs_what_it_was_at_and_the_next_import_makes_up_for_it` |
//! | P10 | **Memory is bounded** whatever comes in: one line of a gigabyte, a decompression bomb, archives that lie. | `faults_sources::a_line_of_40_megabytes_is_archived_in_little_memory_and_masked`, `bombs::planted_bombs_are_named_and_cost_neither_memory_nor_time`, `bombs::a_packed_transcript_of_more_text_than_memory_allows_is_archived_whole` |
//! | P11 | **A store is private** (0700, 0600), **and safe on a terminal:** no control character of a transcript reaches one alive. | `import::everything_is_private_whatever_the_umask`, `owners::a_store_of_another_users_is_refused`, `faults_sources::text_of_a_transcript_never_reaches_a_terminal_alive`, `list::control_characters_of_titles_and_projects_stay_dead` |
//!
//! Tests without a place named are below `src/`; the others are modules of `tests/it`.

#![deny(unreachable_pub)]

mod agents;
mod archive;
mod cli;
mod config;
mod engine;
mod environment;
mod error;
mod identity;
mod input;
mod locator;
mod mask;
mod message;
mod platform;
mod recipe;
mod report;
mod row_numbers;
mod search;
mod setup;
#[doc(hidden)]
pub mod testing;
mod upkeep;
mod view;

pub use cli::main;
