//! The buttons on the pages about people: each does one thing and leads back, or says why not.
use super::{
    Members, list,
    one::{self, Shown},
};
use crate::{
    api,
    bulk::{self, Action},
    change::{self, Acting, Done, Stop},
    erase,
    form::Listing,
    invite::{self, Draw},
    known, remove,
    store::list as stored,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    About, Ask, Failure,
    db::Tx,
    form::{Form, Path, Query},
    journal,
    page::{Notice, see_other},
};
use kernel::{Act, InvitationId, PersonId, Reason, act};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// What a button's form is: whom it is about, and nothing else.
type Whom = Result<Path<String>, Failure>;

/// Presses a button about somebody.
async fn press<A: Act, T: Send + 'static>(
    state: &Members,
    ask: &Ask<A>,
    id: Whom,
    form: Form<Nothing>,
    work: impl Fn(&mut Tx, &Acting<'_>, Uuid) -> Done<T> + Send + 'static,
) -> Result<Result<(Uuid, T), Response>, Failure> {
    let id = state.whom(ask, id, Ok(Query(About::default()))).await?;
    let Nothing {} = form.open_for(&state.house, ask).await?;
    let (permit, done) = state.settle(ask, move |tx, acting| work(tx, acting, id)).await?;
    match done {
        Ok(done) => Ok(Ok((id, done))),
        Err(Stop::Absent) => Err(ask.not_found()),
        Err(stop) => {
            let (status, reason) = stop.told();
            if status == StatusCode::FORBIDDEN {
                // The log keeps who tried; the page tells it where it was tried.
                drop(state.house.forbid(ask, &permit, reason, reason.admin()).await);
            }
            one::person(state, ask, id, Shown::refused(&stop)).await.map(Err)
        }
    }
}

/// Back to the person, with what was done.
fn back(pressed: Result<(Uuid, ()), Response>, done: &str) -> Response {
    match pressed {
        Ok((id, ())) => see_other(&format!("/app/people/{id}?done={done}")),
        Err(page) => page,
    }
}

/// To the list, with what was done.
fn to_list<T>(pressed: Result<(Uuid, T), Response>, done: &str) -> Response {
    match pressed {
        Ok(_) => see_other(&format!("/app/people?done={done}")),
        Err(page) => page,
    }
}

/// POST `/app/people/{id}/disable`.
pub(crate) async fn disable(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| turn(tx, acting, PersonId(id), true);
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "disabled"))
}

/// POST `/app/people/{id}/enable`.
pub(crate) async fn enable(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| turn(tx, acting, PersonId(id), false);
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "enabled"))
}

fn turn(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, is_disabled: bool) -> Done<()> {
    let event = if is_disabled {
        stored::member(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
        let is_last = !roles::last_owner_in(tx, id)?.is_empty();
        tx.lock(factors::person_lock(id))?;
        change::disable(tx, acting, id, is_last)?
    } else {
        change::enable(tx, acting, id)?
    };
    journal::append_all(tx, event.as_slice())?;
    Ok(())
}

/// POST `/app/people/{id}/remove`.
pub(crate) async fn remove(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| {
        let member = stored::member(tx, acting.organisation(), PersonId(id))?.ok_or(Stop::Absent)?;
        remove::remove(tx, acting, PersonId(id))?;
        Ok(member.home == acting.caller.organisation)
    };
    let pressed = press(&state, &ask, id, form, work).await?;
    let done = if matches!(pressed, Ok((_, true))) {
        "removed"
    } else {
        "left"
    };
    Ok(to_list(pressed, done))
}

/// POST `/app/people/{id}/unlock`.
pub(crate) async fn unlock(
    State(state): State<Members>,
    ask: Ask<act::UnlockPeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| change::unlock(tx, acting, PersonId(id));
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "unlocked"))
}

/// POST `/app/people/{id}/sign-out`.
pub(crate) async fn sign_out(
    State(state): State<Members>,
    ask: Ask<act::SignOutPeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| {
        let event = change::sign_out(tx, acting, PersonId(id))?;
        journal::append_all(tx, event.as_slice())?;
        Ok(())
    };
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "signed-out"))
}

