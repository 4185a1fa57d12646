//! Which project is asked for: by its name, or by a directory that it lies in.

use super::session::Session;
use crate::archive::names::{UNKNOWN, slug};
use std::path::{Path, PathBuf};

/// One project, or all below a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Project {
    /// As names of archives have it, and as it was written: archives of other programs may have other names.
    Named { slug: String, written: String },
    /// The components of an absolute path.
    Below(Vec<String>),
}

impl Project {
    /// Reads what is written for a project: a directory if it holds a slash or begins with `~` or `.`, else a name. The
    /// directory is made absolute from `current`; `expand` puts the user's home where `~` stands.
    pub(crate) fn of(written: &str, current: Option<&Path>, expand: impl Fn(&Path) -> PathBuf) -> Project {
        if !written.contains('/') && !written.starts_with(['~', '.']) {
            return Project::Named { slug: slug(written), written: written.to_owned() };
        }
        let expanded = expand(Path::new(written));
        let absolute = current.map_or_else(|| expanded.clone(), |current| current.join(&expanded));
        let text = absolute.to_string_lossy();
        let mut below: Vec<String> = Vec::new();
        for component in components(&text) {
            match component {
                ".." => drop(below.pop()),
                name => below.push(name.to_owned()),
            }
        }
        Project::Below(below)
    }

    /// Returns whether `session` is of this project. One that is archived as unknown, as names in other scripts than
    /// Latin once were, is known by its directory.
    pub(super) fn accepts(&self, session: &Session) -> bool {
        match self {
            Project::Named { slug: wanted, written } => {
                let is_of = |name: &str| name == written || (name == wanted && wanted != UNKNOWN);
                is_of(&session.project_slug)
                    || (session.project_slug == UNKNOWN
                        && !session.cwd.is_empty()
                        && is_of(&slug(&session.cwd)))
            }
            Project::Below(directory) => {
                let mut of_session = components(&session.cwd);
                !session.cwd.is_empty()
                    && directory.iter().all(|wanted| of_session.next().is_some_and(|name| name == wanted))
            }
        }
    }
}

/// Returns the components of a path of whatever system: a session may come from another one.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\']).filter(|component| !matches!(*component, "" | "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(written: &str) -> Project {
        Project::of(written, Some(Path::new("/home/me/code")), |path| match path.strip_prefix("~") {
            Ok(rest) => Path::new("/home/me").join(rest),
            Err(_) => path.to_owned(),
        })
    }

    fn accepts(written: &str, project_slug: &str, cwd: &str) -> bool {
        let (project_slug, cwd) = (project_slug.to_owned().into(), cwd.to_owned().into());
        of(written).accepts(&Session { project_slug, cwd, ..Session::nothing() })
    }

    #[test]
    fn a_directory_has_a_slash_or_begins_with_a_tilde_or_a_dot() {
        let below = |path: &str| Project::Below(components(path).map(str::to_owned).collect());
        for (written, path) in [
            ("/srv/a/", "/srv/a"),
            ("~", "/home/me"),
            ("~/x", "/home/me/x"),
            (".", "/home/me/code"),
            ("./a", "/home/me/code/a"),
            ("../a", "/home/me/a"),
            ("a/b", "/home/me/code/a/b"),
            ("/", "/"),
            ("../../../../..", "/"),
        ] {
            assert_eq!(of(written), below(path), "{written}");
        }
    }

    #[test]
    fn a_directory_holds_what_lies_below_it_component_by_component() {
        for (cwd, is_below) in [
            ("/srv/app", true),
            ("/srv/app/", true),
            ("/srv/app/deep/er", true),
            ("/srv/app-2", false),
            ("/srv", false),
            ("/other/srv/app", false),
            ("", false),
        ] {
            assert_eq!(accepts("/srv/app", "app", cwd), is_below, "{cwd}");
        }
        assert!(accepts("/", "app", "/srv/app") && !accepts("/", "unknown", ""));
        assert!(accepts("C:/Users/me", "app", "C:\\Users\\me\\app") || cfg!(unix), "a drive");
    }

    #[test]
    fn a_name_is_compared_as_archives_have_it_and_as_it_is_written() {
        for (written, slug, is_it) in [
            ("app", "app", true),
            ("app", "app-2", false),
            ("my app.py", "my-app-py", true),
            ("e\u{301}te\u{301}", "été", true),
            ("odd name", "odd name", true),
            ("unknown", "unknown", true),
            ("???", "unknown", false),
        ] {
            assert_eq!(accepts(written, slug, ""), is_it, "{written}");
        }
    }

    #[test]
    fn an_unknown_project_is_found_by_its_directory() {
        assert!(accepts("проект", "unknown", "/srv/проект"));
        assert!(!accepts("проект", "unknown", "/srv/other") && !accepts("проект", "other", "/srv/проект"));
    }
}
