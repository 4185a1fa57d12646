//! Sessions as pages for a browser, and the site that lists them.

use super::form::Form;
use crate::error::Result;
use crate::report::Reporter;
use crate::view::html::{self, Figures, Look, Source, Write};
use crate::view::site::{self, Entry};

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

    fn render(&self, source: &Source<'_>, depth: usize, write: &mut Write<'_>) -> Result<Figures> {
        let home = self.is_site.then(|| format!("{}index.html", "../".repeat(depth)));
        html::render(source, self.look, home, write)
    }

    fn list(&self, entries: &mut [Entry<'_>], _: &Reporter) -> Result<Vec<(&'static str, Vec<u8>)>> {
        Ok(vec![("index.html", site::index(entries).into_bytes())])
    }
}
