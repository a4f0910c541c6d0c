//! The page "Policies".
use crate::dry_run::{Stopped, Stops};
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, Tick, When};
use kernel::{AuthenticatorKind, Kinds, Time};
use organisations::{Mode, Require, Values};

/// The values as the forms show them: as set, or as just typed. An empty field: not set.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Whether the strict profile holds.
    pub is_strict: bool,
    /// Whether a second factor is asked for, by its word.
    pub require: String,
    /// Hours of grace.
    pub grace_hours: String,
    /// Kinds that count.
    pub kinds: Kinds,
    /// Models of passkeys.
    pub aaguids: String,
    /// What is asked of new devices, by its word.
    pub mode: String,
    /// Days of trust.
    pub trust_days: String,
    /// Devices at once.
    pub limit: String,
    /// Minutes until a session locks.
    pub lock_minutes: String,
    /// Minutes until it ends.
    pub end_minutes: String,
    /// Networks of people.
    pub people: String,
    /// Networks of agents.
    pub agents: String,
    /// Characters of a password.
    pub min_length: String,
    /// Whether text messages may be used.
    pub sms_allowed: bool,
    /// Countries that get them.
    pub countries: String,
}

fn number(value: Option<i64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn list<T: ToString>(list: Option<&Vec<T>>) -> String {
    let words: Vec<String> = list.into_iter().flatten().map(ToString::to_string).collect();
    words.join(" ")
}

impl Shown {
    /// What the organisation has set.
    pub fn of(own: &Values) -> Self {
        Self {
            is_strict: own.is_strict(),
            require: own
                .require
                .map_or_else(String::new, |require| require.name().to_owned()),
            grace_hours: number(own.grace_hours),
            kinds: own.allowed.unwrap_or(Kinds::ALL),
            aaguids: list(own.aaguids.as_ref()),
            mode: own.mode.map_or_else(String::new, |mode| mode.name().to_owned()),
            trust_days: number(own.trust_days),
            limit: number(own.limit),
            lock_minutes: number(own.lock_minutes),
            end_minutes: number(own.end_minutes),
            people: list(own.people.as_ref()),
            agents: list(own.agents.as_ref()),
            min_length: number(own.min_length),
            sms_allowed: own.sms_allowed.unwrap_or(true),
            countries: list(own.countries.as_ref()),
        }
    }
}

/// "Policies".
#[derive(Debug, Template)]
#[template(path = "policies.html")]
pub struct PoliciesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// Whether the reader may change them.
    pub may_change: bool,
    /// Whether the reader has proved themselves freshly enough to.
    pub is_fresh: bool,
    /// The organisation above, by name, and what it has set, by its field and in words.
    pub above: Option<(String, Vec<(&'static str, String)>)>,
    /// The values.
    pub shown: Shown,
}

/// Whom a change would stop, before it is saved.
#[derive(Debug, Template)]
#[template(path = "look.html")]
pub struct LookPage {
    /// The shell.
    pub shell: HouseShell,
    /// Now.
    pub now: Time,
    /// Where the form goes.
    pub action: String,
    /// Whom it stops.
    pub stops: Stops,
    /// What was typed.
    pub fields: Vec<(String, String)>,
}

impl LookPage {
    /// "This stops 7 people and 0 agents: 3 people at once, the others when their grace ends."
    fn headline(&self) -> String {
        let people = |count: usize| {
            if count == 1 {
                "1 person".to_owned()
            } else {
                format!("{count} people")
            }
        };
        let (all, at_once) = (self.stops.count, self.stops.at_once);
        let agents = match self.stops.agent_count {
            1 => "1 agent".to_owned(),
            count => format!("{count} agents"),
        };
        let when = if at_once == all {
            "at once".to_owned()
        } else if at_once == 0 {
            "when their grace ends".to_owned()
        } else {
            format!("{} at once, the others when their grace ends", people(at_once))
        };
        format!("This stops {} and {agents}: {when}.", people(all))
    }
    fn is_at_once(&self, stopped: &Stopped) -> bool {
        stopped.stop.at <= self.now
    }
    fn others(&self) -> usize {
        let named = self.stops.people.len() + self.stops.agents.len();
        (self.stops.count + self.stops.agent_count).saturating_sub(named)
    }
}

const fn require_words(require: Require) -> &'static str {
    match require {
        Require::No => "Not required",
        Require::Yes => "Required",
        Require::PhishingResistant => "Phishing-resistant required: a passkey",
    }
}

const fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "Nothing",
        Mode::Notify => "Tell the person by mail",
        Mode::Verify => "Verify it: by a code from a mail, or on a trusted device",
        Mode::Approved => "Only devices that an administrator let in",
    }
}

