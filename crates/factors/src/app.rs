//! Authenticator apps (RFC 6238): set up with a picture or by hand, confirmed by a first code. SHA-1, six digits, 30 seconds, 160 bits, which
//! every app understands. For sign-in's enrolment and the pages of one's own account; codes are proved in [`crate::Prover::prove_code`].
//! Must never happen: a secret that leaves after it was confirmed, or lies unsealed; an app that lets in before its first code.
use crate::{
    CodeRefusal,
    authenticators::{self, Authenticator, BEGUN_FOR, By, MOST, MOST_BEGUN},
    code::{Typed, grouped},
    decide::{
        app::{self as decide, App, Found},
        pause,
    },
    qr,
    store::authenticators::{self as store, New, Row},
};
use ground::{
    Ground,
    db::{Result, Tx, View},
};
use kernel::{AuthenticatorId, AuthenticatorKind, Chance, Deployment, Event, PersonId, Reason, Secret, Time, Verdict};
use people::Person;
use totp_rs::{Builder, Totp};

/// The purpose of the key that seals secrets.
const SEAL: &str = "app-secret";
/// Bytes of a secret: 160 bits, as long as the hash (RFC 4226, section 4, R6).
const SECRET_BYTES: usize = 20;

/// What is drawn outside the transaction for a new app.
#[derive(Clone)]
pub struct Draw {
    id: AuthenticatorId,
    secret: Secret<[u8; SECRET_BYTES]>,
}

impl Draw {
    /// A fresh id and secret.
    pub fn new(now: Time, chance: &Chance) -> Self {
        Self {
            id: AuthenticatorId::new(now, chance),
            secret: Secret::new(chance.bytes()),
        }
    }
}

/// An app that waits for its first code. Shown to its owner alone, and not any more once it is confirmed.
#[derive(Clone)]
pub struct Enrolment {
    /// Its id.
    pub id: AuthenticatorId,
    /// The secret in base32, in groups of four.
    pub secret: String,
    /// The address that the picture holds: `otpauth://totp/…`.
    pub uri: String,
    /// The picture, as inline SVG without style or script.
    pub qr_svg: String,
}

fn totp(secret: &[u8], issuer: &str, account: &str) -> Totp {
    let clean = |text: &str, other: &str| {
        let text = text.replace(':', " ");
        if text.trim().is_empty() { other.to_owned() } else { text }
    };
    Builder::new()
        .with_secret(secret.to_vec())
        .with_issuer(Some(clean(issuer, "Doorward")))
        .with_account_name(clean(account, "account"))
        .build_noncompliant()
}

/// The code of each step, from the secret.
fn codes(secret: &[u8]) -> impl Fn(i64) -> u32 {
    let totp = totp(secret, "", "");
    move |step| {
        let seconds = u64::try_from(step.saturating_mul(decide::STEP_SECONDS)).unwrap_or(0);
        totp.generate(seconds).to_string().parse().unwrap_or(u32::MAX)
    }
}

/// The name in the app: the organisation that runs this server.
fn issuer(view: &mut View) -> Result<String> {
    Ok(organisations::at_the_door(view, Deployment)?.name)
}

fn enrolment(id: AuthenticatorId, secret: &[u8], issuer: &str, person: &Person) -> Enrolment {
    let totp = totp(secret, issuer, &person.email);
    let uri = totp.to_url().unwrap_or_default();
    Enrolment {
        id,
        secret: grouped(&totp.secret().to_base32(), " "),
        qr_svg: qr::svg(&uri, "QR code for your authenticator app").unwrap_or_default(),
        uri,
    }
}

/// Begins to set up an app. Under the person's lock.
pub fn start(
    tx: &mut Tx,
    ground: &Ground,
    person: PersonId,
    now: Time,
    draw: &Draw,
) -> Result<std::result::Result<Enrolment, Reason>> {
    let kind = AuthenticatorKind::App;
    let Some(person) = people::person(tx, Deployment, person)? else {
        return Ok(Err(Reason::AuthenticatorGone));
    };
    let has = store::count(tx, Deployment, person.id, kind)?;
    if has >= MOST {
        return Ok(Err(Reason::AuthenticatorTooMany));
    }
    store::forget_begun(tx, Deployment, person.id, kind, MOST_BEGUN - 1)?;
    let secret = draw.secret.expose();
    let new = New {
        id: draw.id,
        person: person.id,
        kind,
        name: if has == 0 {
            kind.words().to_owned()
        } else {
            format!("{} {}", kind.words(), has + 1)
        },
        hint: String::new(),
        sealed: Some(ground.keys.seal(SEAL, secret, &ground.chance)),
        number_key: None,
    };
    store::add(tx, Deployment, &new, now)?;
    let issuer = issuer(tx)?;
    Ok(Ok(enrolment(draw.id, secret, &issuer, &person)))
}

/// The enrolment again, while it waits for its first code: a page that was loaded anew shows the same secret.
pub fn pending(
    view: &mut View,
    ground: &Ground,
    of: Deployment,
    person: PersonId,
    id: AuthenticatorId,
) -> Result<Option<Enrolment>> {
    let row = store::find(view, of, person, id)?;
    let waits = row.is_some_and(|row| is_begun(&row, AuthenticatorKind::App, ground.now()));
    let (Some(person), true) = (people::person(view, of, person)?, waits) else {
        return Ok(None);
    };
    let Some(secret) = secret(view, ground, id)? else {
        return Ok(None);
    };
    let issuer = issuer(view)?;
    Ok(Some(enrolment(id, secret.expose(), &issuer, &person)))
}

