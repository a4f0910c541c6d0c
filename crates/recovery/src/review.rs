//! "They are right": after half a year a person is asked to look at their ways to sign in once more, so that a number or a phone that is long gone
//! does not stay a way in. For Home and My security, which show the button. Must never happen: a review that nobody made.
use crate::{
    Recovery,
    http::{Nothing, see_other},
};
use axum::{extract::State, response::Response};
use factors::By;
use ground::{
    Ask, Failure,
    db::{Result, View},
    form::Form,
    journal,
};
use kernel::{Deployment, Event, EventKind, Outcome, PersonId, Span, Stream, Time, act};

/// After so long a way to sign in wants to be looked at.
pub const REVIEW_AFTER: Span = Span::days(180);

/// Whether one of this person's ways to sign in has not been looked at for long.
pub fn is_review_due(view: &mut View, person: PersonId, now: Time) -> Result<bool> {
    let ways = factors::authenticators::of_person(view, Deployment, person, now)?;
    Ok(ways.iter().any(|way| now - way.reviewed_at > REVIEW_AFTER))
}

/// POST `/app/security/reviewed`.
pub(crate) async fn reviewed(
    State(state): State<Recovery>,
    ask: Ask<act::ChangeOwn>,
    form: Form<Nothing>,
) -> std::result::Result<Response, Failure> {
    let Nothing {} = form.open_for(&state.house, &ask).await?;
    let chance = state.house.ground.chance.clone();
    state
        .house
        .write(&ask, None, move |tx, permit| {
            let (caller, by) = (permit.caller(), By::caller(permit.caller(), permit.now()));
            tx.lock(factors::person_lock(caller.person))?;
            factors::authenticators::review(tx, Deployment, caller.person, by.at)?;
            let Some(person) = people::person(tx, Deployment, caller.person)? else {
                return Ok(());
            };
            let stream = Stream::Organisation(person.home_organisation);
            let event = Event::new(stream, by.at, EventKind::WaysReviewed, Outcome::Done, &chance).by(person.id);
            journal::append(tx, &event.from(caller.device, &caller.device_label, &caller.network))
        })
        .await?;
    let is_home = ask.visitor.came_from().is_some_and(|path| path == "/app");
    Ok(see_other(if is_home { "/app" } else { "/app/security?done=reviewed" }))
}
