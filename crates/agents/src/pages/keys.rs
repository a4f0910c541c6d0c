//! "Installation keys": the list, the form, one of them with what was refused, and the answer that shows a new one. Must never happen: a key shown twice.
use super::{
    acts::{Nothing, Which},
    list::MOST_SITES,
    named, pairing,
};
use crate::{
    decide::key::Wish,
    http::Agents,
    page::keys::{KeyLine, KeyMadePage, KeyPage, KeyState, KeyTyped, KeysPage, RefusalLine},
    settle::{self, Undo},
    store::{self, Key, Sites},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    cursor::Cursors,
    form::{Form, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{
    Act, Action, Deployment, FieldError, Freshness, InstallationKeyId, On, Organisation, PersonId, Reason, SiteId,
    Span, Time, act,
};
use organisations::Named;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Keys of a page.
const PAGE: u32 = 50;

/// Where the list begins, and what was just done.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Came {
    cursor: Option<String>,
    done: Option<String>,
}

fn told(done: Option<&str>) -> Option<Notice> {
    (done == Some("revoked")).then(|| Notice::done("The key is revoked. No machine is paired with it from now on."))
}

/// A key as people read it.
fn line(key: Key, sites: &[Named<SiteId>], names: &BTreeMap<PersonId, String>, now: Time) -> KeyLine {
    let state = match () {
        () if key.revoked_at.is_some() => KeyState::Revoked,
        () if key.ends_at <= now => KeyState::Ended,
        () if key.used >= key.uses => KeyState::Spent,
        () => KeyState::Good,
    };
    let system = match key.os.as_str() {
        "linux" => "Linux",
        "windows" => "Windows",
        "macos" => "macOS",
        other => other,
    };
    let limits = [key.network.as_str(), system]
        .into_iter()
        .filter(|text| !text.is_empty());
    KeyLine {
        limits: limits.collect::<Vec<_>>().join(", "),
        site: sites
            .iter()
            .find(|site| site.id == key.site)
            .map(|site| site.name.clone())
            .unwrap_or_default(),
        made_by: names
            .get(&key.made_by)
            .cloned()
            .unwrap_or_else(|| "a former person".into()),
        id: key.id,
        hint: key.hint,
        state,
        used: key.used,
        uses: key.uses,
        ends_at: key.ends_at,
        is_preapproved: key.is_preapproved,
        unseen_hours: key.unseen_hours,
        note: key.note,
        made_at: key.made_at,
        revoked_at: key.revoked_at,
    }
}

/// GET `/app/keys`.
pub(super) async fn show(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let page = page(&agents, &ask, &came, KeyTyped::default()).await?;
    Ok(html(StatusCode::OK, page))
}

/// The list with the form.
async fn page<A: Act>(agents: &Agents, ask: &Ask<A>, came: &Came, typed: KeyTyped) -> Result<KeysPage, Failure> {
    let (ground, cursor) = (agents.house.ground.clone(), came.cursor.clone());
    let (permit, found) = agents
        .house
        .read(ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let cursors = Cursors {
                keys: &ground.keys,
                list: "installation-keys-page",
                organisation: organisation.0,
                filter: "",
            };
            let place = match cursor.as_deref().map(|text| cursors.open::<store::KeyPlace>(text)) {
                None => None,
                Some(Some(place)) => Some(place),
                Some(None) => return Ok(None),
            };
            let sites = Sites::of(permit.caller(), Action::MakeKeys);
            let mut keys = store::keys(view, organisation, &sites, place.as_ref(), PAGE + 1)?;
            let is_more = keys.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
            keys.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
            let next = keys
                .last()
                .filter(|_| is_more)
                .map(|last| cursors.seal(&store::KeyPlace::of(last)));
            let people: Vec<PersonId> = keys.iter().map(|key| key.made_by).collect();
            let names: BTreeMap<PersonId, String> = people::names(view, Deployment, &people)?.into_iter().collect();
            Ok(Some((
                keys,
                next,
                names,
                organisations::sites(view, organisation, MOST_SITES)?,
            )))
        })
        .await?;
    let (keys, next, names, sites) =
        found.ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    let (caller, now) = (permit.caller(), permit.now());
    let can_be = |site: &&Named<SiteId>| permit.may_on(Action::MakeKeys, On::Site(site.id));
    Ok(KeysPage {
        shell: HouseShell::new("Installation keys", Entry::InstallationKeys, caller, now),
        notice: told(came.done.as_deref()),
        errors: Errors::none(),
        keys: keys.into_iter().map(|key| line(key, &sites, &names, now)).collect(),
        next: next.map(|cursor| format!("/app/keys?cursor={cursor}")),
        first: came.cursor.is_some().then(|| "/app/keys".to_owned()),
        sites: sites
            .iter()
            .filter(can_be)
            .map(|site| (site.id.to_string(), site.name.clone()))
            .collect(),
        typed,
        is_fresh: caller.is_fresh(Freshness::Factor, now),
    })
}

/// The form, as it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyForm {
    site_id: String,
    uses: String,
    hours: String,
    approval: String,
    network: String,
    os: String,
    unseen_hours: String,
    note: String,
}

impl KeyForm {
    fn typed(self) -> KeyTyped {
        let Self {
            site_id,
            uses,
            hours,
            approval,
            network,
            os,
            unseen_hours,
            note,
        } = self;
        KeyTyped {
            site_id,
            uses,
            hours,
            approval,
            network,
            os,
            unseen_hours,
            note,
        }
    }
    /// What it asks for, as a program would; a number that is none is out of the range.
    fn wish(&self, now: Time) -> Wish {
        let set = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let number = |text: &String| text.trim().parse::<i64>().unwrap_or(-1);
        let ends_at = now + Span::hours(number(&self.hours).clamp(-1, 100_000));
        Wish {
            site_id: set(&self.site_id),
            uses: Some(number(&self.uses)),
            ends_at: Some(ends_at.rfc3339()),
            approval: set(&self.approval),
            network: set(&self.network),
            os: set(&self.os),
            note: set(&self.note),
            unseen_hours: Some(number(&self.unseen_hours)),
        }
    }
}

