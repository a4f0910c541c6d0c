//! One person at work: signs in and out, ends sessions, changes name and password, over real HTTP, one deed after the other, and keeps a history.
//! Must never happen: a deed counted as acknowledged before its answer was read to the end; a strange answer passed over in silence.
use crate::{
    http::{Answer, Line, Outcome, Request},
    people::{PASSWORD, Person},
    seed::Seed,
    worlds::{Deed, MOST_WORLDS, Token, Worlds},
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// The cookies' names on http.
pub const SESSION: &str = "doorward_session";
pub const DEVICE: &str = "doorward_device";
pub const FLOW: &str = "doorward_flow";
/// A client with more sessions ends some.
const MANY: usize = 7;
/// With so many truths open a client waits for the end of the round.
const UNSURE: usize = MOST_WORLDS / 8;

/// What was counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Deeds that were answered with success.
    pub acknowledged: u64,
    /// Deeds without a whole answer, or answered with 5xx.
    pub unknown: u64,
}

/// Whether there is still somebody to talk to.
enum Left {
    Here,
    Gone,
}

/// A person with their browsers.
pub struct Client {
    /// Who.
    pub person: Person,
    /// What may be true of them.
    pub worlds: Worlds,
    /// What was found wrong while working.
    pub found: Vec<String>,
    /// A line a deed, as JSON.
    pub history: Vec<String>,
    /// What was counted.
    pub tally: Tally,
    pub(crate) line: Line,
    pub(crate) devices: Vec<String>,
    ids: BTreeMap<Token, String>,
    seed: Seed,
    named: u64,
    begun: Instant,
    wrong_in_a_row: u32,
    /// Changes the name over and over, and seldom anything else: for a control, which lies about that.
    pub(crate) is_hasty: bool,
}

impl Client {
    /// Not signed in yet.
    pub fn new(person: Person, line: Line, seed: Seed) -> Self {
        Self {
            worlds: Worlds::new(&person.name, PASSWORD),
            person,
            found: Vec::new(),
            history: Vec::new(),
            tally: Tally::default(),
            line,
            devices: Vec::new(),
            ids: BTreeMap::new(),
            seed,
            named: 0,
            begun: Instant::now(),
            wrong_in_a_row: 0,
            is_hasty: false,
        }
    }
    /// Works until it is told to stop, or nobody answers any more.
    pub fn work(&mut self, stop: &AtomicBool) {
        self.line.hang_up();
        while !stop.load(Ordering::Relaxed) && self.worlds.count() < UNSURE {
            if let Left::Gone = self.step() {
                return;
            }
        }
    }
    fn step(&mut self) -> Left {
        let live = self.worlds.surely_live();
        let own = self.seed.pick(&live).cloned();
        let Some(own) = own.filter(|_| live.len() > 1) else {
            return self.sign_in(None);
        };
        let others: Vec<Token> = live.iter().filter(|token| **token != own).cloned().collect();
        let other = self.seed.pick(&others).cloned();
        match self.seed.below(100) {
            _ if live.len() > MANY => self.end_others(own),
            0..90 if self.is_hasty => self.rename(own),
            0..46 => self.rename(own),
            46..58 => self.sign_in(None),
            58..64 => self.sign_in(Some(own)),
            64..73 => self.sign_out(own),
            73..81 => self.end_one(own, other),
            81..83 => self.end_others(own),
            83..90 => self.change_password(own),
            90..94 => self.try_a_wrong_password(),
            _ => self.look(&own),
        }
    }

