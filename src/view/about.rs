//! What is told of a session before what was said in it: title, whose, when, how much.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::json::Whose;
use super::session::Part;
use crate::report::units;
use crate::search::sessions::{Session, parse_time};

/// What is known of a session or a part. All text is masked, but not safe for a terminal.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub whose: Whose,
    pub title: Option<String>,
    pub model: Option<String>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub line_count: u64,
    pub part_count: usize,
}

impl About {
    /// Returns what is known of a session that has so many parts.
    pub(crate) fn session(session: &Session<'_>, part_count: usize) -> About {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        About {
            whose: Whose {
                session: session.session_id.clone().into_owned(),
                agent: session.agent.as_deref().unwrap_or_default().to_owned(),
                project: session.project_slug.clone().into_owned(),
                part: None,
            },
            title: text(&session.title),
            model: text(&session.model),
            started: session.started_at.as_deref().and_then(parse_time),
            ended: session.ended_at.as_deref().and_then(parse_time),
            line_count: session.line_count,
            part_count,
        }
    }

    /// Returns what is known of a part of this session.
    pub(crate) fn part(&self, part: &Part) -> About {
        let mut whose = self.whose.clone();
        whose.part = Some(part.id.clone());
        if !part.agent.is_empty() {
            whose.agent.clone_from(&part.agent);
        }
        About {
            whose,
            title: part.title.clone(),
            model: part.model.clone(),
            started: part.started,
            ended: part.ended,
            line_count: part.line_count,
            part_count: 0,
        }
    }

    /// Returns the facts beside the title, in the order in which they are shown; times in `zone`.
    pub(crate) fn facts(&self, zone: &TimeZone) -> Vec<String> {
        let Whose { session, agent, project, part } = &self.whose;
        let texts = [Some(agent), Some(project), self.model.as_ref()];
        let mut facts: Vec<String> =
            texts.into_iter().flatten().filter(|text| !text.is_empty()).cloned().collect();
        facts.extend(times(self.started, self.ended, zone));
        facts.push(units::count(self.line_count, "line"));
        if self.part_count > 0 {
            facts.push(units::count(self.part_count as u64, "part"));
        }
        facts.push(session.clone());
        facts.extend(part.iter().map(|part| format!("part {part}")));
        facts
    }
}

/// Returns when something began and ended; the day of the end only where it is another.
fn times(started: Option<Timestamp>, ended: Option<Timestamp>, zone: &TimeZone) -> Option<String> {
    let local = |time: Timestamp| time.to_zoned(zone.clone());
    let (started, ended) = (started.map(local), ended.map(local));
    let first = started.as_ref().or(ended.as_ref())?;
    let begin = first.strftime("%Y-%m-%d %H:%M").to_string();
    Some(match ended.as_ref().filter(|_| started.is_some()) {
        Some(ended) if ended.strftime("%F %H:%M").to_string() == first.strftime("%F %H:%M").to_string() => {
            begin
        }
        Some(ended) if ended.date() == first.date() => format!("{begin} to {}", ended.strftime("%H:%M")),
        Some(ended) => format!("{begin} to {}", ended.strftime("%Y-%m-%d %H:%M")),
        None => begin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_a_day_once() {
        let at = |text: &str| Some(text.parse().unwrap());
        for (started, ended, expected) in [
            (at("2026-06-05T14:30:10Z"), at("2026-06-05T14:30:50Z"), Some("2026-06-05 14:30")),
            (at("2026-06-05T14:30:00Z"), at("2026-06-05T15:02:00Z"), Some("2026-06-05 14:30 to 15:02")),
            (
                at("2026-06-05T23:30:00Z"),
                at("2026-06-06T01:00:00Z"),
                Some("2026-06-05 23:30 to 2026-06-06 01:00"),
            ),
            (None, at("2026-06-05T14:30:00Z"), Some("2026-06-05 14:30")),
            (None, None, None),
        ] {
            assert_eq!(times(started, ended, &TimeZone::UTC).as_deref(), expected);
        }
    }
}
