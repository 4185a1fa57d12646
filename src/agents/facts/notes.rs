//! Collects a description from records: what agents hand in of each, and which of it counts.

use std::borrow::Cow;

use jiff::Timestamp;

use super::description::Description;
use super::lineage::Lineage;
use super::session_name::named_session;
use crate::agents::found::GuessPath;
use crate::agents::record::{Record, Value, timestamp};

/// Longest piece of a first prompt taken as a title. Long enough that a secret in what
/// [`title_line`](super::title_line) leaves of it is whole when it is masked.
const PROMPT_CHARACTERS: usize = 2000;

/// Where agents write the time of a record.
const TIME_MEMBERS: [&str; 8] =
    ["timestamp", "time", "startTime", "created_at", "_audit_timestamp", "createdAt", "created", "ts"];

/// Where headers of sessions name the session that they were copied from.
const FORK_MEMBERS: [&str; 6] =
    ["forkedFrom", "forked_from", "forked_from_id", "forkedFromId", "forkedFromSessionId", "branchedFrom"];

/// How good a title is; a better one replaces a weaker one, a later one its equal (but never the first prompt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TitleRank {
    Prompt,
    Summary,
    Generated,
    AgentName,
    Given,
}

/// Collects a description from records in order.
#[derive(Debug)]
pub(crate) struct Notes {
    description: Description,
    title_rank: Option<TitleRank>,
    earliest: Timestamp,
    latest: Timestamp,
    guess_path: GuessPath,
}

impl Notes {
    /// Returns notes of nothing yet. Times later than a day after `now` are taken as absent; `guess_path` is asked where a
    /// record names a session by the path of its file.
    pub(crate) fn new(now: Timestamp, guess_path: GuessPath) -> Notes {
        let day = jiff::SignedDuration::from_hours(24);
        Notes {
            description: Description::default(),
            title_rank: None,
            // 2000-01-01T00:00:00Z
            earliest: Timestamp::from_second(946_684_800).unwrap_or(Timestamp::UNIX_EPOCH),
            latest: now.checked_add(day).unwrap_or(Timestamp::MAX),
            guess_path,
        }
    }

    /// Returns what is known so far.
    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// Returns what came together.
    pub(crate) fn finish(self) -> Description {
        self.description
    }

    /// Returns whether all is known that the first record decides that has it.
    pub(crate) fn has_beginning(&self) -> bool {
        let Description { started_at, cwd, title, .. } = &self.description;
        started_at.is_some() && cwd.is_some() && title.is_some()
    }

    /// Takes the time of a record where agents write it: at its top, or, in a session's header, one level down.
    pub(crate) fn time_of(&mut self, record: &Record<'_>) {
        let at_top = TIME_MEMBERS.iter().find_map(|key| record.get(key));
        if let Some(value) = at_top {
            self.time(value);
        }
    }

    /// Takes the time in `value`: RFC 3339, or seconds or milliseconds since 1970.
    pub(crate) fn time(&mut self, value: Value<'_>) {
        timestamp(value).into_iter().for_each(|time| self.moment(time));
    }

    /// Takes a time that is read already.
    pub(crate) fn moment(&mut self, time: Timestamp) {
        if (self.earliest..=self.latest).contains(&time) {
            self.description.started_at.get_or_insert(time);
            self.description.ended_at = self.description.ended_at.max(Some(time));
        }
    }

    /// Takes what most agents write at the top of records.
    pub(crate) fn common(&mut self, record: &Record<'_>) {
        self.cwd(record.text("cwd"));
        self.git_branch(record.text("gitBranch"));
        self.model(record.text("model"));
    }

    /// Takes the working directory; the first one counts.
    pub(crate) fn cwd(&mut self, cwd: Option<Cow<'_, str>>) {
        keep_first(&mut self.description.cwd, cwd);
    }

    /// Takes the branch; the first one counts.
    pub(crate) fn git_branch(&mut self, branch: Option<Cow<'_, str>>) {
        keep_first(&mut self.description.git_branch, branch);
    }

    /// Takes the model; the last one counts. Claude Code writes `<synthetic>` for its own error messages.
    pub(crate) fn model(&mut self, model: Option<Cow<'_, str>>) {
        let model = model.filter(|model| !model.starts_with('<'));
        if let Some(model) = model
            && self.description.model.as_deref() != Some(&model)
        {
            self.description.model = Some(model.into_owned());
        }
    }

    /// Returns what is known of where the session comes from, to add to it.
    pub(crate) fn lineage(&mut self) -> &mut Lineage {
        &mut self.description.lineage
    }

    /// Takes the session that a header says it was copied from, wherever agents write that.
    pub(crate) fn copied_by_header(&mut self, record: &Record<'_>) {
        self.copied_from(FORK_MEMBERS.iter().find_map(|key| record.get(key)));
    }

    /// Takes what names the session that this one was copied from: its id, the path of its file, or an object with
    /// either. The first one counts.
    pub(crate) fn copied_from(&mut self, named: Option<Value<'_>>) {
        let guess_path = self.guess_path;
        self.description.lineage.fork(|| named_session(named?, guess_path));
    }

    /// Takes the session that this one was probably copied from.
    pub(crate) fn perhaps_copied_from(&mut self, named: Option<Value<'_>>) {
        let guess_path = self.guess_path;
        self.description.lineage.perhaps_fork(|| named_session(named?, guess_path));
    }

    /// Takes a title.
    pub(crate) fn title(&mut self, rank: TitleRank, title: Option<Cow<'_, str>>) {
        let is_better =
            self.title_rank.is_none_or(|known| rank > known || (rank == known && rank != TitleRank::Prompt));
        if let Some(title) = title.filter(|title| is_better && !title.trim().is_empty()) {
            self.title_rank = Some(rank);
            self.description.title = Some(title.into_owned());
            self.description.is_titled = rank != TitleRank::Prompt;
        }
    }

    /// Returns whether a first prompt would still be taken.
    pub(crate) fn wants_prompt(&self) -> bool {
        self.title_rank.is_none()
    }

    /// Takes a user's message as the title if there is none yet: a string, or a list of blocks with a `text`.
    /// What agents put into the user's mouth (`<environment_context>`, `<command-name>`, AGENTS.md) is passed over.
    pub(crate) fn prompt(&mut self, content: Option<Value<'_>>) {
        let Some(content) = content.filter(|_| self.wants_prompt()) else { return };
        let text = content.text().filter(|text| is_typed(text)).or_else(|| {
            content
                .elements()
                .find_map(|block| block.member("text")?.filled_text().filter(|text| is_typed(text)))
        });
        if let Some(text) = text {
            self.typed(&text);
        }
    }

    /// Takes what the user typed, out of whatever the agent put around it, as the title if there is none yet.
    pub(crate) fn typed(&mut self, text: &str) {
        let start: String = text.trim().chars().take(PROMPT_CHARACTERS).collect();
        self.title(TitleRank::Prompt, Some(Cow::Owned(start)));
    }
}

fn keep_first(slot: &mut Option<String>, value: Option<Cow<'_, str>>) {
    if slot.is_none() {
        *slot = value.map(Cow::into_owned);
    }
}

/// Returns whether a user's message looks typed by the user, not inserted by an agent.
fn is_typed(text: &str) -> bool {
    let inserted = ["<", "# AGENTS.md", "Caveat: ", "[Request interrupted"];
    let text = text.trim_start();
    !text.is_empty() && !inserted.iter().any(|start| text.starts_with(start))
}
