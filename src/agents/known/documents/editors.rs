//! Where editors that were made of VS Code keep what their extensions and chats write, on each system.

use std::path::PathBuf;

use crate::environment::Environment;

/// What editors call their directories.
const EDITORS: [&str; 7] =
    ["Code", "Code - Insiders", "Code - OSS", "VSCodium", "Cursor", "Windsurf", "Trae"];

/// What they call those on a machine that is worked on from another one, in the home there.
const SERVERS: [&str; 5] =
    [".vscode-server", ".vscode-server-insiders", ".vscodium-server", ".cursor-server", ".windsurf-server"];

/// Returns the `User` directories of all editors; those of other systems and of editors that are not installed do not
/// exist.
///
/// Linux: `$XDG_CONFIG_HOME`, else `~/.config`; macOS: `~/Library/Application Support`; Windows: `%APPDATA%`.
pub(super) fn user_directories(environment: &Environment) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = environment.path("XDG_CONFIG_HOME").into_iter().collect();
    homes.extend(environment.in_home(".config"));
    homes.extend(environment.in_home("Library/Application Support"));
    homes.extend(environment.path("APPDATA"));
    let installed = homes.iter().flat_map(|home| EDITORS.map(|editor| home.join(editor).join("User")));
    let servers = SERVERS.iter().flat_map(|server| environment.in_home(server));
    installed.chain(servers.map(|server| server.join("data/User"))).collect()
}

/// Returns the directories that an extension has in all editors.
pub(super) fn of_extension(extension: &str, environment: &Environment) -> Vec<PathBuf> {
    let directories = user_directories(environment);
    directories.iter().map(|user| user.join("globalStorage").join(extension)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_looked_for_in_each_editor_of_each_system() {
        let environment = Environment::new([
            ("HOME".into(), "/h".into()),
            ("APPDATA".into(), "/h/AppData/Roaming".into()),
            ("XDG_CONFIG_HOME".into(), "/c".into()),
        ]);
        let found = of_extension("a.b", &environment);
        for expected in [
            "/c/VSCodium/User/globalStorage/a.b",
            "/h/.config/Code/User/globalStorage/a.b",
            "/h/Library/Application Support/Cursor/User/globalStorage/a.b",
            "/h/AppData/Roaming/Code - Insiders/User/globalStorage/a.b",
            "/h/.vscode-server/data/User/globalStorage/a.b",
            "/h/.cursor-server/data/User/globalStorage/a.b",
        ] {
            assert!(found.contains(&PathBuf::from(expected)), "{expected}: {found:?}");
        }
    }
}
