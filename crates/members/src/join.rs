//! Joining: the page that the link of an invitation opens. Whoever has no account makes one with it; whoever has one signs in and joins with one
//! button. For strangers with a link. Must never happen: an invitation that works twice, for another address, or after whoever invited is gone;
//! a GET that acts; a session that is opened here (SECURITY.md S32, S33).
use crate::{
    Members,
    change::{Done, Stop, all_or_nothing, organisation_lock},
    decide::{self, CODE_TRIES},
    invite::{code_hash, hash, token},
    page::{CodePage, DeadPage, JoinPage, MemberPage},
    store::invitations::{self, Invitation},
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{Context, SHORTEST_ALONE, StoredHash};
use ground::{
    Ask, Caller, Failure, Ground, Visitor,
    db::{self, Tx, View},
    failure::encode,
    form::{Form, Query},
    journal,
    page::{DoorShell, Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{
    Deployment, Event, EventKind, FieldError, Organisation, Outcome, PersonId, Reason, Stream, Time, act, code,
};
use organisations::AtTheDoor;
use people::NewPerson;
use roles::{Giver, Wanted};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// The address's part of a link.
#[derive(Deserialize, Default)]
pub(crate) struct Link {
    token: Option<String>,
}

/// What the forms send: with a link a name and a password, without one an address and a code.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JoinForm {
    name: String,
    password: String,
    email: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// An invitation that works, and what surrounds it.
struct Open {
    invitation: Invitation,
    organisation: String,
    inviter: String,
    has_account: bool,
    shortest: usize,
    door: AtTheDoor,
}

/// The invitation that this link opens, where it works.
fn look(view: &mut View, link_hash: &[u8; 32], now: Time) -> db::Result<Result<Open, AtTheDoor>> {
    let door = organisations::at_the_door(view, Deployment)?;
    let Some(invitation) = invitations::by_link(view, Deployment, link_hash)? else {
        return Ok(Err(door));
    };
    let scope = Organisation(invitation.organisation);
    let inviter = people::standing(view, scope, invitation.invited_by)?;
    let inviter = inviter.filter(|person| person.is_member && !person.is_disabled);
    let Some(standing) = organisations::standing(view, scope)? else {
        return Ok(Err(door));
    };
    if !decide::is_open(invitation.ends_at, inviter.is_some(), now) {
        return Ok(Err(door));
    }
    let account = people::by_email(view, Deployment, &invitation.email_canonical)?;
    Ok(Ok(Open {
        has_account: account.is_some(),
        organisation: standing.name,
        inviter: inviter.map(|person| person.name).unwrap_or_default(),
        shortest: SHORTEST_ALONE.max(standing.policies.shortest_password(kernel::Kinds::NONE)),
        invitation,
        door,
    }))
}

async fn open(state: &Members, visitor: &Visitor, token: &str) -> Result<Result<Open, AtTheDoor>, Failure> {
    let (hash, now) = (hash(token), state.house.ground.now());
    let found = state.house.ground.store.read(move |view| look(view, &hash, now)).await;
    found.map_err(|error| Failure::store(visitor, &error))
}

fn shell(title: &str, door: &AtTheDoor) -> DoorShell {
    DoorShell::new(title).of(
        door.name.clone(),
        door.has_logo.then(|| "/logo".to_owned()),
        door.contact.clone(),
    )
}

fn dead(door: &AtTheDoor) -> Response {
    let page = DeadPage {
        shell: shell("This invitation does not work any more", door),
        notice: Notice::refused(Reason::InvitationDead),
    };
    html(StatusCode::GONE, page)
}

/// GET `/invitation`.
pub(crate) async fn show(
    State(state): State<Members>,
    visitor: Visitor,
    link: Result<Query<Link>, Failure>,
) -> Result<Response, Failure> {
    let link = link.map_or_else(|_| Link::default(), |Query(link)| link);
    let Some(token) = link.token else {
        let page = code_page(&state, &visitor, String::new(), Errors::none()).await?;
        return Ok(html(StatusCode::OK, page));
    };
    Ok(match open(&state, &visitor, &token).await? {
        Err(door) => dead(&door),
        Ok(open) => html(
            StatusCode::OK,
            join_page(&open, &token, open.invitation.name.clone(), Errors::none()),
        ),
    })
}

async fn code_page(state: &Members, visitor: &Visitor, email: String, errors: Errors) -> Result<CodePage, Failure> {
    let door = state
        .house
        .ground
        .store
        .read(|view| organisations::at_the_door(view, Deployment))
        .await
        .map_err(|error: db::Error| Failure::store(visitor, &error))?;
    Ok(CodePage {
        shell: shell("Join with a code", &door),
        errors,
        email,
    })
}

fn join_page(open: &Open, token: &str, name: String, errors: Errors) -> JoinPage {
    let path = if open.has_account { "/app/join" } else { "/invitation" };
    JoinPage {
        shell: shell(&format!("Join {}", open.organisation), &open.door),
        errors,
        inviter: open.inviter.clone(),
        organisation: open.organisation.clone(),
        email: open.invitation.email.clone(),
        has_account: open.has_account,
        action: format!("{path}?token={}", encode(token)),
        name,
        hint: format!("At least {} characters. Four unrelated words do well.", open.shortest),
    }
}

/// POST `/invitation`: makes the account, or takes the code.
pub(crate) async fn join(
    State(state): State<Members>,
    visitor: Visitor,
    link: Result<Query<Link>, Failure>,
    form: Form<JoinForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let link = link.map_or_else(|_| Link::default(), |Query(link)| link);
    let Some(token) = link.token else {
        return by_code(&state, &visitor, &form).await;
    };
    let open = match open(&state, &visitor, &token).await? {
        Err(door) => return Ok(dead(&door)),
        Ok(open) => open,
    };
    let again = |errors: Vec<FieldError>| {
        let page = join_page(&open, &token, form.name.clone(), Errors::from(errors));
        html(StatusCode::UNPROCESSABLE_ENTITY, page)
    };
    if open.has_account {
        return Ok(again(Vec::new()));
    }
    let (name, hash) = match check(&state, &visitor, &open, &form).await? {
        Ok(checked) => checked,
        Err(errors) => return Ok(again(errors)),
    };
    let joining = Joining {
        ground: state.house.ground.clone(),
        link_hash: self::hash(&token),
        network: visitor.network(),
        label: devices::label(&visitor.user_agent()),
        now: state.house.ground.now(),
    };
    let done = state
        .house
        .ground
        .store
        .write(move |tx| all_or_nothing(tx, |tx| joining.with_new_account(tx, &name, &hash)))
        .await
        .map_err(|error| Failure::store(&visitor, &error))?;
    match done {
        Ok(()) => Ok(see_other("/sign-in")),
        Err(Stop::Field(field, reason)) => Ok(again(vec![FieldError::new(field, reason)])),
        Err(_) => Ok(dead(&open.door)),
    }
}

/// Name and password in order, or everything that is wrong with them.
async fn check(
    state: &Members,
    visitor: &Visitor,
    open: &Open,
    form: &JoinForm,
) -> Result<Result<(String, StoredHash), Vec<FieldError>>, Failure> {
    let name = organisations::check_name("name", &form.name, Reason::NameInvalid);
    let context = Context::new(&open.organisation, &form.name, &open.invitation.email_canonical);
    let name = match name {
        Ok(name) => name,
        Err(error) => {
            // Everything that is wrong is told at once.
            let weak = state.prover.accept(&form.password, open.shortest, &context).await.err();
            let weak = weak.unwrap_or_default().into_iter();
            let weak = weak.map(|reason| FieldError::new("password", reason));
            return Ok(Err([error].into_iter().chain(weak).collect()));
        }
    };
    let address = visitor.client.address;
    let hash = state
        .prover
        .new_password(address, &form.password, open.shortest, &context)
        .await;
    match hash {
        Ok(hash) => Ok(Ok((name, hash))),
        Err(refused) => refused.into_errors(visitor, "password").map(Err),
    }
}

/// An invitation that is being taken up.
struct Joining {
    ground: Ground,
    link_hash: [u8; 32],
    network: String,
    label: String,
    now: Time,
}

impl Joining {
    /// Takes the invitation, under the lock of its organisation. INVARIANT: of all who try at once one goes on.
    fn claim(&self, tx: &mut Tx) -> Done<(Invitation, Vec<Wanted>)> {
        let gone = || Stop::Refused(Reason::InvitationDead);
        let found = invitations::by_link(tx, Deployment, &self.link_hash)?.ok_or_else(gone)?;
        tx.lock(organisation_lock(found.organisation))?;
        let open = look(tx, &self.link_hash, self.now)?.map_err(|_| gone())?;
        let invitation = open.invitation;
        let scope = Organisation(invitation.organisation);
        let gives = invitations::gives(tx, scope, invitation.id)?;
        if !invitations::claim(tx, scope, invitation.id)? {
            return Err(gone());
        }
        Ok((invitation, gives))
    }

    /// Makes the account, whose home is the organisation that invited.
    fn with_new_account(&self, tx: &mut Tx, name: &str, hash: &StoredHash) -> Done<()> {
        let (invitation, gives) = self.claim(tx)?;
        let email =
            people::canonical_email(&invitation.email).map_err(|_| Stop::Field("name", Reason::EmailInvalid))?;
        let person = NewPerson {
            id: PersonId(invitation.id.0),
            home: invitation.organisation,
            name: name.to_owned(),
            email,
            language: invitation.language,
        };
        // An address that only looks like this one may have an account, too; or one was made a moment ago.
        if !people::create(tx, Deployment, &person, self.now)? {
            return Err(Stop::Field("name", Reason::AddressTaken));
        }
        factors::store::set_password(tx, person.id, hash, self.now)?;
        self.settle(tx, &invitation, person.id, &gives)
    }

    /// Makes somebody who has an account a member.
    fn with_account(&self, tx: &mut Tx, caller: &Caller) -> Done<()> {
        let (invitation, gives) = self.claim(tx)?;
        if !is_for(&invitation, caller) {
            return Err(Stop::Refused(Reason::InvitationOther));
        }
        people::join(tx, Organisation(invitation.organisation), caller.person, self.now)?;
        people::take_up(tx, Deployment, caller.person, invitation.id)?;
        self.settle(tx, &invitation, caller.person, &gives)
    }

    /// Gives what waited, as far as whoever invited may still give it, and tells.
    fn settle(&self, tx: &mut Tx, invitation: &Invitation, person: PersonId, gives: &[Wanted]) -> Done<()> {
        let (scope, now) = (Organisation(invitation.organisation), self.now);
        let inviter = roles::grants(tx, scope, invitation.invited_by)?;
        let mut wanted = Vec::new();
        for one in gives {
            let may = roles::check_grants(tx, scope, Giver::Person(&inviter), &[*one])?;
            wanted.extend(may.is_ok().then_some(*one));
        }
        let granted = roles::set_grants(tx, scope, Giver::Person(&inviter), person, &wanted, now)?;
        let granted = granted.map_err(Stop::Refused)?;
        let chance = &self.ground.chance;
        let mut events = granted.events(scope.0, person, None, now, chance);
        let stream = Stream::Organisation(scope.0);
        let joined = Event::new(stream, now, EventKind::PersonJoined, Outcome::Done, chance).by(person);
        events.push(joined.from(None, &self.label, &self.network));
        journal::append_all(tx, &events)?;
        Ok(())
    }
}

fn is_for(invitation: &Invitation, caller: &Caller) -> bool {
    people::canonical_email(&caller.email).is_ok_and(|own| own.canonical == invitation.email_canonical)
}

/// The code of the mail, with the address that it went to: leads on to the page that the link opens.
async fn by_code(state: &Members, visitor: &Visitor, form: &JoinForm) -> Result<Response, Failure> {
    let ground = state.house.ground.clone();
    let (email, typed) = (people::canonical_email(&form.email), code::read_code(&form.code));
    let found = match (&email, &typed) {
        (Ok(email), Some(typed)) => {
            let (canonical, expected) = (email.canonical.clone(), code_hash(&ground, typed));
            let (opened, now) = (token(&ground.chance), ground.now());
            let opened_hash = hash(&opened);
            let is_right = ground
                .store
                .write(move |tx| try_code(tx, &canonical, &expected, &opened_hash, now))
                .await
                .map_err(|error| Failure::store(visitor, &error))?;
            is_right.then_some(opened)
        }
        _ => None,
    };
    if let Some(opened) = found {
        return Ok(see_other(&format!("/invitation?token={}", encode(&opened))));
    }
    let wrong = match email {
        Err(error) => error,
        Ok(_) => FieldError::new("code", Reason::InvitationCodeWrong),
    };
    let page = code_page(state, visitor, form.email.clone(), Errors::from(vec![wrong])).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

fn try_code(tx: &mut Tx, canonical: &str, expected: &[u8; 32], opened: &[u8; 32], now: Time) -> db::Result<bool> {
    let tried = invitations::try_codes(tx, Deployment, canonical, CODE_TRIES, now)?;
    let right = tried
        .iter()
        .find(|tried| bool::from(tried.code_hash.as_slice().ct_eq(expected.as_slice())));
    match right {
        Some(right) => invitations::open_by_code(tx, right, opened).map(|()| true),
        None => Ok(false),
    }
}

/// GET `/app/join`: whoever has an account joins with one button.
pub(crate) async fn show_member(
    State(state): State<Members>,
    ask: Ask<act::SeeOwn>,
    link: Result<Query<Link>, Failure>,
) -> Result<Response, Failure> {
    let token = link.ok().and_then(|Query(link)| link.token).unwrap_or_default();
    let link_hash = hash(&token);
    let (permit, found) = state
        .house
        .read(&ask, move |view, permit| look(view, &link_hash, permit.now()))
        .await?;
    let (caller, now) = (permit.caller(), permit.now());
    let (title, open, notice) = match found {
        Err(_) => (
            "This invitation does not work any more".to_owned(),
            None,
            Some(Notice::refused(Reason::InvitationDead)),
        ),
        Ok(open) if !is_for(&open.invitation, caller) => (
            "This invitation is not for you".to_owned(),
            None,
            Some(Notice::refused(Reason::InvitationOther)),
        ),
        Ok(open) => (format!("Join {}", open.organisation), Some(open), None),
    };
    let status = if open.is_some() {
        StatusCode::OK
    } else {
        StatusCode::GONE
    };
    let page = MemberPage {
        shell: HouseShell::new(title, Entry::Home, caller, now),
        notice,
        offer: open.map(|open| (open.inviter, open.organisation)),
        action: format!("/app/join?token={}", encode(&token)),
    };
    Ok(html(status, page))
}

/// POST `/app/join`.
pub(crate) async fn join_as_member(
    State(state): State<Members>,
    ask: Ask<act::ChangeOwn>,
    link: Result<Query<Link>, Failure>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open_for(&state.house, &ask).await?;
    let token = link.ok().and_then(|Query(link)| link.token).unwrap_or_default();
    let ground = state.house.ground.clone();
    let (link_hash, network) = (hash(&token), ask.visitor.network());
    let (permit, done) = state
        .house
        .write(&ask, None, move |tx, permit| {
            let joining = Joining {
                ground: ground.clone(),
                link_hash,
                network: network.clone(),
                label: permit.caller().device_label.clone(),
                now: permit.now(),
            };
            all_or_nothing(tx, |tx| joining.with_account(tx, permit.caller()))
        })
        .await?;
    let Err(stop) = done else {
        return Ok(see_other("/app"));
    };
    let (_, reason) = stop.told();
    let reason = if reason == Reason::InvitationOther {
        reason
    } else {
        Reason::InvitationDead
    };
    let page = MemberPage {
        shell: HouseShell::new(
            "This invitation does not work any more",
            Entry::Home,
            permit.caller(),
            permit.now(),
        ),
        notice: Some(Notice::refused(reason)),
        offer: None,
        action: String::new(),
    };
    Ok(html(StatusCode::GONE, page))
}
