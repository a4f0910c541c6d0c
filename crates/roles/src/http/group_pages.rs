//! `/app/roles/groups`: one group, its people and its roles.
use super::{Desk, group_api, settle, show};
use crate::{
    Wanted,
    decide::check_name,
    editing::{self, GroupDraft},
    giving::Settled,
    page::{GroupPage, HeldLine, MemberLine, Why},
    sent::read_scope,
    store,
    told::status,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{Result as Stored, Tx},
    form::{Form, Path},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, Freshness, GroupId, Organisation, PersonId, Reason, RoleId, Scope, act};
use serde::Deserialize;

/// What the form of a new group sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NewForm {
    name: String,
}

/// What the forms of a group send: what is to be done, and with what.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GroupForm {
    what: String,
    name: String,
    person: String,
    role: String,
    scope: String,
}

/// POST `/app/roles/groups`.
pub(super) async fn make(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    form: Form<NewForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let permit = desk.house.admit(&ask).await?;
    let (id, held) = (GroupId::new(permit.now(), &desk.house.ground.chance), desk.clone());
    let (permit, made) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            let name = match check_name(&form.name) {
                Ok(name) => name,
                Err(reason) => return Ok(Err(reason)),
            };
            let draft = GroupDraft {
                name,
                ..GroupDraft::default()
            };
            settle::set_group(tx, permit, &held, (id, true), &draft)
        })
        .await?;
    let Err(reason) = made else {
        return Ok(see_other(&format!("/app/roles/groups/{id}")));
    };
    let of = Organisation(permit.caller().organisation);
    let (permit, shown) = desk.house.read(&ask, move |view, _| show::shown(view, of)).await?;
    let mut errors = Errors::none();
    errors.push("name", reason);
    Ok(html(
        StatusCode::UNPROCESSABLE_ENTITY,
        show::page(&permit, shown, Why::default(), errors),
    ))
}

/// The page of a group that is there.
async fn existing<A: Act>(desk: &Desk, ask: &Ask<A>, id: GroupId) -> Result<GroupPage, Failure> {
    let (permit, found) = desk
        .house
        .read(ask, move |view, permit| {
            let of = Organisation(permit.caller().organisation);
            let Some(group) = group_api::whole(view, of, id)? else {
                return Ok(None);
            };
            Ok(Some((group, store::list(view, of)?, crate::choices(view, of)?)))
        })
        .await?;
    let ((name, people, held), roles, scopes) = found.ok_or_else(|| ask.not_found())?;
    let (caller, now) = (permit.caller(), permit.now());
    let mine = roles
        .iter()
        .filter(|role| crate::may_give(&caller.roles, role, Scope::Everything));
    let people = people.into_iter().map(|who| MemberLine {
        id: who.id,
        name: who.name,
        email: who.email,
    });
    Ok(GroupPage {
        shell: HouseShell::new(name.clone(), Entry::Roles, caller, now),
        notice: None,
        errors: Errors::none(),
        id,
        name,
        person: String::new(),
        may_change: permit.may(Action::ChangeRoles),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        people: people.collect(),
        held: held.iter().map(HeldLine::from).collect(),
        offered: mine.map(|role| (role.id, role.name.clone())).collect(),
        // A group holds nothing for a customer.
        scopes: scopes
            .into_iter()
            .filter(|(word, _)| !word.starts_with("customer:"))
            .collect(),
    })
}

/// GET `/app/roles/groups/{id}`.
pub(super) async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    desk.house.admit(&ask).await?;
    let id = group_api::group_id(&ask, id)?;
    Ok(html(StatusCode::OK, existing(&desk, &ask, id).await?))
}