/// Whether it was begun, lately, and not tried too often.
pub(crate) fn is_begun(row: &Row, kind: AuthenticatorKind, now: Time) -> bool {
    row.kind() == Some(kind) && row.confirmed_at.is_none() && row.made_at + BEGUN_FOR > now && row.run < pause::TRIES
}

fn secret(view: &mut View, ground: &Ground, id: AuthenticatorId) -> Result<Option<Secret<Vec<u8>>>> {
    let sealed = store::sealed(view, Deployment, id)?;
    Ok(sealed
        .and_then(|sealed| ground.keys.open(SEAL, &sealed))
        .map(Secret::new))
}

/// Judges what was typed against an app: one code, or two in a row. Nothing is changed.
pub(crate) fn judge(view: &mut View, ground: &Ground, row: &Row, typed: &Typed, now: Time) -> Result<Verdict<Found>> {
    let wrong = Found::Wrong {
        drift: None,
        burn: None,
    };
    let Some(secret) = secret(view, ground, row.id)? else {
        tracing::error!(authenticator = %row.id, "the sealed secret of an app does not open");
        return Ok(Verdict::because(wrong, Reason::CodeWrong));
    };
    let app = App {
        drift: row.drift,
        last_step: row.last_step,
        burned: store::burned(view, Deployment, row.id, row.last_step)?,
    };
    let code_at = codes(secret.expose());
    Ok(match typed {
        Typed::App(code) => decide::judge(&app, *code, now, code_at),
        Typed::Pair(first, second) => decide::resynchronise(&app, (*first, *second), now, code_at),
        Typed::Text(_) | Typed::Recovery(_) => Verdict::because(wrong, Reason::CodeWrong),
    })
}

/// The first code: from now on the app lets in. Its drift is kept, so that enrolment and sign-in judge alike. Under the person's lock; ten wrong
/// codes end the enrolment. Answers the events for the end of the transaction.
pub fn confirm(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    id: AuthenticatorId,
    typed: &str,
) -> Result<std::result::Result<(Authenticator, Vec<Event>), CodeRefusal>> {
    let now = by.at;
    let found = store::find(tx, Deployment, person, id)?;
    let Some(row) = found.filter(|row| is_begun(row, AuthenticatorKind::App, now)) else {
        return Ok(Err(CodeRefusal::plain(Reason::CodeEnrolmentOver)));
    };
    let Some(typed @ (Typed::App(_) | Typed::Pair(..))) = Typed::read(typed) else {
        return Ok(Err(CodeRefusal::plain(Reason::CodeMalformed)));
    };
    let verdict = judge(tx, ground, &row, &typed, now)?;
    let (step, drift) = match verdict.outcome {
        Found::Right { step, drift } => (step, drift),
        Found::Wrong { drift, burn } => {
            let run = pause::Run {
                run: row.run.saturating_add(1),
                ..row.run()
            };
            store::save_run(tx, Deployment, id, &run)?;
            if let Some(step) = burn {
                store::burn(tx, Deployment, id, step)?;
            }
            let reason = verdict.reasons.first().copied().unwrap_or(Reason::CodeWrong);
            return Ok(Err(CodeRefusal { reason, drift }));
        }
    };
    if !store::spend_step(tx, Deployment, id, step, drift)? || !store::confirm(tx, Deployment, id, now)? {
        return Ok(Err(CodeRefusal::plain(Reason::CodeSpent)));
    }
    let events = authenticators::added(tx, ground, by, person, id)?;
    let one = authenticators::find(tx, Deployment, person, id, now)?;
    Ok(one.map_or_else(
        || Err(CodeRefusal::plain(Reason::AuthenticatorGone)),
        |one| Ok((one, events)),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of its eight digits.
        let code_at = codes(b"12345678901234567890");
        for (seconds, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code_at(seconds / 30), code, "at {seconds}");
        }
        assert!(code_at(-5) < 1_000_000);
    }

    #[test]
    fn the_address_names_the_organisation_and_holds_160_bits() {
        let mut person = Person::nobody();
        person.email = "ana@northwind.example".into();
        let made = enrolment(
            AuthenticatorId(person.id.0),
            &[7; SECRET_BYTES],
            "Northwind: IT & Söhne",
            &person,
        );
        assert!(
            made.uri
                .starts_with("otpauth://totp/Northwind%20%20IT%20%26%20S%C3%B6hne:ana%40northwind.example?secret="),
            "{}",
            made.uri
        );
        assert!(made.uri.contains("&issuer=Northwind%20%20IT"), "{}", made.uri);
        let plain = made.secret.replace(' ', "");
        assert_eq!((plain.len(), made.secret.split(' ').count()), (32, 8));
        assert!(made.secret.split(' ').all(|group| group.len() == 4));
        assert!(made.uri.contains(&plain) && made.qr_svg.starts_with("<svg"));
    }
}
