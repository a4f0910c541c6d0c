//! The list of people and the form that invites, as pages.
use super::{Members, malformed};
use crate::{
    change::Stop,
    export,
    form::{self, Listing},
    invite::{self, Draw},
    page::{Choice, Filters, InvitePage, Line, PeoplePage},
    seen::{self, Part, Seen},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{self, View},
    failure::encode,
    form::{Form, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, Freshness, Language, Organisation, Time, act};
use roles::{Role, Told};
use serde::Deserialize;

/// Somebody as a line of the list shows them.
pub(super) fn line(seen: &Seen, organisation: Organisation, now: Time) -> Line {
    let own = seen.at_home(organisation);
    let from = match seen {
        Seen::Member(member, _) if own.is_none() => Some(member.home_name.clone()),
        _ => None,
    };
    let roles: Vec<String> = seen.told().iter().map(Told::words).collect();
    Line {
        id: seen.place().id,
        name: seen.name().to_owned(),
        email: seen.email().to_owned(),
        state: seen.state(),
        roles: roles.join(" · "),
        from,
        last_sign_in_at: own.and_then(|member| member.last_sign_in_at),
        ends_at: seen.ends_at(),
        is_over: seen.ends_at().is_some_and(|ends_at| ends_at <= now),
    }
}

/// What was just done, by the word in the address; anything else says nothing.
fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "invited" => "The invitation is on its way.",
        "withdrawn" => "The invitation is withdrawn. Its link works no more.",
        "removed" => "They are removed, and every session has ended.",
        "left" => "Their access has ended.",
        "erased" => "They are erased. The log keeps what happened, and not to whom.",
        "done" => "Done, for everybody whom you had ticked.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// GET `/app/people`.
pub(crate) async fn show(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let Query(asked) = state.part(&ask, asked).await?;
    let notice = told(asked.done.as_deref());
    people(&state, &ask, asked, notice, StatusCode::OK).await
}

/// The list, with what is to be told above it.
pub(super) async fn people<A: Act>(
    state: &Members,
    ask: &Ask<A>,
    asked: Listing,
    notice: Option<Notice>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let (Some(filter), Some(limit)) = (asked.filter(), asked.limit()) else {
        state.house.admit(ask).await?;
        return Err(malformed(ask));
    };
    let (ground, held, query) = (state.house.ground.clone(), filter.clone(), asked.clone());
    let (permit, found) = state
        .house
        .read(ask, move |view, permit| {
            let scope = Organisation(permit.caller().organisation);
            let Some(after) = query.place(&ground, scope.0, &held) else {
                return Ok(None);
            };
            let roles = roles::list(view, scope)?;
            Ok(Some((seen::part(view, scope, &held, &after, limit)?, roles)))
        })
        .await?;
    let Some((part, roles)) = found else {
        return Err(malformed(ask));
    };
    let organisation = permit.caller().organisation;
    let next = part.next.as_ref();
    let next = next.map(|next| form::seal(&state.house.ground, organisation, &filter, next));
    let mut page = page(&permit, &asked, &part, roles, notice);
    page.next = next.map(|cursor| address("/app/people", &asked, Some(&cursor)));
    Ok(html(status, page))
}

fn page<A: Act>(
    permit: &Permit<A>,
    asked: &Listing,
    part: &Part,
    roles: Vec<Role>,
    notice: Option<Notice>,
) -> PeoplePage {
    let typed = |field: &Option<String>| field.clone().unwrap_or_default();
    let (caller, now) = (permit.caller(), permit.now());
    let scope = Organisation(caller.organisation);
    let choice = |role: Role| (role.id.to_string(), role.name);
    PeoplePage {
        shell: HouseShell::new("People", Entry::People, caller, now),
        notice,
        filters: Filters {
            q: typed(&asked.q),
            state: typed(&asked.state),
            role: typed(&asked.role),
        },
        roles: roles.into_iter().map(choice).collect(),
        lines: part.people.iter().map(|seen| line(seen, scope, now)).collect(),
        next: None,
        first: asked.cursor.is_some().then(|| address("/app/people", asked, None)),
        file: address("/app/people/export", asked, None),
        may_invite: permit.may(Action::InvitePeople),
        may_change: permit.may(Action::ChangePeople),
    }
}

/// A page with the same filters, from this place on.
fn address(path: &str, asked: &Listing, cursor: Option<&str>) -> String {
    let filters = [("q", &asked.q), ("state", &asked.state), ("role", &asked.role)];
    let set = filters
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .filter(|(_, value)| !value.is_empty());
    let all = set.chain(cursor.map(|cursor| ("cursor", cursor)));
    let query = all
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect::<Vec<_>>()
        .join("&");
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// GET `/app/people/export`.
pub(crate) async fn export(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let Query(asked) = state.part(&ask, asked).await?;
    let permit = state.house.admit(&ask).await?;
    let filter = asked.filter().ok_or_else(|| malformed(&ask))?;
    Ok(export::answer(
        &state.house.ground,
        Organisation(permit.caller().organisation),
        filter,
    ))
}

/// What the form that invites sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InviteForm {
    name: String,
    email: String,
    role: String,
    scope: String,
    language: String,
}

/// Roles that the caller may give, and how far they can go.
pub(super) fn choices<A: Act>(view: &mut View, permit: &Permit<A>) -> db::Result<(Vec<Choice>, Vec<Choice>)> {
    let scope = Organisation(permit.caller().organisation);
    let held = &permit.caller().roles;
    let scopes = roles::choices(view, scope)?;
    let reach: Vec<_> = scopes.iter().filter_map(|(word, _)| roles::read_scope(word)).collect();
    let may_give = |role: &Role| reach.iter().any(|scope| roles::may_give(held, role, *scope));
    let offered = roles::list(view, scope)?.into_iter().filter(may_give);
    Ok((offered.map(|role| (role.id.to_string(), role.name)).collect(), scopes))
}

async fn invite_page(
    state: &Members,
    ask: &Ask<act::InvitePeople>,
    form: InviteForm,
    errors: Errors,
    notice: Option<Notice>,
) -> Result<InvitePage, Failure> {
    let (permit, (roles, scopes)) = state.house.read(ask, choices).await?;
    let (caller, now) = (permit.caller(), permit.now());
    let language = if form.language.is_empty() {
        caller.language.tag().to_owned()
    } else {
        form.language
    };
    Ok(InvitePage {
        shell: HouseShell::new("Invite somebody", Entry::People, caller, now),
        notice,
        errors,
        name: form.name,
        email: form.email,
        role: form.role,
        scope: form.scope,
        language,
        roles,
        scopes,
        languages: Language::ALL
            .iter()
            .map(|language| (language.tag().to_owned(), language.own_name().to_owned()))
            .collect(),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
    })
}

/// GET `/app/people/invite`.
pub(crate) async fn invite(State(state): State<Members>, ask: Ask<act::InvitePeople>) -> Result<Response, Failure> {
    let page = invite_page(&state, &ask, InviteForm::default(), Errors::none(), None).await?;
    Ok(html(StatusCode::OK, page))
}

/// POST `/app/people/invite`.
pub(crate) async fn send(
    State(state): State<Members>,
    ask: Ask<act::InvitePeople>,
    form: Form<InviteForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let language = Some(form.language.as_str()).filter(|tag| !tag.is_empty());
    let roles = form::chosen(&form.role, &form.scope).map(|chosen| chosen.into_iter().collect());
    let asked = match form::invited((&form.name, &form.email, language), roles) {
        Ok(asked) => asked,
        Err(errors) => {
            let page = invite_page(&state, &ask, form, Errors::from(errors), None).await?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
    };
    let ground = &state.house.ground;
    let draw = Draw::new(ground.now(), &ground.chance);
    let (permit, done) = state
        .settle(&ask, move |tx, acting| invite::invite(tx, acting, &asked, &draw))
        .await?;
    let stop = match done {
        Ok(_) => return Ok(see_other("/app/people?done=invited")),
        Err(Stop::Absent) => return Err(ask.not_found()),
        Err(stop) => stop,
    };
    let (status, reason) = stop.told();
    if status == StatusCode::FORBIDDEN {
        // The log keeps who asked for more than they may give; the page tells it where it was asked.
        drop(state.house.forbid(&ask, &permit, reason, reason.admin()).await);
    }
    let page = invite_page(&state, &ask, form, Errors::none(), Some(Notice::refused(reason))).await?;
    Ok(html(status, page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filters_and_nothing_that_is_empty() {
        let asked = Listing {
            q: Some("ana & co".into()),
            state: Some(String::new()),
            ..Listing::default()
        };
        assert_eq!(
            address("/app/people", &asked, Some("abc")),
            "/app/people?q=ana+%26+co&cursor=abc"
        );
        assert_eq!(address("/app/people", &Listing::default(), None), "/app/people");
    }
}
