//! What a sign in or after a bare value decides.

use crate::mask::context::scanner::ContextScanner;
use crate::mask::window::Window;

/// The values found in a text on its own.
fn values(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    ContextScanner::new(&|_| false).scan(&Window::of_whole(text.as_bytes(), 0..text.len()), &mut out);
    out.iter().map(|span| &text[span.start..span.end]).collect()
}

#[test]
fn a_variable_goes_on_over_a_single_sign_and_ends_at_the_shells() {
    let value = ["hunt3r", "Xk9q"].concat();
    assert_eq!(values(&format!("DB_PASSWORD={value}&make x")), [format!("{value}&make")]);
    assert_eq!(values(&format!("DB_PASSWORD={value}&&make x")), [value]);
}

#[test]
fn a_sign_among_letters_makes_a_secret_of_a_password_only() {
    let value = ["xkcd", "!qwrt"].concat();
    assert_eq!(values(&format!("password={value} x")), [value.as_str()]);
    assert_eq!(values(&format!("client_secret={value} x")), [""; 0]);
}
