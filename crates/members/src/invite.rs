//! Inviting somebody: a mail with a link and a code that work once, for 72 hours, for this address, organisation and these roles alone.
//! Must never happen: a role in an invitation that whoever invites does not hold; an answer that tells whether the address has an account elsewhere.
use crate::{
    change::{Acting, Done, Stop},
    decide::{self, DAY, INVITATIONS, LIVES_FOR},
    letters,
    store::invitations::{self, Invitation, New, Opens},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ground,
    db::{self, Tx},
    delivery::{self, Letter, Purpose},
    journal,
};
use kernel::{
    Chance, Event, EventKind, InvitationId, Language, MessageId, OrganisationId, PersonId, Reason, Time, code,
};
use people::{
    Email, Person,
    letters::{Envelope, From},
};
use roles::{Giver, Told, Wanted};
use sha2::{Digest, Sha256};

/// What is drawn outside the transaction for one mail.
#[derive(Clone)]
pub(crate) struct Draw {
    id: InvitationId,
    message: MessageId,
    token: String,
    code: String,
}

impl Draw {
    pub fn new(now: Time, chance: &Chance) -> Self {
        Self {
            id: InvitationId::new(now, chance),
            message: MessageId::new(now, chance),
            token: token(chance),
            code: code::code(chance.bytes()),
        }
    }
    fn opens(&self, ground: &Ground, now: Time) -> Opens {
        Opens {
            link_hash: hash(&self.token),
            code_hash: code_hash(ground, &self.code),
            message: self.message,
            at: now,
            ends_at: now + LIVES_FOR,
        }
    }
}

/// 256 bits for a link.
pub(crate) fn token(chance: &Chance) -> String {
    URL_SAFE_NO_PAD.encode(chance.bytes::<32>())
}

/// SHA-256 of a token of 256 bits.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// HMAC of a code under a key outside the store: 40 bits alone could be searched.
pub(crate) fn code_hash(ground: &Ground, code: &str) -> [u8; 32] {
    ground.keys.hmac("invitation-code", code.as_bytes())
}

/// Who is invited, and to what.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub name: String,
    pub email: Email,
    pub language: Option<Language>,
    pub roles: Vec<Wanted>,
}

/// Invites. Answers the invitation's id.
pub(crate) fn invite(tx: &mut Tx, acting: &Acting<'_>, asked: &Asked, draw: &Draw) -> Done<InvitationId> {
    let (organisation, now) = (acting.organisation(), acting.now);
    tx.lock(acting.lock())?;
    if invitations::is_member(tx, organisation, &asked.email.canonical)? {
        return Err(Stop::Refused(Reason::PersonIsMember));
    }
    if let Some(old) = invitations::to_address(tx, organisation, &asked.email.canonical)? {
        if old.ends_at > now {
            return Err(Stop::Refused(Reason::PersonInvited));
        }
        invitations::claim(tx, organisation, old.id)?;
    }
    if invitations::made_since(tx, organisation, now - DAY)? >= INVITATIONS {
        return Err(Stop::Refused(Reason::InvitationTooOften));
    }
    let giver = Giver::Person(&acting.caller.roles);
    let gives = roles::check_grants(tx, organisation, giver, &asked.roles)?.map_err(Stop::Refused)?;
    let new = New {
        id: draw.id,
        name: asked.name.clone(),
        email: asked.email.clone(),
        language: asked.language.unwrap_or(acting.caller.language),
        invited_by: acting.caller.person,
        opens: draw.opens(acting.ground, now),
    };
    invitations::insert(tx, organisation, &new, &asked.roles)?;
    let letter = letter(tx, acting, (&new.name, &new.email.written, new.language), draw)?;
    delivery::post(tx, acting.ground, &letter)?;
    let mut event = event(acting, EventKind::PersonInvited, draw.id);
    let told: Vec<String> = gives.iter().map(Told::words).collect();
    event.detail = if told.is_empty() {
        asked.email.written.clone()
    } else {
        format!("{}: {}", asked.email.written, told.join(", "))
    };
    journal::append(tx, &event)?;
    Ok(draw.id)
}

/// The log names an invited person by the id that becomes their own.
fn event(acting: &Acting<'_>, kind: EventKind, id: InvitationId) -> Event {
    acting.event(kind, acting.caller.organisation, PersonId(id.0))
}

fn letter(
    tx: &mut Tx,
    acting: &Acting<'_>,
    (name, email, language): (&str, &str, Language),
    draw: &Draw,
) -> db::Result<Letter> {
    let (caller, ground, now) = (acting.caller, acting.ground, acting.now);
    let from = From::the_door(tx, ground)?;
    let page = format!("{}/invitation", ground.config.public_url.as_str());
    let by = (caller.name.as_str(), caller.organisation_name.as_str());
    let words = letters::invitation(language, by, &draw.token, &draw.code, &page);
    let reader = Person {
        name: name.to_owned(),
        email: email.to_owned(),
        language,
        home_organisation: OrganisationId(caller.organisation.0),
        ..Person::nobody()
    };
    let envelope = Envelope {
        id: draw.message,
        to: None,
        asked_by: None,
        purpose: Purpose::Invitation,
        at: now,
        ends_at: Some(now + LIVES_FOR),
    };
    // It is nobody's account yet: the message is known by the id that becomes it.
    Ok(Letter {
        person: Some(PersonId(draw.id.0)),
        ..people::letters::write(&from, &reader, &words, envelope)
    })
}

/// Sends the mail again, with another link and code; those of the mail before are worth nothing.
pub(crate) fn resend(tx: &mut Tx, acting: &Acting<'_>, id: InvitationId, draw: &Draw) -> Done<()> {
    let (organisation, now) = (acting.organisation(), acting.now);
    tx.lock(acting.lock())?;
    let found = invitations::find(tx, organisation, id)?.ok_or(Stop::Absent)?;
    let sent = decide::next_mail(found.sent, found.sent_at, now).ok_or(Stop::Refused(Reason::InvitationTooOften))?;
    let opens = draw.opens(acting.ground, now);
    invitations::renew(tx, organisation, id, &opens, sent)?;
    let draw = Draw { id, ..draw.clone() };
    let letter = letter(tx, acting, (&found.name, &found.email, found.language), &draw)?;
    delivery::post(tx, acting.ground, &letter)?;
    journal::append(tx, &event(acting, EventKind::InvitationResent, id))?;
    Ok(())
}

/// Withdraws an invitation: its link and code work no more.
pub(crate) fn withdraw(tx: &mut Tx, acting: &Acting<'_>, id: InvitationId) -> Done<()> {
    tx.lock(acting.lock())?;
    let found: Invitation = invitations::find(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
    invitations::claim(tx, acting.organisation(), id)?;
    let mut event = event(acting, EventKind::InvitationWithdrawn, id);
    event.detail = found.email;
    journal::append(tx, &event)?;
    Ok(())
}
