//! What must be known of a language to colour its code.

/// A language, or several that look alike.
pub(super) struct Language {
    /// What the fence of a block, or a file's name behind its last dot, calls it; in lower case.
    pub names: &'static [&'static str],
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<(&'static str, &'static str)>,
    /// Characters that begin and end a string.
    pub quotes: &'static str,
    pub has_triple_quotes: bool,
    /// Strings of any quote may hold line ends.
    pub has_long_strings: bool,
    /// Words with a colour, one space between them.
    keywords: &'static str,
    /// Keywords are the same in capitals.
    is_caseless: bool,
}

impl Language {
    /// Returns whether `word` is one of its keywords.
    pub(super) fn is_keyword(&self, word: &[u8]) -> bool {
        /// The longest keyword of any language here.
        const MOST_BYTES: usize = 12;
        word.len() <= MOST_BYTES
            && self.keywords.split(' ').any(|keyword| match self.is_caseless {
                true => keyword.as_bytes().eq_ignore_ascii_case(word),
                false => keyword.as_bytes() == word,
            })
    }
}

/// Returns the language that is called `name`, in any case.
pub(super) fn language(name: &str) -> Option<&'static Language> {
    let is_it = |language: &&Language| language.names.iter().any(|known| known.eq_ignore_ascii_case(name));
    LANGUAGES.iter().find(is_it)
}

const PLAIN: Language = Language {
    names: &[],
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: "\"'",
    has_triple_quotes: false,
    has_long_strings: false,
    keywords: "",
    is_caseless: false,
};

/// All languages that have colours.
pub(super) static LANGUAGES: [Language; 14] = [
    Language {
        names: &["rust", "rs"],
        // An apostrophe begins a lifetime more often than a character.
        quotes: "\"",
        has_long_strings: true,
        keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod \
                   move mut pub ref return self Self static struct super trait true type unsafe use where while",
        ..PLAIN
    },
    Language {
        names: &["python", "py", "python3"],
        line_comments: &["#"],
        block_comment: None,
        has_triple_quotes: true,
        keywords: "False None True and as assert async await break class continue def del elif else except finally for from \
                   global if import in is lambda nonlocal not or pass raise return try while with yield match case self",
        ..PLAIN
    },
    Language {
        names: &["javascript", "js", "jsx", "mjs", "cjs", "typescript", "ts", "tsx", "mts"],
        quotes: "\"'`",
        keywords: "abstract any as async await boolean break case catch class const continue declare default delete do else \
                   enum export extends false finally for from function if implements import in instanceof interface let new \
                   null number of private protected public readonly return static string super switch this throw true try \
                   type typeof undefined var void while yield",
        ..PLAIN
    },
    Language {
        names: &["sh", "bash", "shell", "zsh", "console", "fish"],
        line_comments: &["#"],
        block_comment: None,
        has_long_strings: true,
        keywords: "case cd do done echo elif else esac exit export fi for function if in local return set then until while",
        ..PLAIN
    },
    Language {
        names: &["json", "jsonl", "json5", "jsonc", "ndjson"],
        quotes: "\"",
        keywords: "true false null",
        ..PLAIN
    },
    Language {
        names: &["yaml", "yml", "toml", "ini", "conf", "dockerfile", "makefile", "mk"],
        line_comments: &["#"],
        block_comment: None,
        has_triple_quotes: true,
        keywords: "true false null yes no on off FROM RUN COPY ADD CMD ENTRYPOINT ENV WORKDIR ARG",
        ..PLAIN
    },
    Language {
        names: &["go", "golang"],
        quotes: "\"'`",
        keywords: "break case chan const continue default defer else error fallthrough false for func go goto if import int \
                   interface map nil package range return select string struct switch true type var",
        ..PLAIN
    },
    Language {
        names: &["c", "h", "cpp", "c++", "cc", "hpp", "cxx", "objc", "cs", "csharp", "swift"],
        keywords: "auto bool break case catch char class const constexpr continue default delete do double else enum extern \
                   false float for func goto if include inline int let long namespace new nil null nullptr override private \
                   protected public return short signed sizeof static string struct switch template this throw true try \
                   typedef typename union unsigned using var virtual void volatile while",
        ..PLAIN
    },
    Language {
        names: &["java", "kotlin", "kt", "kts", "scala", "groovy", "dart"],
        has_triple_quotes: true,
        keywords: "abstract boolean break case catch class companion const continue data def default do double else enum \
                   extends false final finally float for fun if implements import in instanceof int interface is long new \
                   null object override package private protected public return static super switch this throw throws true \
                   try val var void when while",
        ..PLAIN
    },
    Language {
        names: &["ruby", "rb", "perl", "pl", "elixir", "ex", "exs", "r"],
        line_comments: &["#"],
        block_comment: None,
        keywords: "alias and begin break case class def do else elsif end ensure false for if in module my next nil not or our \
                   package redo require rescue return self sub super then true unless until use when while yield",
        ..PLAIN
    },
    Language {
        names: &["php"],
        line_comments: &["//", "#"],
        keywords: "abstract array as break case catch class const continue default do echo else elseif extends false final \
                   fn for foreach function if implements interface namespace new null private protected public return \
                   static switch this throw true try use var while",
        ..PLAIN
    },
    Language {
        names: &["sql", "postgresql", "mysql", "sqlite"],
        line_comments: &["--"],
        keywords: "add all alter and as asc between by case check column constraint create cross default delete desc distinct \
                   drop else end exists false foreign from full group having if in index inner insert into is join key left \
                   like limit not null offset on or order outer primary references right select set table then true union \
                   unique update using values view when where with",
        is_caseless: true,
        ..PLAIN
    },
    Language {
        names: &["lua", "haskell", "hs"],
        line_comments: &["--"],
        block_comment: None,
        keywords: "and break case data deriving do else elseif end false for function if import in instance let local module \
                   nil not of or repeat return then true type until where while",
        ..PLAIN
    },
    Language {
        names: &["css", "scss", "less"],
        line_comments: &[],
        keywords: "import media important supports keyframes inherit initial none auto",
        ..PLAIN
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_languages_and_all_are_in_lower_case() {
        let mut names: Vec<&str> = LANGUAGES.iter().flat_map(|language| language.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().all(|name| *name == name.to_lowercase()));
    }

    #[test]
    fn no_keyword_is_longer_than_what_is_looked_up() {
        for language in &LANGUAGES {
            for keyword in language.keywords.split(' ') {
                assert!(language.is_keyword(keyword.as_bytes()), "{keyword}");
            }
        }
    }
}