impl PoliciesPage {
    /// What is set above for this field, in a sentence; nothing where it is not.
    fn locked(&self, field: &str) -> String {
        let Some((name, values)) = &self.above else {
            return String::new();
        };
        let set = values.iter().find(|(of, _)| *of == field);
        set.map_or_else(String::new, |(_, value)| {
            format!("{name} has set “{value}” for all that it looks after: here it can only be stricter.")
        })
    }
    fn hint(&self, field: &str, base: &str) -> String {
        format!("{base} {}", self.locked(field)).trim_end().to_owned()
    }
    /// What can be asked for: the word, in words, and whether it is chosen. The first is the default.
    fn requires(&self) -> Vec<(&'static str, String, bool)> {
        let default = ("", "Required (default)".to_owned(), self.shown.require.is_empty());
        let others = Require::ALL.into_iter().map(|require| {
            let is_chosen = self.shown.require == require.name();
            (require.name(), require_words(require).to_owned(), is_chosen)
        });
        [default].into_iter().chain(others).collect()
    }
    fn modes(&self) -> Vec<(&'static str, String, bool)> {
        let default = (
            "",
            "Tell the person by mail (default)".to_owned(),
            self.shown.mode.is_empty(),
        );
        let others = Mode::ALL.into_iter().map(|mode| {
            let is_chosen = self.shown.mode == mode.name();
            (mode.name(), mode_words(mode).to_owned(), is_chosen)
        });
        [default].into_iter().chain(others).collect()
    }
    fn kinds(&self) -> Vec<(&'static str, &'static str, bool)> {
        let all = AuthenticatorKind::ALL.into_iter();
        all.map(|kind| (kind.name(), kind.words(), self.shown.kinds.contains(kind)))
            .collect()
    }
    /// The values as somebody reads them who may not change them.
    fn lines(&self) -> Vec<(&'static str, String)> {
        fn chosen(all: Vec<(&'static str, String, bool)>) -> String {
            all.into_iter()
                .find(|(_, _, is_chosen)| *is_chosen)
                .map_or_else(String::new, |(_, words, _)| words)
        }
        let or = |value: &str, default: &str| {
            if value.is_empty() {
                format!("{default} (default)")
            } else {
                value.to_owned()
            }
        };
        let kinds: Vec<&str> = self
            .kinds()
            .into_iter()
            .filter(|(_, _, is_on)| *is_on)
            .map(|(_, words, _)| words)
            .collect();
        let shown = &self.shown;
        vec![
            ("Second factor", chosen(self.requires())),
            ("Hours of grace", or(&shown.grace_hours, "24")),
            ("Kinds allowed", kinds.join(", ")),
            ("A new device", chosen(self.modes())),
            ("Days of trust", or(&shown.trust_days, "30")),
            ("Devices at once", or(&shown.limit, "10")),
            ("Locks after minutes without use", or(&shown.lock_minutes, "30")),
            ("Ends after minutes", or(&shown.end_minutes, "720")),
            ("Networks of people", or(&shown.people, "any")),
            ("Networks of agents", or(&shown.agents, "any")),
            ("Shortest password beside a second factor", or(&shown.min_length, "8")),
            (
                "Text messages",
                if shown.sms_allowed { "allowed" } else { "not allowed" }.to_owned(),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::{Action, Reason};

    fn page(shown: Shown, may_change: bool) -> PoliciesPage {
        let shell = HouseShell {
            title: "Policies".into(),
            here: Entry::Policies,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::ReadEvents, Action::SeeSettings, Action::SeePolicies]
                .into_iter()
                .collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        };
        PoliciesPage {
            shell,
            notice: None,
            errors: Errors::none(),
            may_change,
            is_fresh: false,
            above: None,
            shown,
        }
    }

    #[test]
    fn there_is_a_form_for_each_group_and_one_switch() {
        let text = sample::check("policies", &page(Shown::of(&Values::default()), true)).unwrap();
        for group in [
            "strict",
            "factors",
            "devices",
            "sessions",
            "networks",
            "passwords",
            "sms",
        ] {
            assert!(text.contains(&format!("action=\"/app/policies/{group}\"")), "{group}");
        }
        assert!(text.contains("Confirm that it is you") && text.contains("Turn it on"));
    }

    #[test]
    fn the_strict_profile_shows_that_it_is_on() {
        let strict = Values::default().with_strict_profile();
        let text = sample::check("policies-strict", &page(Shown::of(&strict), true)).unwrap();
        assert!(text.contains("Turn it off"));
    }

    #[test]
    fn a_refusal_stands_at_its_field_with_what_was_typed() {
        let typed = Shown {
            grace_hours: "400".into(),
            ..Shown::of(&Values::default())
        };
        let mut page = page(typed, true);
        page.errors.push("factors.grace_hours", Reason::PolicyGraceInvalid);
        page.errors.push("factors.allowed", Reason::PolicyKindsInvalid);
        let text = sample::check("policies-refused", &page).unwrap();
        assert!(text.contains("value=\"400\"") && text.contains("factors.grace_hours-error"));
    }

    #[test]
    fn whoever_may_not_change_them_reads_them() {
        let text = sample::check("policies-read", &page(Shown::of(&Values::default()), false)).unwrap();
        assert!(
            !text.contains("<form class=\"stack\"") && text.contains("Hours of grace") && text.contains("24 (default)")
        );
    }

    #[test]
    fn what_is_set_above_is_told_at_its_field() {
        let mut page = page(Shown::of(&Values::default()), true);
        page.above = Some((
            "Northwind <IT>".into(),
            vec![("devices.limit", "3".into()), ("sms.allowed", "no".into())],
        ));
        let text = sample::check("policies-locked", &page).unwrap();
        assert_eq!(text.matches("here it can only be stricter").count(), 2);
        assert!(text.contains("Northwind &#60;IT&#62;"));
    }

    #[test]
    fn whom_it_stops_is_shown_before_it_is_saved() {
        use crate::decide::Stop;
        let now = Time::from_seconds(1_795_511_642);
        let stopped = |name: &str, hours, places: &[&str]| Stopped {
            id: kernel::PersonId(uuid::Uuid::nil()),
            name: name.into(),
            email: format!("{name}@northwind.example"),
            places: places.iter().map(|place| (*place).to_owned()).collect(),
            stop: Stop {
                at: now + kernel::Span::hours(hours),
                why: Reason::SessionFactorNeeded,
            },
        };
        let look = |people: Vec<Stopped>, count, at_once| LookPage {
            shell: page(Shown::default(), true).shell,
            now,
            action: "/app/policies/factors".into(),
            stops: Stops {
                people,
                count,
                at_once,
                ..Stops::default()
            },
            fields: vec![("factors.require".into(), "\"yes\"".into())],
        };
        let people = vec![
            stopped("jon", 0, &["Northwind IT"]),
            stopped("<b>", 24, &["Contoso", "Fabrikam"]),
        ];
        let text = sample::check("policies-look", &look(people, 7, 3)).unwrap();
        for wanted in [
            "This stops 7 people and 0 agents: 3 people at once, the others when their grace ends.",
            "and 5 more",
            "name=\"sure\"",
            "Save it all the same",
            "&#34;yes&#34;",
            "Contoso, Fabrikam",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        let text = sample::check(
            "policies-look-one",
            &look(vec![stopped("jon", 0, &["Northwind IT"])], 1, 1),
        )
        .unwrap();
        assert!(text.contains("This stops 1 person and 0 agents: at once.") && !text.contains("more"));
    }
}
