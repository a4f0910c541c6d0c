//! Strangers who guess at one person's password, each from another network. What the lanes counted and locked must outlive every fault.
//! Must never happen: a lock that a fault opens; a wrong password that lets somebody in.
use crate::{
    client::{FLOW, is_welcome},
    http::{Line, Outcome, Request},
    observe::must,
    people::{PASSWORD, Person},
    program::Place,
};
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};

/// At this failure in a row the lane of strangers at an address locks.
const LOCKS_AT: u32 = 10;
/// So many are tried before the operator unlocks.
const ENOUGH: u32 = 14;

/// The guessing, and what it must have come to.
pub struct Strangers {
    victim: Person,
    line: Line,
    network: u32,
    /// Failures that were answered.
    surely: u32,
    /// And those that may have been counted.
    perhaps: u32,
    /// What was found wrong.
    pub found: Vec<String>,
}

impl Strangers {
    /// Nobody has guessed yet.
    pub fn new(victim: Person, line: Line) -> Self {
        Self {
            victim,
            line,
            network: 0,
            surely: 0,
            perhaps: 0,
            found: Vec::new(),
        }
    }
    fn request(&mut self, password: &str) -> Request {
        self.network += 1;
        let [_, a, b, c] = self.network.to_be_bytes();
        self.line.move_to(format!("100.{}.{b}.{c}", 64 + (a % 64)));
        Request::form(
            "/sign-in",
            &[("email", self.victim.email.as_str()), ("password", password)],
        )
        .with(FLOW, "stale")
    }
    /// Guesses until told to stop, or until it is enough.
    pub fn work(&mut self, stop: &AtomicBool) {
        self.line.hang_up();
        while !stop.load(Ordering::Relaxed) && self.surely < ENOUGH {
            let request = self.request("never was a password of anybody");
            match self.line.ask(&request) {
                Outcome::Answered(answer) if answer.status == 422 => {
                    self.surely += 1;
                    self.perhaps += 1;
                }
                Outcome::Answered(answer) if answer.status >= 500 => {
                    self.perhaps += 1;
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                Outcome::Answered(answer) => self
                    .found
                    .push(format!("a stranger's guess was answered {}", answer.status)),
                Outcome::Unknown(_) => {
                    self.perhaps += 1;
                    return;
                }
                Outcome::NotSent => return,
            }
        }
    }
    /// The right password, from a stranger: refused where the lane must be locked, let in where it cannot be. Then the operator unlocks.
    pub fn check(&mut self, place: &Place) -> Result<Vec<String>> {
        self.line.hang_up();
        if self.surely >= LOCKS_AT {
            if self.is_let_in()? {
                self.found.push(format!(
                    "{} failures were answered, and the lane of strangers is open",
                    self.surely
                ));
            }
            place.run(&["person", "unlock", &self.victim.email], "")?;
            (self.surely, self.perhaps) = (0, 0);
        }
        if self.perhaps < LOCKS_AT && !self.is_let_in()? {
            self.found.push(format!(
                "at most {} failures, and the lane of strangers is locked",
                self.perhaps
            ));
        }
        Ok(std::mem::take(&mut self.found))
    }
    fn is_let_in(&mut self) -> Result<bool> {
        let request = self.request(PASSWORD);
        let answer = must(&mut self.line, &request)?;
        match answer.status {
            303 if is_welcome(&answer) => Ok(true),
            422 => Ok(false),
            status => bail!("a stranger with the right password was answered {status}"),
        }
    }
}
