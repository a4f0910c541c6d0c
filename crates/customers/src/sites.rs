//! "Sites": the places of an organisation, under Settings; and what is done to them, for the page and the API.
//! Must never happen: an organisation without a site; a role that is limited to a site that is gone.
use crate::{
    Desk, api,
    change::{Undo, event, wholly},
    decide::{MOST_SITES, status},
    http::Came,
    make::lock,
    page::SitesPage,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Ground, Permit,
    db::Tx,
    form::{Form, Path, Query},
    journal,
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, EventKind, FieldError, On, Organisation, Reason, Scope, SiteId, act};
use organisations::{Named, check_name};
use serde::Deserialize;

/// What is done to a site.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// A new one, with this id.
    Add(SiteId, String),
    /// Another name.
    Rename(SiteId, String),
    /// It goes.
    Remove(SiteId),
}

/// Does it, in the caller's organisation and under its lock.
pub(crate) async fn settle(
    desk: &Desk,
    ask: &Ask<act::ChangeSites>,
    wish: Wish,
) -> Result<Result<Named<SiteId>, Undo>, Failure> {
    let ground = desk.house.ground.clone();
    let (_, done) = desk
        .house
        .write(ask, None, move |tx, permit| {
            wholly(tx, |tx| change(tx, &ground, permit, &wish))
        })
        .await?;
    Ok(done)
}

fn change(tx: &mut Tx, ground: &Ground, permit: &Permit<act::ChangeSites>, wish: &Wish) -> Result<Named<SiteId>, Undo> {
    let organisation = Organisation(permit.caller().organisation);
    tx.lock(lock(organisation.0))?;
    let (id, name, kind) = match wish {
        Wish::Add(id, name) => {
            check_free(tx, organisation, None, name)?;
            let sites = organisations::sites(tx, organisation, MOST_SITES)?;
            if i64::try_from(sites.len()).is_ok_and(|length| length >= MOST_SITES) {
                return Err(Undo::Refused(Reason::SitesTooMany));
            }
            organisations::add_site(tx, organisation, *id, name, permit.now())?;
            (*id, name.clone(), EventKind::SiteMade)
        }
        Wish::Rename(id, name) => {
            check_free(tx, organisation, Some(*id), name)?;
            if !organisations::rename_site(tx, organisation, *id, name)? {
                return Err(Undo::Absent);
            }
            (*id, name.clone(), EventKind::SiteRenamed)
        }
        Wish::Remove(id) => {
            let name = organisations::site_name(tx, organisation, *id)?.ok_or(Undo::Absent)?;
            if agents::site_is_used(tx, organisation, *id, permit.now())? {
                return Err(Undo::Refused(Reason::SiteHasAgents));
            }
            if !organisations::remove_site(tx, organisation, *id)? {
                return Err(Undo::Refused(Reason::SiteLast));
            }
            roles::drop_scope(tx, organisation, Scope::Site(*id))?;
            (*id, name, EventKind::SiteRemoved)
        }
    };
    journal::append(tx, &event(permit, ground, organisation.0, kind, &name))?;
    Ok(Named { id, name })
}

fn check_free(tx: &mut Tx, organisation: Organisation, own: Option<SiteId>, name: &str) -> Result<(), Undo> {
    match organisations::site_named(tx, organisation, name)? {
        Some(other) if Some(other) != own => Err(Undo::Refused(Reason::SiteNameTaken)),
        _ => Ok(()),
    }
}

/// GET `/app/settings/sites`.
pub(crate) async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let done = came.ok().and_then(|Query(came)| came.done);
    let words = match done.as_deref() {
        Some("added") => Some("The site is added."),
        Some("name") => Some("The name is saved."),
        Some("removed") => Some("The site is removed."),
        _ => None,
    };
    let page = page(&desk, &ask, words.map(Notice::done), String::new(), Errors::none()).await?;
    Ok(html(StatusCode::OK, page))
}

async fn page<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    notice: Option<Notice>,
    name: String,
    errors: Errors,
) -> Result<SitesPage, Failure> {
    let (permit, sites) = desk
        .house
        .read(ask, |view, permit| {
            organisations::sites(view, Organisation(permit.caller().organisation), MOST_SITES)
        })
        .await?;
    Ok(SitesPage {
        shell: HouseShell::new("Sites", Entry::Settings, permit.caller(), permit.now()),
        notice,
        errors,
        may_change: permit.may_on(Action::ChangeSites, On::Organisation),
        sites,
        name,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameForm {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// The page again, or on after what was done.
async fn answer(
    desk: &Desk,
    ask: &Ask<act::ChangeSites>,
    (wish, typed): (Result<Wish, FieldError>, String),
    done: &str,
) -> Result<Response, Failure> {
    let reason = match wish {
        Err(error) => {
            let page = page(desk, ask, None, typed, Errors::from(vec![error])).await?;
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
        Ok(wish) => match settle(desk, ask, wish).await? {
            Ok(_) => return Ok(see_other(&format!("/app/settings/sites?done={done}"))),
            Err(Undo::Refused(reason)) => reason,
            Err(undo) => return Err(api::failure(ask, undo)),
        },
    };
    let mut errors = Errors::none();
    errors.push("name", reason);
    let status = StatusCode::from_u16(status(reason)).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(html(status, page(desk, ask, None, typed, errors).await?))
}

/// POST `/app/settings/sites`.
pub(crate) async fn add(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let ground = &desk.house.ground;
    let id = SiteId::new(ground.now(), &ground.chance);
    let name = check_name("name", &form.name, Reason::SiteNameInvalid);
    answer(&desk, &ask, (name.map(|name| Wish::Add(id, name)), form.name), "added").await
}

/// POST `/app/settings/sites/{id}/name`.
pub(crate) async fn rename(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    Path(id): Path<String>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let id: SiteId = id.parse().map_err(|_| ask.not_found())?;
    let name = check_name("name", &form.name, Reason::SiteNameInvalid);
    answer(
        &desk,
        &ask,
        (name.map(|name| Wish::Rename(id, name)), String::new()),
        "name",
    )
    .await
}

/// POST `/app/settings/sites/{id}/remove`.
pub(crate) async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open_for(&desk.house, &ask).await?;
    let id: SiteId = id.parse().map_err(|_| ask.not_found())?;
    answer(&desk, &ask, (Ok(Wish::Remove(id)), String::new()), "removed").await
}
