//! Any file can be named as the configuration: it is used or refused, in bounded time and memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::config::{Config, Environment, Flags};
use std::os::unix::fs::PermissionsExt;

fuzz_target!(|data: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("config.json");
    std::fs::write(&file, data).expect("can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("is ours");
    let flags = Flags { file: Some(file), store: Some("/store".into()), ..Flags::default() };
    let environment = Environment::with_home("/home");
    if let Ok(config) = Config::resolve(&flags, &environment)
        && let Ok(masker) = config.masker()
    {
        let masked = masker.mask_text("some text with ACME-12345 and password=hunter2 in it");
        let _ = masker.mask_text(&masked);
    }
});
