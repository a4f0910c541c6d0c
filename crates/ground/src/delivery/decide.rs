//! What becomes of a message after a try: pure, no clock, no store. For the postman.
//! Must never happen: a message that leaves twice because nobody was sure, without its history saying so; one that waits for ever.
use super::Kind;
use kernel::{Reason, Span, Time, Verdict};

/// No message is tried longer than this.
pub const TRIED_FOR: Span = Span::hours(24);
/// The first wait; each further one is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Span = Span::seconds(15);
const LONGEST_WAIT: Span = Span::minutes(30);
/// After a try of which nobody knows the end, a bounce or a second look has time to come first.
const WAIT_UNSURE: Span = Span::minutes(2);
/// A server that cannot be reached is asked again after this, then twice as late.
const FIRST_PAUSE: Span = Span::seconds(5);

/// Over which test messages are counted.
pub const TESTS_WINDOW: Span = Span::hours(1);
const TESTS_OF_PERSON: i64 = 10;
const TESTS_OF_ORGANISATION: i64 = 30;

/// Whether one more test message may be sent, after so many of the person and of the whole organisation in the window.
pub fn may_test(of_person: i64, of_organisation: i64) -> Verdict<bool> {
    if of_person >= TESTS_OF_PERSON || of_organisation >= TESTS_OF_ORGANISATION {
        return Verdict::because(false, Reason::TestTooOften);
    }
    Verdict {
        outcome: true,
        reasons: Vec::new(),
    }
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The other side took it.
    Taken {
        /// Who.
        by: String,
        /// In its own words.
        said: String,
    },
    /// Not now, says the other side.
    Deferred {
        /// In its own words.
        said: String,
    },
    /// Never, says the other side.
    Refused {
        /// In its own words.
        said: String,
    },
    /// It was handed over and no answer came: it may have been taken.
    Unknown {
        /// What happened.
        said: String,
    },
    /// Nobody could be asked: this says nothing about the message, so it does not count as its try.
    Away {
        /// What happened.
        said: String,
        /// When the other side is asked again.
        until: Time,
    },
    /// Its time was over before it could be tried.
    Late,
}

/// What is known of a message before a try is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// How it travels.
    pub kind: Kind,
    /// After this it is not tried any more.
    pub ends_at: Time,
    /// Since when it is deferred; none where it is not.
    pub deferred_since: Option<Time>,
    /// Tries with this one.
    pub tries: u32,
}

/// The state's word in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Deferred,
    Taken,
    Refused,
    GivenUp,
}

impl Word {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deferred => "deferred",
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::GivenUp => "given-up",
        }
    }
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub word: Word,
    pub at: Time,
    pub said: String,
    pub taken_by: String,
    pub next_at: Option<Time>,
    pub tries: u32,
    /// What it says is needed no more.
    pub erases: bool,
    /// The word in its history.
    pub step: &'static str,
}

/// What becomes of the message. `jitter` is a byte of chance, so that many messages do not come back in step.
pub fn settle(facts: &Facts, outcome: Outcome, now: Time, jitter: u8) -> Settled {
    match outcome {
        Outcome::Taken { by, said } => Settled {
            taken_by: by,
            erases: true,
            ..ended(facts, Word::Taken, "taken", said, now)
        },
        Outcome::Refused { said } => ended(facts, Word::Refused, "refused", said, now),
        Outcome::Deferred { said } => again(facts, said, now, "deferred", wait(facts.tries, jitter)),
        // A text message costs money each time and its gateway does not know a second copy: it is not sent again.
        Outcome::Unknown { said } if facts.kind == Kind::Text => {
            let said = format!("{said}; not sent again, because it may have been taken");
            Settled {
                erases: true,
                ..ended(facts, Word::GivenUp, "unknown", said, now)
            }
        }
        Outcome::Unknown { said } => {
            let said = format!("{said}; it may have been taken, and is sent again with the same Message-ID");
            let waits = wait(facts.tries, jitter).as_micros().max(WAIT_UNSURE.as_micros());
            again(facts, said, now, "unknown", Span::micros(waits))
        }
        Outcome::Late => Settled {
            erases: true,
            tries: facts.tries.saturating_sub(1),
            ..ended(
                facts,
                Word::GivenUp,
                "given-up",
                "its time was over before it could leave".into(),
                now,
            )
        },
        Outcome::Away { said, until } => Settled {
            tries: facts.tries.saturating_sub(1),
            ..again(facts, said, now, "deferred", until - now)
        },
    }
}

fn ended(facts: &Facts, word: Word, step: &'static str, said: String, now: Time) -> Settled {
    Settled {
        word,
        at: now,
        said,
        taken_by: String::new(),
        next_at: None,
        tries: facts.tries,
        erases: false,
        step,
    }
}

fn again(facts: &Facts, said: String, now: Time, step: &'static str, waits: Span) -> Settled {
    let next_at = now + waits;
    if next_at >= facts.ends_at {
        return Settled {
            erases: true,
            ..ended(facts, Word::GivenUp, "given-up", said, now)
        };
    }
    Settled {
        at: facts.deferred_since.unwrap_or(now),
        next_at: Some(next_at),
        ..ended(facts, Word::Deferred, step, said, now)
    }
}

/// The wait after so many tries: 15 s, 30 s, 1 min … 30 min, and up to a tenth more.
pub fn wait(tries: u32, jitter: u8) -> Span {
    let whole = FIRST_WAIT.doubled(tries.saturating_sub(1), LONGEST_WAIT).as_micros();
    let more = whole.div_euclid(10).saturating_mul(i64::from(jitter)).div_euclid(256);
    Span::micros(whole.saturating_add(more))
}

