//! Which sessions are asked for: by project, agent, id, branch, model, title and time.

use super::project::Project;
use super::session::Session;
use jiff::Timestamp;

/// What a session must be to be shown; empty lists ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub projects: Vec<Project>,
    /// Short names of agents.
    pub agents: Vec<String>,
    /// Beginnings of ids, of either case: of the session itself, of what else it is called, or of the one that it was
    /// copied from.
    pub sessions: Vec<String>,
    /// Names of Git branches, exactly.
    pub branches: Vec<String>,
    /// Pieces of models' names, in lower case.
    pub models: Vec<String>,
    /// Pieces of titles, in lower case.
    pub titles: Vec<String>,
    /// Last worked on then or later; see [`Session::last`].
    pub since: Option<Timestamp>,
    /// Last worked on before that.
    pub before: Option<Timestamp>,
}

impl Filter {
    /// Returns whether nothing is asked for, so that no metadata need be read.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.agents, &self.sessions, &self.branches, &self.models, &self.titles];
        self.projects.is_empty()
            && lists.iter().all(|list| list.is_empty())
            && self.since.is_none()
            && self.before.is_none()
    }

    /// Returns whether `session` is asked for.
    pub fn accepts(&self, session: &Session) -> bool {
        let is_listed = |list: &[String], text: Option<&str>| {
            list.is_empty() || list.iter().any(|item| item == text.unwrap_or(""))
        };
        (self.projects.is_empty() || self.projects.iter().any(|project| project.accepts(session)))
            && is_listed(&self.agents, session.agent.as_deref())
            && is_listed(&self.branches, session.git_branch.as_deref())
            && has_piece(&self.models, session.model.as_deref())
            && has_piece(&self.titles, session.title.as_deref())
            && (self.sessions.is_empty() || self.is_called(session) || self.is_named_in(session))
            && self.since.is_none_or(|since| session.last.is_some_and(|last| last >= since))
            && self.before.is_none_or(|before| session.last.is_some_and(|last| last < before))
    }

    /// Returns whether one of the ids that are asked for is the session's own.
    pub fn is_called(&self, session: &Session) -> bool {
        self.sessions.iter().any(|id| begins(&session.session_id, id))
    }

    /// Returns whether one of the ids that are asked for is another one that the session is known with.
    fn is_named_in(&self, session: &Session) -> bool {
        let mut ids = session.other_ids.iter().chain(&session.forked_from);
        ids.any(|known| self.sessions.iter().any(|id| begins(known, id)))
    }
}

/// Returns whether nothing is asked for, or a piece of `text` of whatever case.
fn has_piece(pieces: &[String], text: Option<&str>) -> bool {
    pieces.is_empty() || {
        let text = text.unwrap_or("").to_lowercase();
        pieces.iter().any(|piece| text.contains(piece))
    }
}

fn begins(id: &str, start: &str) -> bool {
    id.as_bytes().get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session<'static> {
        let mut session = Session::nothing();
        session.title = Some("Fix the ÄRGER with Tests".into());
        session.model = Some("claude-Opus-4-5".into());
        session.git_branch = Some("feature/x".into());
        session.last = Some("2026-06-05T12:00:00Z".parse().unwrap());
        session
    }

    #[test]
    fn pieces_are_found_in_any_case_and_branches_are_whole() {
        let list = |item: &str| vec![item.to_owned()];
        for (filter, is_it) in [
            (Filter { titles: list("ärger with"), ..Filter::default() }, true),
            (Filter { titles: list("ärgert"), ..Filter::default() }, false),
            (Filter { models: list("opus"), ..Filter::default() }, true),
            (Filter { models: list("gpt"), ..Filter::default() }, false),
            (Filter { branches: list("feature/x"), ..Filter::default() }, true),
            (Filter { branches: list("feature"), ..Filter::default() }, false),
        ] {
            assert!(!filter.is_empty());
            assert_eq!(filter.accepts(&session()), is_it, "{filter:?}");
            assert!(!filter.accepts(&Session::nothing()), "{filter:?}");
        }
        assert!(Filter::default().is_empty() && Filter::default().accepts(&Session::nothing()));
    }

    #[test]
    fn a_session_is_of_the_time_when_it_was_last_worked_on() {
        let at = |text: &str| Some(text.parse().unwrap());
        let (early, then, late) =
            (at("2026-06-05T11:00:00Z"), at("2026-06-05T12:00:00Z"), at("2026-06-05T13:00:00Z"));
        for (since, before, is_it) in [
            (early, late, true),
            (then, late, true),
            (early, then, false),
            (late, None, false),
            (None, early, false),
            (None, late, true),
        ] {
            assert_eq!(Filter { since, before, ..Filter::default() }.accepts(&session()), is_it);
        }
    }
}