    /// Does a deed: sends it, and takes the answer for what it is. `is_done` tells success from refusal, and completes the deed from the answer.
    fn perform(&mut self, mut deed: Deed, request: &Request, is_done: impl Fn(&Answer, &mut Deed) -> bool) -> Left {
        let begun = Instant::now();
        let outcome = self.line.ask(request);
        let (words, left) = match outcome {
            Outcome::NotSent => ("not sent".to_owned(), Left::Gone),
            Outcome::Unknown(why) => {
                self.worlds.unknown(&deed);
                self.tally.unknown += 1;
                (format!("unknown: {why}"), Left::Gone)
            }
            Outcome::Answered(answer) if is_done(&answer, &mut deed) => {
                self.tally.acknowledged += 1;
                self.found.extend(self.worlds.acknowledged(&deed).err());
                (format!("ok: {}", answer.status), Left::Here)
            }
            Outcome::Answered(answer) if answer.status >= 500 => {
                self.worlds.unknown(&deed);
                self.tally.unknown += 1;
                if answer.status != 503 || answer.header("retry-after").is_empty() {
                    self.found
                        .push(format!("{} is no way to say \"later\": {deed:?}", answer.status));
                }
                // Nobody hammers on a server that says that it cannot.
                std::thread::sleep(Duration::from_millis(50));
                (format!("unknown: {}", answer.status), Left::Here)
            }
            Outcome::Answered(answer) => {
                self.found.push(format!(
                    "{} was refused with {}: {deed:?}",
                    self.person.email, answer.status
                ));
                (format!("fail: {}", answer.status), Left::Here)
            }
        };
        self.note(begun, &format!("{deed:?}"), &words);
        left
    }
    fn note(&mut self, begun: Instant, deed: &str, outcome: &str) {
        let at = |moment: Instant| u64::try_from((moment - self.begun).as_micros()).unwrap_or(u64::MAX);
        let line = serde_json::json!({
            "person": self.person.email, "invoke_us": at(begun), "answer_us": at(Instant::now()), "deed": deed, "outcome": outcome,
        });
        self.history.push(line.to_string());
    }

