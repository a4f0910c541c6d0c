//! Authenticator apps for a crowd: the rows that the product keeps, sealed by its own keys, and the phones that show their codes (RFC 6238).
//! Confirmed at once, without the letters that a real enrolment sends.
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::hmac;
use factors::{app, authenticators};
use ground::{Ground, db};
use kernel::{Deployment, Time};

use crate::crowd::id_of;

/// Enrolments in one transaction.
const CHUNK: u32 = 100;
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a person carries.
pub struct Phone(hmac::Key);

impl Phone {
    /// From the address behind the QR picture; the secret in it is base32 (RFC 4648, 6).
    fn from_uri(uri: &str) -> Result<Self> {
        let (_, rest) = uri.split_once("secret=").context("an address without a secret")?;
        let text = rest.split('&').next().unwrap_or_default();
        let (mut bits, mut count, mut secret) = (0_u32, 0, Vec::new());
        for letter in text.chars() {
            let value = LETTERS.find(letter).context("a letter that is not base32")?;
            bits = bits << 5 | u32::try_from(value)?;
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push(u8::try_from(bits >> count & 0xff)?);
            }
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret)))
    }
    /// What it shows now.
    pub fn code(&self, now: Time) -> Result<String> {
        let tag = hmac::sign(&self.0, &(now.seconds() / 30).to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().context("a tag")? & 15);
        let word: [u8; 4] = tag.get(at..at + 4).context("a word of the tag")?.try_into()?;
        Ok(format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000))
    }
}

/// Gives one to each of the first so many people of the crowd.
pub async fn hand_out(ground: &Ground, count: u32) -> Result<Vec<Phone>> {
    let (mut phones, now) = (Vec::new(), ground.now());
    for first in (0..count).step_by(CHUNK as usize) {
        let drawn: Vec<_> = (first..count.min(first + CHUNK))
            .map(|number| (id_of(number), app::Draw::new(now, &ground.chance)))
            .collect();
        let held = ground.clone();
        let made = ground.store.write(move |tx| {
            let mut uris = Vec::new();
            for (person, draw) in &drawn {
                let Ok(started) = app::start(tx, &held, *person, now, draw)? else {
                    continue;
                };
                let confirm = "UPDATE authenticator SET confirmed_at = made_at WHERE id = ?1";
                tx.run_one(confirm, &[&started.id])?;
                authenticators::recount(tx, Deployment, *person)?;
                uris.push(started.uri);
            }
            Ok::<_, db::Error>(uris)
        });
        for uri in made.await? {
            phones.push(Phone::from_uri(&uri)?);
        }
    }
    let have = u32::try_from(phones.len())?;
    (have == count)
        .then_some(phones)
        .ok_or_else(|| anyhow!("of {count} people {have} got an app"))
}
