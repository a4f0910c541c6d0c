//! Small parts of pages: notices, tags, times, figures. They write safe HTML by themselves.
use askama::{Template, filters::HtmlSafe};
use kernel::{Outcome, Reason, Span, Time};
use std::fmt;

/// A box that says what happened and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/notice.html")]
pub struct Notice {
    kind: &'static str,
    sign: &'static str,
    title: String,
    text: String,
    wait: Option<(String, Time)>,
}
impl HtmlSafe for Notice {}

impl Notice {
    fn new(kind: &'static str, sign: &'static str, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind,
            sign,
            title: title.into(),
            text: text.into(),
            wait: None,
        }
    }
    /// It was done.
    pub fn done(title: impl Into<String>) -> Self {
        Self::new("ok", "✓", title, "")
    }
    /// Something to mind.
    pub fn warn(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new("warn", "!", title, text)
    }
    /// It was refused, in the words of the reason.
    pub fn refused(reason: Reason) -> Self {
        Self::new("bad", "✕", reason.person(), reason.next())
    }
    /// Adds a sentence to the text.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(more);
        self
    }
    /// Says how long to wait, in words and exactly.
    #[must_use]
    pub fn wait(mut self, span: Span, until: Time) -> Self {
        self.wait = Some((span.words(), until));
        self
    }
    fn is_refusal(&self) -> bool {
        self.kind != "ok"
    }
}

/// A short word in a coloured pill. Never told by colour alone: the word says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    kind: &'static str,
    words: &'a str,
}

impl<'a> Tag<'a> {
    /// Good.
    pub fn ok(words: &'a str) -> Self {
        Self { kind: "tag ok", words }
    }
    /// To be minded.
    pub fn warn(words: &'a str) -> Self {
        Self {
            kind: "tag warn",
            words,
        }
    }
    /// Bad.
    pub fn bad(words: &'a str) -> Self {
        Self { kind: "tag bad", words }
    }
    /// Neither.
    pub fn plain(words: &'a str) -> Self {
        Self { kind: "tag", words }
    }
}

impl Tag<'static> {
    /// The answer of an event.
    pub fn outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Allowed => Self::ok(outcome.name()),
            Outcome::Stopped => Self::bad(outcome.name()),
            Outcome::Done => Self::plain(outcome.name()),
        }
    }
}

impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = askama::filters::escape(self.words, askama::filters::Html).map_err(|_| fmt::Error)?;
        write!(f, r#"<span class="{}">{words}</span>"#, self.kind)
    }
}
impl HtmlSafe for Tag<'_> {}

/// A point in time: UTC as written by the server, in the reader's own locale and zone once script runs, exact on hover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    at: Time,
    style: &'static str,
}

impl When {
    /// Day and time of day.
    pub fn full(at: &Time) -> Self {
        Self { at: *at, style: "full" }
    }
    /// How long ago.
    pub fn ago(at: &Time) -> Self {
        Self { at: *at, style: "ago" }
    }
    /// How long ago, to the second where it is less than a minute.
    pub fn seen(at: &Time) -> Self {
        Self { at: *at, style: "seen" }
    }
    /// The time of day alone.
    pub fn clock(at: &Time) -> Self {
        Self {
            at: *at,
            style: "clock",
        }
    }
    /// Hour and minute alone.
    pub fn minute(at: &Time) -> Self {
        Self {
            at: *at,
            style: "minute",
        }
    }
    /// The day alone: "Tuesday 24 November".
    pub fn day(at: &Time) -> Self {
        Self { at: *at, style: "day" }
    }
    /// The day in short: "24 Nov".
    pub fn date(at: &Time) -> Self {
        Self { at: *at, style: "date" }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = self.at.rfc3339();
        let words = jiff::Timestamp::from_second(self.at.seconds()).map_or_else(
            |_| exact.clone(),
            |at| {
                let pattern = match self.style {
                    "clock" => "%H:%M:%S UTC",
                    "minute" => "%H:%M UTC",
                    "day" => "%A %-d %B",
                    "date" => "%-d %b",
                    _ => "%-d %b %Y, %H:%M UTC",
                };
                at.strftime(pattern).to_string()
            },
        );
        write!(f, r#"<time datetime="{exact}" data-as="{}">{words}</time>"#, self.style)
    }
}
impl HtmlSafe for When {}

/// A number as people read it: `1,284`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure(u64);

impl Figure {
    /// Of this number.
    pub fn of(number: &u64) -> Self {
        Self(*number)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}
impl HtmlSafe for Figure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1_284, "1,284"), (1_000_000, "1,000,000")] {
            assert_eq!(Figure::of(&number).to_string(), text);
        }
    }

    #[test]
    fn a_time_reads_well_without_script() {
        let at = Time::from_seconds(1_795_511_642);
        assert_eq!(
            When::full(&at).to_string(),
            r#"<time datetime="2026-11-24T09:14:02Z" data-as="full">24 Nov 2026, 09:14 UTC</time>"#
        );
        assert!(When::day(&at).to_string().contains(">Tuesday 24 November<"));
        assert!(When::clock(&at).to_string().contains(">09:14:02 UTC<"));
    }

    #[test]
    fn what_a_person_wrote_never_becomes_markup() {
        assert_eq!(
            Tag::warn("<b>").to_string(),
            r#"<span class="tag warn">&#60;b&#62;</span>"#
        );
        assert!(!Notice::warn("<i>", "<u>").to_string().contains("<i>"));
    }
}
