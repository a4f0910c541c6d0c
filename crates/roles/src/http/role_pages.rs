//! `/app/roles/new` and `/app/roles/{id}`: one role, to read, to make, to change, to remove.
use super::{Desk, api::role_id, field, settle};
use crate::{
    editing::Draft,
    giving::Settled,
    page::RolePage,
    store::{self, Role, lists},
    told::status,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    form::{Form, Path, is_ticked},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, Freshness, Organisation, Permissions, Reason, RoleId, act};

/// Holders that the page shows.
const SHOWN: u32 = 50;

/// A form as it came: each field with its value.
type Fields = Vec<(String, String)>;

/// What was typed. None: a field that the form does not have, or one twice.
fn typed(fields: &Fields) -> Option<Draft> {
    let (mut name, mut description, mut permissions) = (None, None, Permissions::NONE);
    for (field, value) in fields {
        let slot = match field.as_str() {
            "name" => &mut name,
            "description" => &mut description,
            permission => {
                let action = crate::why::grantable().find(|action| action.name() == permission)?;
                if is_ticked(Some(value)) {
                    permissions = permissions.with(action);
                }
                continue;
            }
        };
        if slot.replace(value.clone()).is_some() {
            return None;
        }
    }
    Some(Draft {
        name: name?,
        description: description.unwrap_or_default(),
        permissions,
    })
}

fn page<A: Act>(permit: &Permit<A>, id: Option<RoleId>, draft: &Draft) -> RolePage {
    let (caller, now) = (permit.caller(), permit.now());
    let title = if id.is_some() { draft.name.as_str() } else { "New role" };
    RolePage {
        shell: HouseShell::new(title, Entry::Roles, caller, now),
        notice: None,
        errors: Errors::none(),
        id,
        name: draft.name.clone(),
        description: draft.description.clone(),
        is_built_in: false,
        may_change: permit.may(Action::ChangeRoles),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        permissions: RolePage::lines(draft.permissions, &caller.roles),
        holders: Vec::new(),
        has_more: false,
    }
}

fn draft_of(role: &Role) -> Draft {
    Draft {
        name: role.name.clone(),
        description: role.description.clone(),
        permissions: role.permissions,
    }
}

/// GET `/app/roles/new`.
pub(super) async fn new(State(desk): State<Desk>, ask: Ask<act::ChangeRoles>) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let empty = Draft {
        name: String::new(),
        description: String::new(),
        permissions: Permissions::NONE,
    };
    Ok(html(StatusCode::OK, page(&permit, None, &empty)))
}

/// The page of a role that is there. None: it is not.
async fn existing<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    id: RoleId,
    typed: Option<&Draft>,
) -> Result<(Permit<A>, RolePage), Failure> {
    let (permit, found) = desk
        .house
        .read(ask, move |view, permit| {
            let of = Organisation(permit.caller().organisation);
            let holders = lists::of_role(view, of, id, SHOWN + 1)?;
            Ok(store::find(view, of, id)?.map(|role| (role, holders)))
        })
        .await?;
    let (role, mut holders) = found.ok_or_else(|| ask.not_found())?;
    let own = draft_of(&role);
    let mut page = page(&permit, Some(id), typed.unwrap_or(&own));
    page.shell.title.clone_from(&role.name);
    page.is_built_in = role.is_built_in;
    page.has_more = holders.len() > SHOWN as usize;
    holders.truncate(SHOWN as usize);
    page.holders = holders.into_iter().map(|who| (who.name, who.email)).collect();
    Ok((permit, page))
}

/// GET `/app/roles/{id}`.
pub(super) async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    desk.house.admit(&ask).await?;
    let id = role_id(&ask, id)?;
    let (_, page) = existing(&desk, &ask, id, None).await?;
    Ok(html(StatusCode::OK, page))
}

