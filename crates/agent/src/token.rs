//! Tokens, and the ratchet that each of them turns. INVARIANT: the attempt is on the disk before the call, and the new value before its token is used;
//! the folder is held from the one to the other. So a lost answer, a crash or a second process is no second machine.
use crate::{
    api::{Api, Trouble},
    folder::{Folder, Held, Ratchet},
    key::chance,
};
use agent_wire::{Holder, Marks};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// An access token.
pub struct Token {
    /// Its text.
    pub text: String,
    /// From when on a new one is asked for: some time before its end.
    pub renew_at: Instant,
}

/// A new token.
pub fn renew(api: &Api, folder: &Folder, key: &Holder, id: Uuid, marks: &Marks) -> Result<Token, Trouble> {
    let held = folder.hold()?;
    renew_held(api, (folder, &held), key, id, marks)
}

/// The same for whoever holds the folder already.
pub fn renew_held(
    api: &Api,
    (folder, _): (&Folder, &Held),
    key: &Holder,
    id: Uuid,
    marks: &Marks,
) -> Result<Token, Trouble> {
    let mut ratchet = folder.ratchet()?;
    let attempt = match ratchet.attempt.take() {
        Some(attempt) => attempt,
        None => chance()?,
    };
    ratchet.attempt = Some(attempt.clone());
    folder.keep_ratchet(&ratchet)?;
    let asked_at = Instant::now();
    let given = api.token(key, id, marks, (ratchet.value.as_deref(), &attempt))?;
    folder.keep_ratchet(&Ratchet {
        value: Some(given.ratchet),
        attempt: None,
    })?;
    let lives = Duration::from_secs(given.expires_in.into());
    Ok(Token {
        text: given.access_token,
        renew_at: asked_at + lives.mul_f32(0.8),
    })
}
