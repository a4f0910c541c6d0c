//! The page about one person, and the forms on it that change the account and the roles.
use super::{Members, list};
use crate::{
    change::{self, Change, Stop},
    form,
    page::{Held, May, PersonPage},
    seen::{self, Seen},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    About, Ask, Failure, Permit,
    form::{Form, Path, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, FieldError, Freshness, Organisation, PersonId, Reason, act};
use people::notices;
use serde::Deserialize;
use uuid::Uuid;

/// What was just done.
#[derive(Deserialize, Default)]
pub(crate) struct Came {
    done: Option<String>,
}

fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "saved" => "Saved.",
        "roles" => "The roles are changed. It holds from now on.",
        "disabled" => "They are kept out from now on. Every session has ended.",
        "enabled" => "They can sign in again.",
        "unlocked" => "Their next try counts as the first.",
        "signed-out" => "Every session of theirs has ended.",
        "reset" => "The mail with the link is on its way.",
        "resent" => "The mail is on its way. The link of the mail before works no more.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// GET `/app/people/{id}`.
pub(crate) async fn show(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    id: Result<Path<String>, Failure>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, Ok(Query(About::default()))).await?;
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let shown = Shown {
        notice: told(came.done.as_deref()),
        ..Shown::default()
    };
    person(&state, &ask, id, shown).await
}

/// What the page shows beside the person.
#[derive(Default)]
pub(super) struct Shown {
    pub notice: Option<Notice>,
    pub errors: Errors,
    /// Name and address as typed.
    pub typed: Option<(String, String)>,
    /// Where it is not 200.
    pub status: Option<StatusCode>,
}

impl Shown {
    /// What was refused, at its field or above the page.
    pub fn refused(stop: &Stop) -> Self {
        let (status, reason) = stop.told();
        let field = stop.field();
        Self {
            notice: field.is_none().then(|| Notice::refused(reason)),
            errors: Errors::from(field.into_iter().collect::<Vec<FieldError>>()),
            typed: None,
            status: Some(status),
        }
    }
}

/// The page about somebody.
pub(super) async fn person<A: Act>(state: &Members, ask: &Ask<A>, id: Uuid, shown: Shown) -> Result<Response, Failure> {
    let (permit, found) = state
        .house
        .read(ask, move |view, permit| {
            let scope = Organisation(permit.caller().organisation);
            let Some(seen) = seen::one(view, scope, id)? else {
                return Ok(None);
            };
            Ok(Some((seen, list::choices(view, permit)?)))
        })
        .await?;
    let Some((seen, (roles, scopes))) = found else {
        return Err(ask.not_found());
    };
    // Whoever may act and not see is told what came of it, and nothing else.
    if !permit.may(Action::SeePeople) {
        let status = shown.status.unwrap_or(StatusCode::FORBIDDEN);
        return Err(ask.failure(status, Reason::AccessMissing));
    }
    let status = shown.status.unwrap_or(StatusCode::OK);
    Ok(html(status, page(&permit, &seen, (roles, scopes), shown)))
}

fn page<A: Act>(
    permit: &Permit<A>,
    seen: &Seen,
    (roles, scopes): (Vec<crate::page::Choice>, Vec<crate::page::Choice>),
    shown: Shown,
) -> PersonPage {
    let (caller, now) = (permit.caller(), permit.now());
    let scope = Organisation(caller.organisation);
    let line = list::line(seen, scope, now);
    let own = seen.at_home(scope);
    let (name, email) = shown.typed.unwrap_or_else(|| (line.name.clone(), line.email.clone()));
    let held = seen.told().iter().map(|told| Held {
        words: told.words(),
        role: told.grant.role.0,
        scope: roles::scope_word(told.grant.scope),
        is_own: told.grant.group.is_none(),
    });
    PersonPage {
        shell: HouseShell::new(line.name.clone(), Entry::People, caller, now),
        notice: shown.notice,
        errors: shown.errors,
        name,
        email,
        joined_at: match seen {
            Seen::Member(member, _) => Some(member.joined_at),
            Seen::Invited(..) => None,
        },
        second_factor: own.map(|member| member.kinds.has_factor()),
        held: held.collect(),
        roles,
        scopes,
        may: May {
            change: permit.may(Action::ChangePeople),
            unlock: permit.may(Action::UnlockPeople),
            sign_out: permit.may(Action::SignOutPeople),
            reset: permit.may(Action::ResetFactors),
            erase: permit.may(Action::ErasePeople),
            invite: permit.may(Action::InvitePeople),
        },
        is_home: own.is_some(),
        is_self: line.id == caller.person.0,
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        line,
    }
}

/// Name and address.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccountForm {
    name: String,
    email: String,
}

/// POST `/app/people/{id}/change`.
pub(crate) async fn change(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Result<Path<String>, Failure>,
    form: Form<AccountForm>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, Ok(Query(About::default()))).await?;
    let form = form.open_for(&state.house, &ask).await?;
    let typed = Some((form.name.clone(), form.email.clone()));
    let name = organisations::check_name("name", &form.name, Reason::NameInvalid);
    let change = match (name, people::canonical_email(&form.email)) {
        (Ok(name), Ok(email)) => Change {
            name: Some(name),
            email: Some(email),
            ..Change::default()
        },
        (name, email) => {
            let errors: Vec<FieldError> = [name.err(), email.err()].into_iter().flatten().collect();
            let shown = Shown {
                errors: Errors::from(errors),
                typed,
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                notice: None,
            };
            return person(&state, &ask, id, shown).await;
        }
    };
    let ground = &state.house.ground;
    let draw = notices::Draw::new(ground.now(), &ground.chance);
    let (_, done) = state
        .settle(&ask, move |tx, acting| {
            change::change(tx, acting, PersonId(id), &change, &draw)
        })
        .await?;
    match done {
        Ok(()) => Ok(see_other(&format!("/app/people/{id}?done=saved"))),
        Err(Stop::Absent) => Err(ask.not_found()),
        Err(stop) => {
            let shown = Shown {
                typed,
                ..Shown::refused(&stop)
            };
            person(&state, &ask, id, shown).await
        }
    }
}

/// A role that is given or taken away.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RoleForm {
    role: String,
    scope: String,
    turn: String,
}

/// POST `/app/people/{id}/roles`.
pub(crate) async fn turn_role(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Result<Path<String>, Failure>,
    form: Form<RoleForm>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, Ok(Query(About::default()))).await?;
    let form = form.open_for(&state.house, &ask).await?;
    let chosen = form::chosen(&form.role, &form.scope)
        .and_then(|chosen| chosen.ok_or_else(|| FieldError::new("role", Reason::RoleUnknown)));
    let wanted = match chosen {
        Ok(wanted) => wanted,
        Err(error) => {
            let shown = Shown {
                errors: Errors::from(vec![error]),
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                ..Shown::default()
            };
            return person(&state, &ask, id, shown).await;
        }
    };
    let is_given = form.turn != "take";
    let (permit, done) = state
        .settle(&ask, move |tx, acting| {
            change::turn_role(tx, acting, PersonId(id), wanted, is_given)
        })
        .await?;
    match done {
        Ok(()) => Ok(see_other(&format!("/app/people/{id}?done=roles"))),
        Err(Stop::Absent) => Err(ask.not_found()),
        Err(stop) => {
            let (status, reason) = stop.told();
            if status == StatusCode::FORBIDDEN {
                drop(state.house.forbid(&ask, &permit, reason, reason.admin()).await);
            }
            person(&state, &ask, id, Shown::refused(&stop)).await
        }
    }
}