    /// A browser that the person has used before, once there are two; else a new one.
    fn browser(&mut self) -> Option<String> {
        if self.devices.len() < 2 {
            None
        } else {
            self.seed.pick(&self.devices).cloned()
        }
    }
    pub(crate) fn sign_in_request(&self, device: Option<&String>, replaces: Option<&Token>, password: &str) -> Request {
        let request = Request::form(
            "/sign-in",
            &[("email", self.person.email.as_str()), ("password", password)],
        );
        let request = request.with(FLOW, "stale");
        let request = device
            .into_iter()
            .fold(request, |request, device| request.with(DEVICE, device));
        replaces
            .into_iter()
            .fold(request, |request, token| request.with(SESSION, token))
    }
    fn sign_in(&mut self, replaces: Option<Token>) -> Left {
        // While two passwords are possible, one of them would be a failure.
        let [password] = self.worlds.passwords().try_into().unwrap_or_else(|_| [String::new()]);
        if password.is_empty() {
            return Left::Here;
        }
        let device = self.browser();
        let request = self.sign_in_request(device.as_ref(), replaces.as_ref(), &password);
        let learnt = std::cell::RefCell::new((None, None));
        let left = self.perform(
            Deed::SignIn {
                password,
                token: None,
                replaces,
            },
            &request,
            |answer, deed| {
                let Deed::SignIn { token, .. } = deed else { return false };
                *token = answer.cookie(SESSION).filter(|_| is_welcome(answer));
                *learnt.borrow_mut() = (token.clone(), answer.cookie(DEVICE));
                token.is_some()
            },
        );
        let (token, device_cookie) = learnt.into_inner();
        if device.is_none() && token.is_some() {
            self.devices.extend(device_cookie);
        }
        let Some(token) = token else { return left };
        self.wrong_in_a_row = 0;
        self.learn_id(&token)
    }
    /// The session's id, which ends it from elsewhere; and the session works at once.
    fn learn_id(&mut self, token: &Token) -> Left {
        match self.line.ask(&me(token)) {
            Outcome::Answered(answer) if answer.status == 200 => {
                let id = answer.text("/session");
                self.ids.insert(token.clone(), id);
                Left::Here
            }
            Outcome::Answered(answer) if answer.status < 500 => {
                self.found
                    .push(format!("a session just acknowledged answers {}", answer.status));
                Left::Here
            }
            Outcome::Answered(_) => Left::Here,
            _ => Left::Gone,
        }
    }
    fn sign_out(&mut self, token: Token) -> Left {
        let request = Request::form("/sign-out", &[]).with(SESSION, &token);
        self.perform(Deed::SignOut { token }, &request, |answer, _| answer.status == 303)
    }
    fn end_one(&mut self, by: Token, other: Option<Token>) -> Left {
        let Some((token, id)) = other.and_then(|token| Some((token.clone(), self.ids.get(&token)?.clone()))) else {
            return Left::Here;
        };
        let request = Request::new("DELETE", format!("/api/v1/me/sessions/{id}")).with(SESSION, &by);
        self.perform(Deed::EndOne { by, token }, &request, |answer, _| answer.status == 204)
    }
    fn end_others(&mut self, by: Token) -> Left {
        let request = Request::new("DELETE", "/api/v1/me/sessions?others=true").with(SESSION, &by);
        self.perform(Deed::EndOthers { by }, &request, |answer, _| answer.status == 204)
    }
    fn rename(&mut self, by: Token) -> Left {
        self.named += 1;
        let name = format!("{} the {}th", self.person.name, self.named);
        let request = Request::new("PATCH", "/api/v1/me")
            .json(&serde_json::json!({ "name": name }))
            .with(SESSION, &by);
        self.perform(Deed::Rename { by, name }, &request, |answer, _| answer.status == 200)
    }
    fn change_password(&mut self, by: Token) -> Left {
        let [current] = self.worlds.passwords().try_into().unwrap_or_else(|_| [String::new()]);
        if current.is_empty() {
            return Left::Here;
        }
        let password = format!("{:016x} and {:08x}", self.seed.draw(), self.seed.draw() >> 32);
        let fields = [("current", current.as_str()), ("password", password.as_str())];
        let request = Request::form("/app/security/password", &fields).with(SESSION, &by);
        let learnt = std::cell::RefCell::new(None);
        let left = self.perform(
            Deed::ChangePassword {
                by,
                current,
                password,
                token: None,
            },
            &request,
            |answer, deed| {
                let Deed::ChangePassword { token, .. } = deed else {
                    return false;
                };
                *token = answer.cookie(SESSION).filter(|_| answer.status == 303);
                learnt.borrow_mut().clone_from(token);
                token.is_some()
            },
        );
        match learnt.into_inner() {
            Some(token) => self.learn_id(&token),
            None => left,
        }
    }
    fn try_a_wrong_password(&mut self) -> Left {
        let Some(device) = self.seed.pick(&self.devices).cloned() else {
            return Left::Here;
        };
        // Ten in a row would lock the device; far from it.
        if self.wrong_in_a_row >= 3 {
            return Left::Here;
        }
        self.wrong_in_a_row += 1;
        let begun = Instant::now();
        let request = self.sign_in_request(Some(&device), None, "never was a password of anybody");
        let outcome = self.line.ask(&request);
        self.note(begun, "a wrong password", &format!("{:?}", status(&outcome)));
        match outcome {
            Outcome::Answered(answer) if matches!(answer.status, 422 | 500..) => Left::Here,
            Outcome::Answered(answer) => {
                self.found
                    .push(format!("a wrong password was answered {}", answer.status));
                Left::Here
            }
            _ => Left::Gone,
        }
    }
    /// A session that works must work, and one that has ended must not, at any time.
    fn look(&mut self, own: &Token) -> Left {
        let ended = self.worlds.surely_ended();
        let dead = self.seed.pick(&ended).cloned();
        let asked = [(Some(own.clone()), 200), (dead, 401)];
        for (token, wanted) in asked.into_iter().filter_map(|(token, wanted)| Some((token?, wanted))) {
            match self.line.ask(&me(&token)) {
                Outcome::Answered(answer) if answer.status == wanted || answer.status >= 500 => {}
                Outcome::Answered(answer) => self.found.push(format!(
                    "a session that should answer {wanted} answers {}",
                    answer.status
                )),
                _ => return Left::Gone,
            }
        }
        Left::Here
    }
}

/// Who asks with this session.
pub fn me(token: &str) -> Request {
    Request::new("GET", "/api/v1/me").with(SESSION, token)
}

/// Whether a sign-in let somebody in.
pub fn is_welcome(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location") == "/app" && answer.cookie(SESSION).is_some()
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Answered(answer) => Some(answer.status),
        _ => None,
    }
}