/// The page again with a refusal: at its field, or above.
fn refused(mut page: RolePage, reason: Reason) -> Response {
    match field(reason).filter(|field| ["name", "description", "permissions"].contains(field)) {
        Some(field) => page.errors.push(field, reason),
        None => page.notice = Some(Notice::refused(reason)),
    }
    let code = StatusCode::from_u16(status(reason)).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    // A form that is refused is shown again with 422, whatever the API would say.
    let code = if code == StatusCode::FORBIDDEN {
        code
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    html(code, page)
}

async fn told<A: Act>(desk: &Desk, ask: &Ask<A>, permit: &Permit<A>, reason: Reason) {
    if status(reason) == 403 {
        // Only for what is told; the answer is the form with its error.
        drop(desk.house.forbid(ask, permit, reason, reason.admin()).await);
    }
}

/// What was typed, in order; or what it is and which field is wrong.
fn checked<A: Act>(ask: &Ask<A>, fields: &Fields) -> Result<(Draft, Settled<Draft>), Failure> {
    let draft = typed(fields).ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    let checked = draft.clone().checked().map_err(|(_, reason)| reason);
    Ok((draft, checked))
}

/// POST `/app/roles/new`.
pub(super) async fn make(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    form: Form<Fields>,
) -> Result<Response, Failure> {
    let fields = form.open_for(&desk.house, &ask).await?;
    let permit = desk.house.admit(&ask).await?;
    let (typed, draft) = checked(&ask, &fields)?;
    let draft = match draft {
        Ok(draft) => draft,
        Err(reason) => return Ok(refused(page(&permit, None, &typed), reason)),
    };
    let (id, held) = (RoleId::new(permit.now(), &desk.house.ground.chance), desk.clone());
    let (permit, made) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            settle::make_role(tx, permit, &held, id, &draft)
        })
        .await?;
    match made {
        Ok(_) => Ok(see_other("/app/roles?done=made")),
        Err(reason) => {
            told(&desk, &ask, &permit, reason).await;
            Ok(refused(page(&permit, None, &typed), reason))
        }
    }
}

/// POST `/app/roles/{id}`.
pub(super) async fn change(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    form: Form<Fields>,
) -> Result<Response, Failure> {
    let fields = form.open_for(&desk.house, &ask).await?;
    desk.house.admit(&ask).await?;
    let id = role_id(&ask, id)?;
    let (typed, draft) = checked(&ask, &fields)?;
    let draft = match draft {
        Ok(draft) => draft,
        Err(reason) => return Ok(refused(existing(&desk, &ask, id, Some(&typed)).await?.1, reason)),
    };
    let held = desk.clone();
    let (permit, changed) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            settle::change_role(tx, permit, &held, id, &draft)
        })
        .await?;
    match changed {
        Ok(_) => Ok(see_other(&format!("/app/roles/{id}"))),
        Err(Reason::RequestNotFound) => Err(ask.not_found()),
        Err(reason) => {
            told(&desk, &ask, &permit, reason).await;
            Ok(refused(existing(&desk, &ask, id, Some(&typed)).await?.1, reason))
        }
    }
}

/// POST `/app/roles/{id}/remove`.
pub(super) async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    desk.house.admit(&ask).await?;
    let (id, held) = (role_id(&ask, id)?, desk.clone());
    let (permit, removed) = desk
        .house
        .write(&ask, None, move |tx, permit| settle::remove_role(tx, permit, &held, id))
        .await?;
    match removed {
        Ok(()) => Ok(see_other("/app/roles?done=removed")),
        Err(Reason::RequestNotFound) => Err(ask.not_found()),
        Err(reason) => {
            told(&desk, &ask, &permit, reason).await;
            Ok(refused(existing(&desk, &ask, id, None).await?.1, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Option<Draft> {
        let fields = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        typed(&fields.collect())
    }

    #[test]
    fn a_form_names_its_permissions_by_ticks_and_nothing_else() {
        let draft = read(&[
            ("name", "Night desk"),
            ("description", ""),
            ("agents.see", "on"),
            ("agents.pair", ""),
        ])
        .unwrap();
        assert_eq!(draft.permissions, Permissions::NONE.with(Action::SeeAgents));
        for wrong in [
            &[("description", "x")][..],
            &[("name", "x"), ("name", "y")],
            &[("name", "x"), ("agents.fly", "on")],
            &[("name", "x"), ("own.see", "on")],
            &[("name", "x"), ("is_built_in", "true")],
        ] {
            assert!(read(wrong).is_none(), "{wrong:?}");
        }
    }
}
