//! A form that sessions are exported in. Here are what it must say of itself, and HTML; others stand in rooms of their own.

use crate::error::Result;
use crate::view::html::{self, Counts, Look, Source, Write};

/// Renders sessions. To add a form: implement this, and give it an option in `cli::export`.
pub(crate) trait Form: Sync {
    /// What the names of its files end with: `.html`.
    fn suffix(&self) -> &'static str;

    /// What its result depends on beside the session: the form's name and version, which changes whenever the same session
    /// would come out otherwise, and all options.
    fn recipe(&self) -> String;

    /// Writes one session in pieces; returns what was counted. `depth` is how many directories below the export's root the
    /// file lies.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    fn render(&self, source: &Source<'_>, depth: usize, write: &mut Write<'_>) -> Result<Counts>;
}

/// One page a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Html {
    pub look: Look,
    /// There is a list of all sessions to link to.
    pub is_site: bool,
}

/// Changes whenever a page of the same session would look or work otherwise.
const HTML_VERSION: u32 = 1;

impl Form for Html {
    fn suffix(&self) -> &'static str {
        ".html"
    }

    fn recipe(&self) -> String {
        // A new release may tell more of the same records.
        let (program, look) = (env!("CARGO_PKG_VERSION"), self.look);
        // Times are local.
        let zone = jiff::tz::TimeZone::system();
        let zone = zone.iana_name().unwrap_or_default();
        format!("html {HTML_VERSION} {program} full={} site={} zone={zone}", look.is_full, self.is_site)
    }

    fn render(&self, source: &Source<'_>, depth: usize, write: &mut Write<'_>) -> Result<Counts> {
        let home = self.is_site.then(|| format!("{}index.html", "../".repeat(depth)));
        html::render(source, self.look, home, write)
    }
}
