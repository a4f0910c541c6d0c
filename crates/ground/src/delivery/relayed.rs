//! Mail by a relay, or several that stand in for each other (`mail.url = "smtp://…"`). For the postman.
use super::{
    decide::Outcome,
    lines::Lines,
    mime::Mail,
    relay::Relay,
    smtp::{Line, Patience, Sent},
};
use kernel::{Clock, Span};
use std::time::Duration;

/// A relay that is away is asked again after this at the latest, so that mail leaves within it when it is back.
const LONGEST_PAUSE: Span = Span::minutes(1);
/// How long a message waits for a line: much shorter than its lease.
const TURN: Duration = Duration::from_secs(20);

/// Delivery by relays.
pub(super) struct Relayed {
    relays: Vec<Relay>,
    lines: Lines,
    clock: Clock,
}

impl Relayed {
    /// By these, in the order in which they are tried.
    pub(super) fn new(relays: Vec<Relay>, clock: Clock) -> Self {
        let lines = Lines::new(LONGEST_PAUSE);
        Self { relays, lines, clock }
    }
    /// The servers.
    pub(super) fn relays(&self) -> &[Relay] {
        &self.relays
    }
    /// The lines to them.
    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Hands a message over.
    pub(super) async fn send(&self, mail: &Mail, patience: Patience) -> Outcome {
        let now = || (self.clock)();
        let _turn = match self.lines.turn(TURN, "the mail server", now).await {
            Ok(turn) => turn,
            Err(outcome) => return outcome,
        };
        loop {
            let mut line = match self.lines.idle() {
                Some(line) => line,
                None => match self.open(patience).await {
                    Ok(line) => line,
                    Err(said) => return self.lines.away(said, now()),
                },
            };
            let sent = line.send(mail).await;
            self.lines.keep(line).await;
            match sent {
                Sent::Done(outcome) => return outcome,
                Sent::Away(said) => return self.lines.away(said, now()),
                Sent::Stale => {}
            }
        }
    }

    /// A line to the first server that gives one.
    async fn open(&self, patience: Patience) -> Result<Line, String> {
        let mut last = String::new();
        for relay in &self.relays {
            match Line::open(relay, patience).await {
                Ok(line) => {
                    self.lines.is_there();
                    return Ok(line);
                }
                Err(said) => last = format!("{}: {said}", relay.name()),
            }
        }
        Err(last)
    }

    /// Closes the lines that nobody uses. For a hand that has run out of work.
    pub(super) async fn tidy(&self) {
        for line in self.lines.take_idle() {
            line.quit().await;
        }
    }
}
