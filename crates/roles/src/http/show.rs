//! GET `/app/roles`: the table of permissions, own roles, groups, and "Why?".
use super::{
    Desk,
    decisions::{able, answer, on_word, thing},
};
use crate::{
    page::{GroupLine, RolesPage, Why},
    store::{self, Role, groups},
    told::Told,
    why::and,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{Result as Stored, View},
    form::Query,
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Act, Action, Deployment, GroupId, Organisation, PersonId, Reason, act};
use serde::Deserialize;

/// People that "who can?" shows on the page; the API lists all.
const SHOWN: u32 = 50;

/// What the page is asked.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Question {
    can: Option<String>,
    #[serde(rename = "do")]
    action: Option<String>,
    on: Option<String>,
    who: Option<String>,
    done: Option<String>,
}

/// All that the page shows beside the answer.
pub(super) struct Shown {
    roles: Vec<Role>,
    groups: Vec<groups::Group>,
    held: Vec<(GroupId, Told)>,
    things: Vec<(String, String)>,
}

pub(super) fn shown(view: &mut View, of: Organisation) -> Stored<Shown> {
    Ok(Shown {
        roles: store::list(view, of)?,
        groups: groups::list(view, of)?,
        held: groups::grants(view, of, None)?,
        things: crate::choices(view, of)?,
    })
}

/// The member that is meant: by their address, their id, or a part of their name that nobody else has.
pub(super) fn member(view: &mut View, of: Organisation, typed: &str) -> Stored<Result<PersonId, Reason>> {
    let typed = typed.trim();
    let named = match typed.parse::<PersonId>() {
        Ok(id) => Some(id),
        Err(_) => match people::canonical_email(typed) {
            Ok(email) => people::by_email(view, Deployment, &email.canonical)?.map(|person| person.id),
            Err(_) => None,
        },
    };
    if let Some(id) = named {
        let is_member = people::standing(view, of, id)?.is_some_and(|person| person.is_member);
        return Ok(if is_member {
            Ok(id)
        } else {
            Err(Reason::PersonNotMember)
        });
    }
    if typed.is_empty() {
        return Ok(Err(Reason::PersonNotMember));
    }
    let found = people::find_members(view, of, typed, 6)?;
    if let [only] = found.as_slice() {
        return Ok(Ok(*only));
    }
    let names = people::names(view, Deployment, &found)?;
    let mut exact = names
        .iter()
        .filter(|(_, name)| name.to_lowercase() == typed.to_lowercase());
    Ok(match (exact.next(), exact.next()) {
        (Some((id, _)), None) => Ok(*id),
        _ if found.is_empty() => Err(Reason::PersonNotMember),
        _ => Err(Reason::PersonUnclear),
    })
}

/// Answers what was asked.
fn ask_why(view: &mut View, of: Organisation, asked: &Question) -> Stored<Why> {
    let typed = |field: &Option<String>| field.clone().unwrap_or_default();
    let mut why = Why {
        can: typed(&asked.can),
        action: typed(&asked.action),
        on: typed(&asked.on),
        ..Why::default()
    };
    let Some(action) = Action::from_name(&why.action) else {
        return Ok(why);
    };
    let Some(on) = thing(view, of, on_word(&why.on).as_ref())? else {
        why.errors.push("on", Reason::ScopeUnknown);
        return Ok(why);
    };
    if asked.who.is_some() {
        let mut found = able(view, of, (action, on), None, SHOWN + 1)?;
        why.has_more = found.len() > SHOWN as usize;
        found.truncate(SHOWN as usize);
        let line =
            |(who, roles): (store::lists::Who, Vec<String>)| (format!("{}, {}", who.name, who.email), and(&roles));
        why.able = Some(found.into_iter().map(line).collect());
        return Ok(why);
    }
    match member(view, of, &why.can)? {
        Err(reason) => why.errors.push("can", reason),
        Ok(person) => {
            why.answer = answer(view, of, person, (action, on))?.map(|(_, answer)| {
                let texts: Vec<String> = answer.because.into_iter().map(|(_, text)| text).collect();
                (
                    answer.is_allowed,
                    format!("{} Nothing forbids it otherwise.", texts.join(" ")),
                )
            });
        }
    }
    Ok(why)
}

/// What was just done, in words.
fn notice(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "made" => "The role is made. Give it to people on their page.",
        "removed" => "The role is gone.",
        "group-removed" => "The group is gone.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// The page, with the answer and what was refused.
pub(super) fn page<A: Act>(permit: &Permit<A>, shown: Shown, why: Why, errors: Errors) -> RolesPage {
    let (columns, own) = RolesPage::table(&shown.roles);
    let held = shown.held;
    RolesPage {
        shell: HouseShell::new("Roles", Entry::Roles, permit.caller(), permit.now()),
        notice: None,
        errors,
        may_change: permit.may(Action::ChangeRoles),
        columns,
        own,
        groups: shown
            .groups
            .into_iter()
            .map(|group| GroupLine::of(group, &held))
            .collect(),
        why,
        things: shown.things,
    }
}

/// GET `/app/roles`.
pub(super) async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    query: Result<Query<Question>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let of = Organisation(permit.caller().organisation);
    let Query(asked) = query?;
    let question = asked.clone();
    let (permit, (shown, why)) = desk
        .house
        .read(&ask, move |view, _| {
            Ok((shown(view, of)?, ask_why(view, of, &question)?))
        })
        .await?;
    let status = if why.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut page = page(&permit, shown, why, Errors::none());
    page.notice = notice(asked.done.as_deref());
    Ok(html(status, page))
}
