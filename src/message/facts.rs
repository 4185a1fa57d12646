//! What is known of a message besides its text: who, what, how it ended, what it cost.

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    User,
    Assistant,
    Tool,
    System,
}

impl Role {
    pub(crate) const ALL: [Role; 4] = [Role::User, Role::Assistant, Role::Tool, Role::System];

    /// Returns its name, as scripts see it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
            Role::System => "system",
        }
    }
}

/// What sort of thing a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Image,
    /// What stands for an earlier part of the conversation from here on.
    Summary,
    /// Anything else that was written: state, times, what cannot be read.
    Event,
}

impl Kind {
    pub(crate) const ALL: [Kind; 7] = [
        Kind::Text,
        Kind::Thinking,
        Kind::ToolCall,
        Kind::ToolResult,
        Kind::Image,
        Kind::Summary,
        Kind::Event,
    ];

    /// Returns its name, as scripts see it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Thinking => "thinking",
            Kind::ToolCall => "tool_call",
            Kind::ToolResult => "tool_result",
            Kind::Image => "image",
            Kind::Summary => "summary",
            Kind::Event => "event",
        }
    }
}

/// What may be said of a message beside what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Put into the user's or the model's mouth by the agent: reminders, environments, instructions.
    Injected,
    /// The user went back to before it and on from there.
    Rewound,
    /// Of a subagent, in its session's own transcript.
    Sidechain,
    /// The line is damaged.
    Damaged,
    /// The conversation was summed up here.
    Compaction,
}

impl Mark {
    pub(crate) const ALL: [Mark; 5] =
        [Mark::Injected, Mark::Rewound, Mark::Sidechain, Mark::Damaged, Mark::Compaction];

    /// Returns its name, as scripts see it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Mark::Injected => "injected",
            Mark::Rewound => "rewound",
            Mark::Sidechain => "sidechain",
            Mark::Damaged => "damaged",
            Mark::Compaction => "compaction",
        }
    }
}

/// A set of [`Mark`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    /// Adds one.
    pub(crate) fn set(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u8;
    }

    /// Returns whether it is in the set.
    pub(crate) fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u8) != 0
    }

    /// Returns all that are in the set.
    pub(crate) fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |mark| self.has(*mark))
    }
}

/// How a tool's call ended, as far as its agent says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub is_error: Option<bool>,
    pub exit_code: Option<i64>,
}

impl Outcome {
    /// Returns whether it is known to have failed.
    pub(crate) fn failed(self) -> bool {
        self.is_error == Some(true) || self.exit_code.is_some_and(|code| code != 0)
    }
}

/// What an answer of a model cost, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Read anew, neither from nor into a cache.
    pub input: u64,
    pub output: u64,
    pub cache_read: u64,
    pub cache_write: u64,
}

impl Tokens {
    /// Returns whether it says nothing.
    pub(crate) fn is_zero(self) -> bool {
        self == Tokens::default()
    }

    /// Returns what is in these and not in `told`, number by number.
    pub(crate) fn beyond(self, told: Tokens) -> Tokens {
        Tokens {
            input: self.input.saturating_sub(told.input),
            output: self.output.saturating_sub(told.output),
            cache_read: self.cache_read.saturating_sub(told.cache_read),
            cache_write: self.cache_write.saturating_sub(told.cache_write),
        }
    }

    /// Returns the larger of each number.
    pub(crate) fn most(self, other: Tokens) -> Tokens {
        Tokens {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            cache_read: self.cache_read.max(other.cache_read),
            cache_write: self.cache_write.max(other.cache_write),
        }
    }

    /// Adds `other`.
    pub(crate) fn add(&mut self, other: Tokens) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
    }
}