/// POST `/app/keys`. The answer shows the key, this once: a redirect would have to carry it.
pub(super) async fn make(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    form: Form<KeyForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&agents.house, &ask).await?;
    let permit = agents.house.admit(&ask).await?;
    let (status, errors, notice) = match settle::make_key(&agents, &ask, form.wish(permit.now())).await? {
        Ok(made) => return Ok(html(StatusCode::OK, made_page(&agents, &ask, made).await?)),
        Err(Undo::Fields(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
        Err(Undo::Refused(reason)) => (StatusCode::CONFLICT, Vec::new(), Some(Notice::refused(reason))),
        Err(Undo::Forbidden) => (
            StatusCode::FORBIDDEN,
            vec![FieldError::new("site_id", Reason::AccessMissing)],
            None,
        ),
        Err(Undo::Absent) => return Err(ask.not_found()),
        Err(Undo::Store(error)) => return Err(Failure::store(&ask.visitor, &error)),
    };
    let mut page = page(&agents, &ask, &Came::default(), form.typed()).await?;
    page.errors = Errors::from(errors);
    page.notice = notice;
    Ok(html(status, page))
}

async fn made_page(agents: &Agents, ask: &Ask<act::MakeKeys>, made: settle::Made) -> Result<KeyMadePage, Failure> {
    let (permit, sites) = agents
        .house
        .read(ask, |view, permit| {
            organisations::sites(view, Organisation(permit.caller().organisation), MOST_SITES)
        })
        .await?;
    let (caller, now) = (permit.caller(), permit.now());
    let names = BTreeMap::from([(caller.person, caller.name.clone())]);
    let line = line(made.key.clone(), &sites, &names, now);
    let site = line.site.clone();
    Ok(KeyMadePage {
        shell: HouseShell::new("Your new installation key", Entry::InstallationKeys, caller, now),
        key: made.shown.reveal(),
        commands: pairing::card(agents, &permit, Some(&(made.key, site))),
        line,
    })
}

/// GET `/app/keys/{id}`.
pub(super) async fn one(State(agents): State<Agents>, ask: Ask<act::MakeKeys>, id: Which) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let page = key_page(&agents, &ask, id).await?;
    Ok(html(StatusCode::OK, page))
}

async fn key_page(agents: &Agents, ask: &Ask<act::MakeKeys>, id: InstallationKeyId) -> Result<KeyPage, Failure> {
    let (permit, found) = agents
        .house
        .read(ask, move |view, permit: &Permit<act::MakeKeys>| {
            let organisation = Organisation(permit.caller().organisation);
            let key =
                store::key(view, organisation, id)?.filter(|key| permit.may_on(Action::MakeKeys, On::Site(key.site)));
            let Some(key) = key else { return Ok(None) };
            let names: BTreeMap<PersonId, String> =
                people::names(view, Deployment, &[key.made_by])?.into_iter().collect();
            let sites = organisations::sites(view, organisation, MOST_SITES)?;
            Ok(Some((
                line(key, &sites, &names, permit.now()),
                store::refusals(view, organisation, id)?,
            )))
        })
        .await?;
    let (key, refusals) = found.ok_or_else(|| ask.not_found())?;
    let told =
        |reason: &str| Reason::from_id(reason).map_or_else(|| reason.to_owned(), |reason| reason.admin().to_owned());
    let refusals = refusals.into_iter().map(|refusal| RefusalLine {
        why: told(&refusal.reason),
        network: if refusal.network.is_empty() {
            "many networks".to_owned()
        } else {
            refusal.network
        },
        count: refusal.count,
        first_at: refusal.first_at,
        last_at: refusal.last_at,
    });
    Ok(KeyPage {
        shell: HouseShell::new(key.hint.clone(), Entry::InstallationKeys, permit.caller(), permit.now()),
        notice: None,
        key,
        refusals: refusals.collect(),
        is_fresh: permit.caller().is_fresh(Freshness::Factor, permit.now()),
    })
}

/// POST `/app/keys/{id}/revoke`.
pub(super) async fn revoke(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    id: Which,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let Nothing {} = form.open_for(&agents.house, &ask).await?;
    let reason = match settle::revoke_key(&agents, &ask, id).await? {
        Ok(_) => return Ok(see_other("/app/keys?done=revoked")),
        Err(Undo::Refused(reason)) => reason,
        Err(Undo::Store(error)) => return Err(Failure::store(&ask.visitor, &error)),
        Err(Undo::Absent | Undo::Forbidden | Undo::Fields(_)) => return Err(ask.not_found()),
    };
    let mut page = key_page(&agents, &ask, id).await?;
    page.notice = Some(Notice::refused(reason));
    Ok(html(StatusCode::CONFLICT, page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_none_is_out_of_the_range() {
        let form = KeyForm {
            site_id: String::new(),
            uses: "many".into(),
            hours: "168".into(),
            approval: "each".into(),
            network: " ".into(),
            os: String::new(),
            unseen_hours: "0".into(),
            note: String::new(),
        };
        let now = Time::from_seconds(1_795_511_642);
        let wish = form.wish(now);
        assert_eq!(
            (wish.uses, wish.unseen_hours, wish.site_id, wish.network),
            (Some(-1), Some(0), None, None)
        );
        assert_eq!(wish.ends_at, Some((now + Span::days(7)).rfc3339()));
    }
}
