//! The agent's key pair (Ed25519). It is made here, kept in the state folder, and never leaves it.
use crate::{
    folder::Folder,
    say::{Done, Fault},
};
use agent_wire::Holder;
use aws_lc_rs::{
    rand::{self, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};

/// The key that lies under this name; none where none does.
pub fn load(folder: &Folder, name: &str) -> Done<Option<Holder>> {
    let Some(pkcs8) = folder.read(name)? else {
        return Ok(None);
    };
    holder(&pkcs8).map(Some)
}

/// The key under this name, made and stored durably where there is none. INVARIANT: no call is made with a key that is not on the disk.
pub fn establish(folder: &Folder, name: &str) -> Done<Holder> {
    if let Some(holder) = load(folder, name)? {
        return Ok(holder);
    }
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| no_chance())?;
    folder.write(name, made.as_ref())?;
    holder(made.as_ref())
}

fn holder(pkcs8: &[u8]) -> Done<Holder> {
    let damaged = || Fault::failed("the agent's key is damaged; take the state folder away and pair the machine anew");
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| damaged())?;
    let public = pair.public_key().as_ref().try_into().map_err(|_| damaged())?;
    Ok(Holder::new(pkcs8, &public))
}

/// 128 bits of chance, as text.
pub fn chance() -> Done<String> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(agent_wire::proof::encode(&bytes))
}

/// A number below this one, by chance.
pub fn below(most: u64) -> u64 {
    let mut bytes = [0; 8];
    // Only jitter is drawn so: without chance there is none.
    if fill(&mut bytes).is_err() {
        return 0;
    }
    u64::from_le_bytes(bytes).checked_rem(most).unwrap_or(0)
}

/// The system's randomness.
#[expect(clippy::disallowed_methods, reason = "the agent's one source of chance")]
fn fill(bytes: &mut [u8]) -> Done {
    rand::fill(bytes).map_err(|_| no_chance())
}

fn no_chance() -> Fault {
    Fault::failed("the machine gives no randomness; try again later")
}