/// What the group is to be after this form. None: the form is not ours.
fn turn(tx: &mut Tx, of: Organisation, form: &GroupForm, mut draft: GroupDraft) -> Stored<Option<Settled<GroupDraft>>> {
    let wanted = || -> Option<Wanted> {
        let role: RoleId = form.role.parse().ok()?;
        let scope = read_scope(&form.scope)?;
        Some(Wanted { role, scope })
    };
    match form.what.as_str() {
        "rename" => match check_name(&form.name) {
            Ok(name) => draft.name = name,
            Err(reason) => return Ok(Some(Err(reason))),
        },
        "in" => match show::member(tx, of, &form.person)? {
            Ok(person) => {
                draft.people.insert(person);
            }
            Err(reason) => return Ok(Some(Err(reason))),
        },
        "out" => {
            let Ok(person) = form.person.parse::<PersonId>() else {
                return Ok(None);
            };
            draft.people.remove(&person);
        }
        "give" => match wanted() {
            Some(wanted) => {
                draft.roles.insert(wanted);
            }
            None => return Ok(None),
        },
        "take" => match wanted() {
            Some(wanted) => {
                draft.roles.remove(&wanted);
            }
            None => return Ok(None),
        },
        _ => return Ok(None),
    }
    Ok(Some(Ok(draft)))
}

/// What came of a form.
enum Came {
    Done,
    Removed,
    Malformed,
}

/// One change of a group.
fn apply<A: Act>(tx: &mut Tx, permit: &Permit<A>, desk: &Desk, id: GroupId, form: &GroupForm) -> Stored<Settled<Came>> {
    let of = Organisation(permit.caller().organisation);
    if form.what == "remove" {
        return Ok(settle::remove_group(tx, permit, desk, id)?.map(|()| Came::Removed));
    }
    // INVARIANT: what the group is now is read under the lock under which it is changed.
    tx.lock(crate::giving::lock(of.0))?;
    let Some(draft) = editing::draft_of(tx, of, id)? else {
        return Ok(Err(Reason::RequestNotFound));
    };
    let draft = match turn(tx, of, form, draft)? {
        None => return Ok(Ok(Came::Malformed)),
        Some(Err(reason)) => return Ok(Err(reason)),
        Some(Ok(draft)) => draft,
    };
    Ok(settle::set_group(tx, permit, desk, (id, false), &draft)?.map(|()| Came::Done))
}

/// POST `/app/roles/groups/{id}`.
pub(super) async fn change(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    form: Form<GroupForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    desk.house.admit(&ask).await?;
    let (id, held, sent) = (group_api::group_id(&ask, id)?, desk.clone(), form.clone());
    let (permit, came) = desk
        .house
        .write(&ask, None, move |tx, permit| apply(tx, permit, &held, id, &sent))
        .await?;
    match came {
        Ok(Came::Done) => Ok(see_other(&format!("/app/roles/groups/{id}"))),
        Ok(Came::Removed) => Ok(see_other("/app/roles?done=group-removed")),
        Ok(Came::Malformed) => Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)),
        Err(Reason::RequestNotFound) => Err(ask.not_found()),
        Err(reason) => refused(&desk, &ask, &permit, (id, form), reason).await,
    }
}

/// The page again with a refusal: at its field, or above.
async fn refused(
    desk: &Desk,
    ask: &Ask<act::ChangeRoles>,
    permit: &Permit<act::ChangeRoles>,
    (id, form): (GroupId, GroupForm),
    reason: Reason,
) -> Result<Response, Failure> {
    let mut code = StatusCode::UNPROCESSABLE_ENTITY;
    if status(reason) == 403 {
        code = StatusCode::FORBIDDEN;
        drop(desk.house.forbid(ask, permit, reason, reason.admin()).await);
    }
    let mut page = existing(desk, ask, id).await?;
    match (form.what.as_str(), reason) {
        (_, Reason::GrantBeyondYou | Reason::RolesTooMany) => page.notice = Some(Notice::refused(reason)),
        ("rename", _) => {
            page.errors.push("name", reason);
            page.name = form.name;
        }
        ("in", _) => {
            page.errors.push("person", reason);
            page.person = form.person;
        }
        ("give", _) => page.errors.push("role", reason),
        _ => page.notice = Some(Notice::refused(reason)),
    }
    Ok(html(code, page))
}
