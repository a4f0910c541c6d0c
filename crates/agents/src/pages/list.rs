//! "Agents": the list with its filters, what waits in it, and the card that says how a machine is paired.
use super::{may_at, pairing};
use crate::{
    decide::ONLINE_FOR,
    http::Agents,
    page::{
        Choice, May, Standing,
        list::{AgentsPage, Figures, Filters, Line, STATES},
    },
    store::{self, Counts, Filter, Key, Listed, Sites},
};
use agent_wire::State as Stands;
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    cursor::{ByName, Cursors},
    db::{self, View},
    failure::encode,
    form::Query,
    page::{Entry, HouseShell, Notice, html},
};
use kernel::{Act, Action, Freshness, On, Organisation, Reason, SiteId, act};
use organisations::Named;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Agents of a page.
const PAGE: u32 = 50;
/// Sites that can be chosen at most.
pub(super) const MOST_SITES: i64 = 1_000;
/// Characters that are searched for at most.
const LONGEST: usize = 100;

/// How the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Listing {
    q: Option<String>,
    site: Option<String>,
    state: Option<String>,
    cursor: Option<String>,
    done: Option<String>,
}

impl Listing {
    fn typed(field: Option<&String>) -> String {
        field.cloned().unwrap_or_default()
    }
    /// The filter. None: one of its parts is none.
    fn filter(&self) -> Option<Filter> {
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let q = self.q.as_deref().unwrap_or_default();
        if q.chars().count() > LONGEST || q.contains('\0') {
            return None;
        }
        let site = match set(&self.site) {
            Some(id) => Some(id.parse::<SiteId>().ok()?),
            None => None,
        };
        let (state, online) = match set(&self.state).as_deref() {
            None => (None, None),
            Some("online") => (Some(Stands::Active), Some(true)),
            Some("offline") => (Some(Stands::Active), Some(false)),
            Some(word) => (Some(Stands::from_name(word)?), None),
        };
        Some(Filter {
            pattern: people::pattern(q),
            site,
            state,
            online,
        })
    }
    /// The same filters as a text that no other filters have.
    fn text(&self) -> String {
        let fields = [&self.q, &self.site, &self.state];
        fields
            .map(|field| encode(field.as_deref().unwrap_or_default()))
            .join("&")
    }
    /// The same list, from this place on.
    fn query(&self, cursor: Option<&str>) -> String {
        let fields = [
            ("q", self.q.as_deref()),
            ("site", self.site.as_deref()),
            ("state", self.state.as_deref()),
            ("cursor", cursor),
        ];
        let set = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let set = set.filter(|(_, value)| !value.is_empty());
        let query = set
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// What was just done, by the word in the address; anything else says nothing.
fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "approve" => "Let in. From their next call on they are active.",
        "refuse" => "Refused. Their uses are given back to the key.",
        "revoke" => "Revoked. Their next call is refused.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// What is in the list.
pub(super) struct Seen {
    listed: Vec<Listed>,
    next: Option<String>,
    counts: Counts,
    now: kernel::Time,
}

impl Seen {
    fn is_online(&self, one: &Listed) -> bool {
        one.seen_at.is_some_and(|at| self.now - at <= ONLINE_FOR)
    }
    fn figures(&self) -> Figures {
        let whole = |number: i64| u64::try_from(number).unwrap_or(0);
        let Counts {
            paired,
            online,
            waiting,
            cloned,
        } = self.counts;
        Figures {
            paired: whole(paired),
            online: whole(online),
            waiting: whole(waiting),
            cloned: whole(cloned),
        }
    }
    /// What of it a page shows besides the times, as one line: another where something of it has changed.
    pub(super) fn digest(&self) -> String {
        let Counts {
            paired,
            online,
            waiting,
            cloned,
        } = self.counts;
        let mut text = format!("{paired} {online} {waiting} {cloned}");
        for one in &self.listed {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                " {}{}{}{}{}",
                one.id,
                one.name,
                one.site,
                one.state.name(),
                self.is_online(one)
            );
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        let short = hash
            .iter()
            .take(8)
            .fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        format!("\"{short:016x}\"")
    }
}

/// Lets the reader in and looks.
pub(super) async fn seen<A: Act>(agents: &Agents, ask: &Ask<A>, asked: &Listing) -> Result<(Permit<A>, Seen), Failure> {
    let Some(filter) = asked.filter() else {
        agents.house.admit(ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let (ground, text, cursor) = (agents.house.ground.clone(), asked.text(), asked.cursor.clone());
    let remembered = agents.remembered.clone();
    let (permit, found) = agents
        .house
        .read(ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let cursors = Cursors {
                keys: &ground.keys,
                list: "agents-page-cursor",
                organisation: organisation.0,
                filter: &text,
            };
            let place = match &cursor {
                None => ByName::default(),
                Some(cursor) => match cursors.open(cursor) {
                    Some(place) => place,
                    None => return Ok(None),
                },
            };
            let (sites, since) = (Sites::of(permit.caller(), Action::SeeAgents), permit.now() - ONLINE_FOR);
            let mut listed = store::agents(view, organisation, &sites, &filter, since, &place, PAGE + 1)?;
            let is_more = listed.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
            listed.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
            let last = listed.last().filter(|_| is_more);
            let next = last.map(|last| {
                cursors.seal(&ByName {
                    sort_name: last.sort_name.clone(),
                    id: last.id.0,
                })
            });
            let known = remembered
                .recent(organisation.0, permit.now())
                .filter(|_| sites == Sites::All);
            let (counts, active) = store::counts(view, organisation, &sites, since, known)?;
            if known.is_none() && sites == Sites::All {
                remembered.keep(organisation.0, permit.now(), active);
            }
            Ok(Some(Seen {
                listed,
                next,
                counts,
                now: permit.now(),
            }))
        })
        .await?;
    let found = found.ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    Ok((permit, found))
}

/// GET `/app/agents`.
pub(super) async fn show(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let asked = match asked {
        Ok(Query(asked)) => asked,
        Err(failure) => {
            agents.house.admit(&ask).await?;
            return Err(failure);
        }
    };
    let notice = told(asked.done.as_deref());
    answer(&agents, &ask, &asked, notice, StatusCode::OK).await
}

/// The list, with what is to be told above it.
pub(super) async fn answer<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    asked: &Listing,
    notice: Option<Notice>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let (permit, seen) = seen(agents, ask, asked).await?;
    // Whoever may act and not see is told what came of it, and nothing else.
    if !permit.may(Action::SeeAgents) {
        let is_look = status == StatusCode::OK;
        let status = if is_look { StatusCode::FORBIDDEN } else { status };
        return Err(ask.failure(status, Reason::AccessMissing));
    }
    let (_, (sites, words, keys)) = agents.house.read(ask, around).await?;
    let caller = permit.caller();
    let visible = sites
        .into_iter()
        .filter(|site| permit.may_on(Action::SeeAgents, On::Site(site.id)));
    let may = May {
        pair: permit.may(Action::PairAgents),
        revoke: permit.may(Action::RevokeAgents),
        make_keys: permit.may(Action::MakeKeys),
    };
    let state = Listing::typed(asked.state.as_ref());
    let is_state = STATES.iter().any(|(word, _)| *word == state);
    let page = AgentsPage {
        shell: HouseShell::new("Agents", Entry::Agents, caller, permit.now()),
        notice,
        figures: seen.figures(),
        commands: may.pair.then(|| pairing::card(agents, &permit, keys.first())),
        words,
        filters: Filters {
            q: Listing::typed(asked.q.as_ref()),
            site: Listing::typed(asked.site.as_ref()),
            state: if is_state { state } else { String::new() },
        },
        sites: visible
            .map(|site| -> Choice { (site.id.to_string(), site.name) })
            .collect(),
        lines: seen.listed.iter().map(|one| line(&permit, &seen, one)).collect(),
        next: seen
            .next
            .as_deref()
            .map(|cursor| format!("/app/agents{}", asked.query(Some(cursor)))),
        first: asked
            .cursor
            .is_some()
            .then(|| format!("/app/agents{}", asked.query(None))),
        query: asked.query(asked.cursor.as_deref()),
        may,
        is_fresh: caller.is_fresh(Freshness::Factor, permit.now()),
    };
    Ok(html(status, page))
}

/// What stands around the list: sites to choose from, the organisation's own words, keys to pair with.
type Around = (Vec<Named<SiteId>>, String, Vec<(Key, String)>);

fn around<A: Act>(view: &mut View, permit: &Permit<A>) -> db::Result<Around> {
    let organisation = Organisation(permit.caller().organisation);
    let sites = organisations::sites(view, organisation, MOST_SITES)?;
    let may_pair = permit.may(Action::PairAgents) || permit.may(Action::MakeKeys);
    let keys = if may_pair {
        pairing::usable(view, permit)?
    } else {
        Vec::new()
    };
    Ok((sites, organisations::pairing_words(view, organisation)?, keys))
}

fn line<A: Act>(permit: &Permit<A>, seen: &Seen, one: &Listed) -> Line {
    let may = may_at(permit, one.site);
    Line {
        id: one.id,
        name: one.name.clone(),
        site: one.site_name.clone(),
        system: one.system.clone(),
        standing: Standing::of(one.state, seen.is_online(one)),
        seen_at: one.seen_at.or((one.state == Stands::Waiting).then_some(one.asked_at)),
        may_decide: may.pair,
        may_revoke: may.revoke,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_by_words_that_are_known() {
        let asked = |state: &str| Listing {
            state: Some(state.into()),
            ..Listing::default()
        };
        let online = asked("online").filter().unwrap();
        assert_eq!((online.state, online.online), (Some(Stands::Active), Some(true)));
        assert_eq!(asked("").filter().unwrap().state, None);
        assert!(asked("asleep").filter().is_none());
        assert!(
            Listing {
                site: Some("x".into()),
                ..Listing::default()
            }
            .filter()
            .is_none()
        );
        assert!(
            Listing {
                q: Some("a\0".into()),
                ..Listing::default()
            }
            .filter()
            .is_none()
        );
    }

    #[test]
    fn the_next_page_keeps_the_filters_and_nothing_that_is_empty() {
        let asked = Listing {
            q: Some("a & b".into()),
            state: Some(String::new()),
            ..Listing::default()
        };
        assert_eq!(asked.query(Some("x")), "?q=a+%26+b&cursor=x");
        assert_eq!(Listing::default().query(None), "");
        let other = Listing {
            q: Some("a".into()),
            site: Some("b".into()),
            ..Listing::default()
        };
        assert_ne!(asked.text(), other.text());
    }
}
