//! "Where activity goes": how long it is kept, the places that it is sent to, and the page of one place with the log of its deliveries.
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, When};
use kernel::{Time, WebhookId};

/// How a place stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing was sent yet.
    New,
    /// What was sent arrived.
    Works,
    /// Since this time nothing arrives.
    Fails(Time),
    /// Nothing is sent.
    Off,
}

impl State {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Works => "works",
            Self::Fails(_) => "fails",
            Self::Off => "off",
        }
    }
    fn tag(&self) -> Tag<'static> {
        match self {
            Self::New => Tag::plain("new"),
            Self::Works => Tag::ok("works"),
            Self::Fails(_) => Tag::bad("fails"),
            Self::Off => Tag::warn("off"),
        }
    }
}

/// A place that activity is sent to.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its id.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// Where it leads, without what may be a secret.
    pub leads_to: String,
    /// It is lines of syslog.
    pub is_syslog: bool,
    /// How it stands.
    pub state: State,
    /// What came of the last try; may be empty.
    pub said: String,
    /// When something arrived last.
    pub delivered_at: Option<Time>,
    /// When it is tried again, where nothing arrives.
    pub next_at: Option<Time>,
    /// Events that wait to be sent.
    pub waiting: i64,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "places.html")]
pub struct PlacesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was done.
    pub notice: Option<Notice>,
    /// What was refused.
    pub errors: Errors,
    /// Days that activity is kept, as typed.
    pub days: String,
    /// The reader may change them.
    pub may_keep: bool,
    /// The places.
    pub places: Vec<Place>,
    /// The form of a new one, as typed.
    pub name: String,
    /// Its address.
    pub url: String,
    /// A new place may be added.
    pub has_room: bool,
}

/// One line of the log of deliveries.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When.
    pub at: Time,
    /// It was a test.
    pub is_test: bool,
    /// The first and last line of the log that it held; none where it held none.
    pub lines: Option<(i64, i64)>,
    /// `delivered`, `failed` or `left-out`.
    pub outcome: String,
    /// What the other side said.
    pub said: String,
    /// Milliseconds until it did.
    pub took_ms: i64,
}

impl Sent {
    fn tag(&self) -> Tag<'static> {
        match self.outcome.as_str() {
            "delivered" => Tag::ok("arrived"),
            "left-out" => Tag::bad("left out"),
            _ => Tag::bad("did not arrive"),
        }
    }
}

/// The page of one place.
#[derive(Debug, Template)]
#[template(path = "place.html")]
pub struct PlacePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was done.
    pub notice: Option<Notice>,
    /// What was refused.
    pub errors: Errors,
    /// The place.
    pub place: Place,
    /// The secret, shown this once.
    pub secret: Option<String>,
    /// The name, as typed.
    pub name: String,
    /// Another address, as typed; empty: it stays.
    pub url: String,
    /// The latest deliveries.
    pub sent: Vec<Sent>,
    /// Where the older ones are.
    pub older: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::Action;
    use uuid::Uuid;

    fn shell() -> HouseShell {
        HouseShell {
            title: "Where activity goes".into(),
            here: Entry::Activity,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::ReadEvents].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    fn place(state: State) -> Place {
        Place {
            id: WebhookId(Uuid::from_u128(7)),
            name: "SIEM <b>".into(),
            leads_to: "https://siem.example.org".into(),
            is_syslog: false,
            state,
            said: "500 no room".into(),
            delivered_at: Some(Time::from_seconds(1_795_511_642)),
            next_at: Some(Time::from_seconds(1_795_515_242)),
            waiting: 12,
        }
    }

    fn places(places: Vec<Place>) -> PlacesPage {
        PlacesPage {
            shell: shell(),
            notice: None,
            errors: Errors::none(),
            days: "400".into(),
            may_keep: true,
            places,
            name: String::new(),
            url: String::new(),
            has_room: true,
        }
    }

    #[test]
    fn places_stand_with_their_state_in_words() {
        let all = [
            State::New,
            State::Works,
            State::Off,
            State::Fails(Time::from_seconds(1_795_511_642)),
        ];
        let text = sample::check("places", &places(all.into_iter().map(place).collect())).unwrap();
        for wanted in [">new<", ">works<", ">off<", ">fails<", "500 no room", "value=\"400\""] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("<b>SIEM <b>"));
        let text = sample::check("places-empty", &places(Vec::new())).unwrap();
        assert!(text.contains("Nowhere yet"));
    }

    #[test]
    fn a_place_shows_its_secret_once_and_what_became_of_each_delivery() {
        let sent = |outcome: &str, lines| Sent {
            at: Time::from_seconds(1_795_511_642),
            is_test: false,
            lines,
            outcome: outcome.into(),
            said: "200".into(),
            took_ms: 12,
        };
        let mut page = PlacePage {
            shell: shell(),
            notice: None,
            errors: Errors::none(),
            place: place(State::Works),
            secret: Some("dws_abc".into()),
            name: "SIEM".into(),
            url: String::new(),
            sent: vec![
                sent("delivered", Some((3, 9))),
                sent("failed", None),
                sent("left-out", Some((1, 2))),
            ],
            older: Some("/app/activity/places/x?before=y".into()),
        };
        let text = sample::check("place", &page).unwrap();
        for wanted in ["dws_abc", "lines 3 to 9", ">arrived<", ">did not arrive<", ">left out<"] {
            assert!(text.contains(wanted), "{wanted}");
        }
        (page.secret, page.sent, page.older) = (None, Vec::new(), None);
        let text = sample::check("place-quiet", &page).unwrap();
        assert!(!text.contains("dws_") && text.contains("Nothing was sent yet"));
    }
}
