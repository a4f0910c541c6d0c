//! The mail before a first second factor: a code of 8 characters, good in the browser that signs in and for as long as the sign-in is. And the
//! mail to whoever may let in a device that waits.
//! Must never happen: a code of an earlier mail that still counts; a mailbox that is flooded; a code in the store or in a log.
use crate::{decide::LIVES_FOR, live::Live, store};
use devices::admission::{self, Coming};
use ground::{
    Ground,
    db::{Result, Tx},
    delivery::{self, Purpose},
};
use kernel::{
    Action, Deployment, FlowId, MessageId, Method, Methods, Organisation, Reason, Span, Time,
    code::{code, read_code},
};
use people::letters::{self, Envelope, From};
use subtle::ConstantTimeEq;

/// So many mails in one sign-in.
const MOST: i64 = 5;
/// And none so soon after the last.
const AGAIN_AFTER: Span = Span::seconds(30);
/// So many tries over all mails of one sign-in.
const TRIES: i64 = 5;

/// What is drawn outside the transaction for one mail.
#[derive(Clone)]
pub(crate) struct Draw {
    id: MessageId,
    code: String,
}

impl Draw {
    pub fn new(ground: &Ground, now: Time) -> Self {
        Self {
            id: MessageId::new(now, &ground.chance),
            code: code(ground.chance.bytes()),
        }
    }
}

fn hash(ground: &Ground, flow: FlowId, code: &str) -> [u8; 32] {
    let bytes = [flow.0.as_bytes().as_slice(), code.as_bytes()].concat();
    ground.keys.hmac("sign-in-mail", &bytes)
}

/// Sends a mail with a fresh code. False: one was sent a moment ago, or enough were.
pub(crate) fn send(tx: &mut Tx, ground: &Ground, live: &Live, draw: &Draw, now: Time) -> Result<bool> {
    let id = live.row.id;
    let hash = hash(ground, id, &draw.code);
    if !store::send_mail(tx, Deployment, id, &hash, MOST, now - AGAIN_AFTER, now)? {
        return Ok(false);
    }
    let from = From::the_door(tx, ground)?;
    let (language, row) = (live.person.language, &live.row);
    let words = crate::letters::first_factor(language, &draw.code, now, &row.device_label, &row.network);
    let envelope = Envelope {
        id: draw.id,
        to: None,
        asked_by: live.row.device,
        purpose: Purpose::Code,
        at: now,
        ends_at: Some(now + LIVES_FOR),
    };
    delivery::post(tx, ground, &letters::write(&from, &live.person, &words, envelope))?;
    Ok(true)
}

/// Tells everybody who may let devices in, the person among them where they may: if it was not they, they hear of it so.
pub(crate) fn tell_of_waiting(tx: &mut Tx, ground: &Ground, live: &Live, waits: &Coming<'_>, now: Time) -> Result<()> {
    let from = From::the_door(tx, ground)?;
    let home = Organisation(live.person.home_organisation);
    for holder in roles::holders(tx, home, Action::ApproveDevices)? {
        let Some(reader) = people::person(tx, Deployment, holder)? else {
            continue;
        };
        let words = admission::letter(reader.language, &live.person, waits, now);
        let envelope = Envelope {
            id: MessageId::new(now, &ground.chance),
            to: None,
            asked_by: None,
            purpose: Purpose::Notice,
            at: now,
            ends_at: None,
        };
        delivery::post(tx, ground, &letters::write(&from, &reader, &words, envelope))?;
    }
    Ok(())
}

/// Tries a code: counted first, then compared, then spent.
pub(crate) fn prove(
    tx: &mut Tx,
    ground: &Ground,
    live: &Live,
    typed: &str,
    now: Time,
) -> Result<std::result::Result<(), Reason>> {
    // What cannot be a code costs no try.
    let Some(code) = read_code(typed) else {
        return Ok(Err(Reason::SignInMailWrong));
    };
    let id = live.row.id;
    let Some(wanted) = store::try_mail(tx, Deployment, id, TRIES, now)? else {
        return Ok(Err(Reason::SignInTooManyCodes));
    };
    if !bool::from(wanted.ct_eq(&hash(ground, id, &code))) {
        return Ok(Err(Reason::SignInMailWrong));
    }
    let methods: Methods = live.methods.with(Method::Mail);
    if store::prove_mail(tx, Deployment, id, &wanted, &methods.text())? {
        Ok(Ok(()))
    } else {
        Ok(Err(Reason::SignInMailWrong))
    }
}