/// How long a server that could not be reached so many times in a row is left alone.
pub fn pause(failures: u32, longest: Span) -> Span {
    FIRST_PAUSE.doubled(failures.saturating_sub(1), longest)
}

/// The last moment at which a message asked for at `at` is tried.
pub fn deadline(at: Time, ends_at: Option<Time>) -> Time {
    let day = at + TRIED_FOR;
    ends_at.map_or(day, |ends_at| ends_at.min(day))
}

/// What others said, as one line of bearable length that no terminal obeys.
pub fn one_line(said: &str) -> String {
    let words: Vec<&str> = said
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    let line = words.join(" ");
    if line.chars().count() <= 500 {
        return line;
    }
    line.chars().take(499).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_000_000);

    fn facts(kind: Kind, tries: u32) -> Facts {
        Facts {
            kind,
            ends_at: NOW + Span::hours(1),
            deferred_since: None,
            tries,
        }
    }
    fn said() -> String {
        "451 later".into()
    }

    #[test]
    fn waits_double_from_a_quarter_of_a_minute_to_half_an_hour() {
        for (tries, seconds) in [
            (0, 15),
            (1, 15),
            (2, 30),
            (3, 60),
            (4, 120),
            (5, 240),
            (6, 480),
            (7, 960),
            (8, 1_800),
            (9, 1_800),
            (u32::MAX, 1_800),
        ] {
            assert_eq!(wait(tries, 0), Span::seconds(seconds), "{tries}");
            let most = wait(tries, 255);
            assert!(
                most > Span::seconds(seconds) && most.as_micros() < seconds * 1_100_000,
                "{tries}"
            );
        }
    }

    #[test]
    fn every_outcome_leads_to_one_state() {
        let until = NOW + Span::seconds(20);
        for (kind, outcome, word, step, next_in, erases, tries) in [
            (
                Kind::Mail,
                Outcome::Taken {
                    by: "mx".into(),
                    said: said(),
                },
                Word::Taken,
                "taken",
                None,
                true,
                2,
            ),
            (
                Kind::Mail,
                Outcome::Refused { said: said() },
                Word::Refused,
                "refused",
                None,
                false,
                2,
            ),
            (
                Kind::Mail,
                Outcome::Deferred { said: said() },
                Word::Deferred,
                "deferred",
                Some(30),
                false,
                2,
            ),
            (
                Kind::Mail,
                Outcome::Unknown { said: said() },
                Word::Deferred,
                "unknown",
                Some(120),
                false,
                2,
            ),
            (
                Kind::Mail,
                Outcome::Away { said: said(), until },
                Word::Deferred,
                "deferred",
                Some(20),
                false,
                1,
            ),
            (Kind::Mail, Outcome::Late, Word::GivenUp, "given-up", None, true, 1),
            (
                Kind::Text,
                Outcome::Unknown { said: said() },
                Word::GivenUp,
                "unknown",
                None,
                true,
                2,
            ),
            (
                Kind::Text,
                Outcome::Deferred { said: said() },
                Word::Deferred,
                "deferred",
                Some(30),
                false,
                2,
            ),
        ] {
            let settled = settle(&facts(kind, 2), outcome.clone(), NOW, 0);
            assert_eq!(
                (settled.word, settled.step, settled.erases, settled.tries),
                (word, step, erases, tries),
                "{outcome:?}"
            );
            assert_eq!(
                settled.next_at,
                next_in.map(|seconds| NOW + Span::seconds(seconds)),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn nothing_is_tried_beyond_its_time() {
        for left in [0, 1, 14, 15] {
            let short = Facts {
                ends_at: NOW + Span::seconds(left),
                ..facts(Kind::Mail, 1)
            };
            let settled = settle(&short, Outcome::Deferred { said: said() }, NOW, 0);
            assert_eq!(
                (settled.word, settled.erases, settled.said.as_str()),
                (Word::GivenUp, true, "451 later")
            );
        }
        assert_eq!(deadline(NOW, None), NOW + Span::hours(24));
        assert_eq!(deadline(NOW, Some(NOW + Span::minutes(30))), NOW + Span::minutes(30));
        assert_eq!(deadline(NOW, Some(NOW + Span::days(7))), NOW + Span::hours(24));
    }

    #[test]
    fn the_first_deferral_is_remembered() {
        let since = NOW - Span::minutes(7);
        let again = Facts {
            deferred_since: Some(since),
            ..facts(Kind::Mail, 3)
        };
        assert_eq!(settle(&again, Outcome::Deferred { said: said() }, NOW, 0).at, since);
        assert_eq!(
            settle(&facts(Kind::Mail, 1), Outcome::Deferred { said: said() }, NOW, 0).at,
            NOW
        );
    }

    #[test]
    fn test_messages_are_ten_a_person_and_thirty_an_organisation() {
        for (person, organisation, may) in [(0, 0, true), (9, 29, true), (10, 10, false), (0, 30, false)] {
            let verdict = may_test(person, organisation);
            assert_eq!(
                (verdict.outcome, verdict.reasons.is_empty()),
                (may, may),
                "{person} {organisation}"
            );
        }
    }

    #[test]
    fn what_servers_say_is_one_line_that_no_terminal_obeys() {
        assert_eq!(one_line("550 a\r\n\tb\x1b[31m  c\0"), "550 a b [31m c");
        assert_eq!(one_line(&"x".repeat(9_000)).chars().count(), 500);
    }
}
