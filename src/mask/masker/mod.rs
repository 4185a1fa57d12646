//! Puts the scanners and the custom rules together: one table of rules, built once. What is done with it is the business of
//! [`crate::mask::scan`] and [`crate::mask::output`].
//!
//! In come the options, out comes the masker that all threads share. In the order in which the files are met: [`options`],
//! [`table`] (all rules and their indices), [`mod@version`] (what tells one set of rules from another), and here the masker.

pub(crate) mod options;
pub(crate) mod table;
pub(crate) mod version;

use crate::error::Result;
use crate::mask::built_in::{self, Scanners};
use crate::mask::custom::{Allowed, Custom};
use crate::mask::placeholder::Protected;
use crate::mask::rule::RuleIndex;
use options::Options;
use std::sync::OnceLock;
use table::{FIRST_CUSTOM, RuleInfo};
use version::version;

/// All rules, built once and shared by all threads.
pub struct Masker {
    pub(crate) rules: Vec<RuleInfo>,
    pub(crate) scanners: Scanners,
    pub(crate) custom: Custom,
    pub(crate) protected: Protected,
    allowed: Allowed,
    pub(crate) tag_key: Option<[u8; 32]>,
    /// What the version is made from, and the version, once it is asked for: a dry run does not.
    options: Options,
    version: OnceLock<String>,
    pub(crate) private_key_rule: RuleIndex,
}

impl Masker {
    /// Builds the masker.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Config`], naming the entry, the position and the way out, when a custom rule does not
    /// compile within its limits or an id in `disable_rules` does not exist.
    pub fn new(options: &Options) -> Result<Masker> {
        let mut rules: Vec<RuleInfo> = table::built_in().map(RuleInfo::of).collect();
        table::disable(&mut rules, &options.disable_rules)?;
        let custom = Custom::new(&options.patterns, &options.literals, FIRST_CUSTOM)?;
        rules.extend(
            (1..=options.patterns.len()).map(|number| RuleInfo::custom(format!("custom-pattern-{number}"))),
        );
        if !options.literals.is_empty() {
            rules.push(RuleInfo::custom("custom-literal".to_owned()));
        }
        Ok(Masker {
            scanners: Scanners::new(&options.disable_rules),
            custom,
            protected: Protected::new(table::built_in(), &built_in::kept_literals()),
            allowed: Allowed::new(&options.allow_literals, &options.allow_patterns)?,
            tag_key: options.tag_key,
            options: options.clone(),
            version: OnceLock::new(),
            private_key_rule: table::index_of(&rules, "pem-private-key"),
            rules,
        })
    }

    /// Returns a short text that changes whenever the built-in rules or the custom ones do.
    pub fn rules_version(&self) -> &str {
        self.version.get_or_init(|| version(&self.options))
    }

    /// Returns the id of a rule as users see it: `github-classic`.
    pub fn rule_id(&self, rule: RuleIndex) -> &str {
        &self.rule(rule).id
    }

    /// Returns what the table says about a rule of this masker.
    pub fn rule(&self, rule: RuleIndex) -> &RuleInfo {
        &self.rules[usize::from(rule.0)]
    }

    /// Returns all rules with their indices: built-in ones first, then custom ones in the order of the
    /// configuration.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &RuleInfo)> {
        self.rules.iter().enumerate().map(|(index, rule)| (RuleIndex(index as u16), rule))
    }

    /// Returns whether these bytes may stay: the user allows them.
    #[inline]
    pub(crate) fn permits(&self, matched: &[u8]) -> bool {
        !self.allowed.is_empty() && self.allowed.permits(matched)
    }
}