/// POST `/app/people/{id}/reset-factors`.
pub(crate) async fn reset_factors(
    State(state): State<Members>,
    ask: Ask<act::ResetFactors>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let ground = &state.house.ground;
    let draw = recovery::LostDraw::new(ground.now(), &ground.chance);
    let work = move |tx: &mut Tx, acting: &Acting<'_>, id| change::start_reset(tx, acting, PersonId(id), &draw);
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "reset"))
}

/// POST `/app/people/{id}/resend`.
pub(crate) async fn resend(
    State(state): State<Members>,
    ask: Ask<act::InvitePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let ground = &state.house.ground;
    let draw = Draw::new(ground.now(), &ground.chance);
    let work = move |tx: &mut Tx, acting: &Acting<'_>, id| invite::resend(tx, acting, InvitationId(id), &draw);
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(back(pressed, "resent"))
}

/// POST `/app/people/{id}/withdraw`.
pub(crate) async fn withdraw(
    State(state): State<Members>,
    ask: Ask<act::InvitePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| invite::withdraw(tx, acting, InvitationId(id));
    let pressed = press(&state, &ask, id, form, work).await?;
    Ok(to_list(pressed, "withdrawn"))
}

/// POST `/app/people/{id}/data`.
pub(crate) async fn data(
    State(state): State<Members>,
    ask: Ask<act::ErasePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| known::hand_out(tx, acting, PersonId(id));
    Ok(match press(&state, &ask, id, form, work).await? {
        Ok((_, file)) => api::as_file(&file),
        Err(page) => page,
    })
}

/// POST `/app/people/{id}/erase`.
pub(crate) async fn erase(
    State(state): State<Members>,
    ask: Ask<act::ErasePeople>,
    id: Whom,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let work = |tx: &mut Tx, acting: &Acting<'_>, id| erase::erase(tx, acting, PersonId(id));
    let pressed = press(&state, &ask, id, form, work).await?;
    if pressed.is_ok() {
        erase::go_on(&state.house.ground).await;
    }
    Ok(to_list(pressed, "erased"))
}

/// POST `/app/people/bulk`: one action for everybody who is ticked.
pub(crate) async fn bulk(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    form: Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let sent = form.open_for(&state.house, &ask).await?;
    let Some((action, people)) = ticked(&sent) else {
        state.house.admit(&ask).await?;
        return Err(super::malformed(&ask));
    };
    let (permit, done) = state
        .settle(&ask, move |tx, acting| bulk::act(tx, acting, action, &people))
        .await?;
    let stop = match done {
        Ok(()) => return Ok(see_other("/app/people?done=done")),
        Err(Stop::Absent) => return Err(ask.not_found()),
        Err(stop) => stop,
    };
    let (status, reason) = stop.told();
    if status == StatusCode::FORBIDDEN || !permit.may(kernel::Action::SeePeople) {
        return Err(stop.into_failure(&state.house, &ask, &permit).await);
    }
    let nothing = "Nothing was changed.";
    let notice = Notice::refused(reason).and(if reason == Reason::PeopleTooMany { "" } else { nothing });
    list::people(&state, &ask, Listing::default(), Some(notice), status).await
}

/// The action and everybody who is ticked. None: the form has something else in it.
fn ticked(sent: &[(String, String)]) -> Option<(Action, Vec<PersonId>)> {
    let (mut action, mut people) = (None, Vec::new());
    for (name, value) in sent {
        match name.as_str() {
            "person" => people.push(value.parse().ok()?),
            "action" if action.is_none() => action = Some(Action::from_name(value)?),
            _ => return None,
        }
    }
    Some((action?, people))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_something_else_in_it_is_none() {
        let id = "01936d2c-5b7e-7000-8000-000000000000";
        let sent = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let (action, people) = ticked(&sent(&[("person", id), ("action", "disable"), ("person", id)])).unwrap();
        assert_eq!((action, people.len()), (Action::Disable, 2));
        for bad in [
            sent(&[]),
            sent(&[("person", id)]),
            sent(&[("action", "promote"), ("person", id)]),
            sent(&[("action", "disable"), ("action", "remove"), ("person", id)]),
            sent(&[("action", "disable"), ("person", "x")]),
            sent(&[("action", "disable"), ("person", id), ("is_admin", "1")]),
        ] {
            assert!(ticked(&bad).is_none(), "{bad:?}");
        }
    }
}
