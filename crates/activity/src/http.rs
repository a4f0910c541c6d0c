//! The activity page and the list for programs; what is about one event, live, kept and sent elsewhere stands beside it. All speak for the
//! caller's organisation and need the right to read its events.
mod keeping;
mod live;
mod one;
mod places;
mod places_api;
mod steps;

use crate::{
    Courier,
    decide::{Asked, Manner, Search, Whom},
    export,
    item::{self, Item, ItemList, Named, Names},
    page::{ActivityPage, Filters, Line, Lines},
    store::{self, Row},
};
use axum::{
    Json,
    extract::{FromRef, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use devices::Live;
use ground::{
    Ask, Caller, Failure, Ground, Guard, House, Permit, Routes,
    cursor::Cursors,
    db::{self, View},
    failure::encode,
    form::Query,
    page::{Entry, Errors, HouseShell, html},
};
use kernel::{
    Act, Action, Event, EventKind, FieldError, Freshness, Organisation, OrganisationId, Outcome, PersonId, Reason,
    Stream, Time, act,
};
use utoipa::OpenApi;

/// The state of these routes.
#[derive(Clone)]
pub struct Activity {
    house: House,
    live: Live,
    courier: Courier,
}

impl Activity {
    /// On the house, with the streams of this node and who sends tests.
    pub fn new(house: House, live: Live, courier: Courier) -> Self {
        Self { house, live, courier }
    }
}

impl FromRef<Activity> for House {
    fn from_ref(state: &Activity) -> Self {
        state.house.clone()
    }
}

/// The routes.
pub fn routes(state: Activity) -> Routes {
    let read = Guard::Person(Action::ReadEvents);
    let send = Guard::Person(Action::ChangeWebhooks);
    let change = Guard::Fresh(Action::ChangeWebhooks, Freshness::Factor);
    let keep = Guard::Fresh(Action::ChangePolicies, Freshness::Factor);
    Routes::new()
        .get("/app/activity", read, show)
        .get("/app/activity/{id}", read, one::show)
        .get("/app/activity/places", send, places::show)
        .post("/app/activity/places", change, places::make)
        .get("/app/activity/places/{id}", send, places::one)
        .post("/app/activity/places/{id}", change, places::save)
        .post("/app/activity/places/{id}/test", send, places::test)
        .post("/app/activity/places/{id}/switch", change, places::switch)
        .post("/app/activity/places/{id}/secret", change, places::renew)
        .post("/app/activity/places/{id}/remove", change, places::remove)
        .post("/app/activity/retention", keep, keeping::save)
        .get("/api/v1/events", read, list)
        .get("/api/v1/events/export", read, export::export)
        .get("/api/v1/events/stream", read, live::stream)
        .get("/api/v1/events/retention", read, keeping::get)
        .put("/api/v1/events/retention", keep, keeping::put)
        .get("/api/v1/events/{id}", read, one::get)
        .get("/api/v1/webhooks", send, places_api::list)
        .post("/api/v1/webhooks", change, places_api::make)
        .get("/api/v1/webhooks/{id}", send, places_api::get)
        .patch("/api/v1/webhooks/{id}", change, places_api::patch)
        .delete("/api/v1/webhooks/{id}", change, places_api::delete)
        .post("/api/v1/webhooks/{id}/test", send, places_api::test)
        .post("/api/v1/webhooks/{id}/secret", change, places_api::renew)
        .get("/api/v1/webhooks/{id}/deliveries", send, places_api::deliveries)
        .with_state(state)
}

/// The part of the OpenAPI document that is about events.
#[derive(OpenApi)]
#[openapi(
    paths(
        list,
        export::export,
        live::stream,
        one::get,
        keeping::get,
        keeping::put,
        places_api::list,
        places_api::make,
        places_api::get,
        places_api::patch,
        places_api::delete,
        places_api::test,
        places_api::renew,
        places_api::deliveries
    ),
    components(schemas(Item, ItemList, Named))
)]
struct Document;

/// The part of the OpenAPI document that is about events.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// An event of something that the caller did to the organisation.
fn done(ground: &Ground, caller: &Caller, kind: EventKind, now: Time, detail: String) -> Event {
    let stream = Stream::Organisation(caller.organisation);
    let mut event = Event::new(stream, now, kind, Outcome::Done, &ground.chance)
        .by(caller.person)
        .from(caller.device, &caller.device_label, &caller.network);
    // It is about the organisation, and about no person.
    event.subject = None;
    event.detail = detail;
    event
}

/// What a search came to.
enum Found {
    Page {
        rows: Vec<Row>,
        names: Names,
        next: Option<(Time, i64)>,
        /// How far it was looked, where the search was given up.
        looked_to: Option<Time>,
    },
    BadCursor,
    TooMany,
}

/// People with the same part in their names that one search takes.
const NAMESAKES: usize = 5;

fn find<A: Act>(
    view: &mut View,
    permit: &Permit<A>,
    ground: &Ground,
    asked: &Asked,
    search: &Search,
) -> db::Result<Found> {
    let organisation = permit.caller().organisation;
    let place = match &asked.cursor {
        None => None,
        Some(text) => match cursors(ground, organisation, &asked.filters()).open(text) {
            Some(place) => Some(place),
            None => return Ok(Found::BadCursor),
        },
    };
    let Ok(people) = people(view, Organisation(organisation), &search.whom)? else {
        return Ok(Found::TooMany);
    };
    let wanted = search.wanted(people, place);
    let found = store::newest(
        view,
        Organisation(organisation),
        &wanted,
        search.limit.saturating_add(1),
    )?;
    let (mut rows, limit) = (found.rows, usize::try_from(search.limit).unwrap_or(usize::MAX));
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| is_more).map(Row::place);
    let names = item::names(view, &rows)?;
    Ok(Found::Page {
        rows,
        names,
        next: last.or(found.gave_up_at),
        looked_to: found.gave_up_at.map(|(at, _)| at),
    })
}

/// More people than one search takes have this in their name.
pub(crate) struct TooMany;

/// Who is meant; none for anyone.
pub(crate) fn people(
    view: &mut View,
    organisation: Organisation,
    whom: &Whom,
) -> db::Result<Result<Option<Vec<PersonId>>, TooMany>> {
    Ok(match whom {
        Whom::Anyone => Ok(None),
        Whom::Person(person) => Ok(Some(vec![*person])),
        Whom::Named(part) => {
            let found = people::find_members(view, organisation, part, NAMESAKES + 1)?;
            if found.len() <= NAMESAKES {
                Ok(Some(found))
            } else {
                Err(TooMany)
            }
        }
    })
}

fn cursors<'a>(ground: &'a Ground, organisation: OrganisationId, filter: &'a str) -> Cursors<'a> {
    Cursors {
        keys: &ground.keys,
        list: "activity-cursor",
        organisation,
        filter,
    }
}

/// What was asked wrongly by a program.
pub(crate) fn malformed<A: Act>(ask: &Ask<A>, errors: Vec<FieldError>) -> Failure {
    ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)
        .with_errors(errors)
}

/// Whether the caller speaks for the organisation that was asked for; others are not theirs to see.
pub(crate) fn is_theirs<A: Act>(asked: &Asked, permit: &Permit<A>) -> bool {
    asked.organisation.as_deref().is_none_or(|id| {
        id.parse::<OrganisationId>()
            .is_ok_and(|id| id == permit.caller().organisation)
    })
}

/// The events of the organisation, newest first.
#[utoipa::path(get, path = "/api/v1/events", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before, with the same filters"),
    ("kind" = Option<String>, Query, description = "A kind's id, such as `signed-in`"),
    ("outcome" = Option<String>, Query, description = "`allowed`, `stopped` or `done`"),
    ("person" = Option<uuid::Uuid>, Query, description = "By or about this person"),
    ("network" = Option<String>, Query, description = "From this network address"),
    ("from" = Option<String>, Query, description = "A day or a time of RFC 3339: from then on"),
    ("to" = Option<String>, Query, description = "A day: to its end. A time: before it"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = ItemList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
async fn list(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if asked.format.is_some() {
        return Err(malformed(&ask, Vec::new()));
    }
    let search = asked.search(Manner::Api).map_err(|errors| malformed(&ask, errors))?;
    let (ground, query) = (house.ground.clone(), asked.clone());
    let (permit, found) = house
        .read(&ask, move |view, permit| find(view, permit, &ground, &query, &search))
        .await?;
    if !is_theirs(&asked, &permit) {
        return Err(ask.not_found());
    }
    let Found::Page { rows, names, next, .. } = found else {
        return Err(malformed(&ask, Vec::new()));
    };
    let next = next.map(|place| {
        let organisation = permit.caller().organisation;
        cursors(&house.ground, organisation, &asked.filters()).seal(&place)
    });
    let items = rows.into_iter().map(|row| item::item(row, &names)).collect();
    Ok(Json(ItemList { items, next }).into_response())
}

/// GET `/app/activity`.
async fn show(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if asked.format.is_some() || asked.organisation.is_some() {
        return Err(malformed(&ask, Vec::new()));
    }
    let search = match asked.search(Manner::Page) {
        Ok(search) => search,
        Err(errors) => return again(&house, &ask, &asked, errors).await,
    };
    let (ground, query) = (house.ground.clone(), asked.clone());
    let (permit, found) = house
        .read(&ask, move |view, permit| find(view, permit, &ground, &query, &search))
        .await?;
    let (rows, names, next, looked_to) = match found {
        Found::Page {
            rows,
            names,
            next,
            looked_to,
        } => (rows, names, next, looked_to),
        Found::BadCursor => return Err(malformed(&ask, Vec::new())),
        Found::TooMany => {
            let message = "More than five people match. Write more of the name, or the whole address.".into();
            let error = FieldError {
                field: "person",
                message,
                reason: Reason::RequestRefused.id(),
            };
            return again(&house, &ask, &asked, vec![error]).await;
        }
    };
    let older = next.map(|place| {
        let organisation = permit.caller().organisation;
        cursors(&house.ground, organisation, &asked.filters()).seal(&place)
    });
    let lines = rows.into_iter().map(|row| item::line(row, &names)).collect();
    let mut page = page(&permit, &asked, lines, Errors::none());
    page.older = older.map(|cursor| address(&asked, Some(&cursor)));
    page.newest = asked.cursor.is_some().then(|| address(&asked, None));
    page.looked_to = looked_to;
    (page.stream, page.export) = beside(&asked);
    Ok(html(StatusCode::OK, page))
}

/// Where new events come in, and what is added to the address of the export; none where they could not have the same filters.
fn beside(asked: &Asked) -> (Option<String>, Option<String>) {
    let is_newest = asked.cursor.is_none() && asked.to.as_deref().unwrap_or_default().is_empty();
    let Some(filters) = api_filters(asked) else {
        return (None, None);
    };
    let joined = |sign: &str| {
        if filters.is_empty() {
            String::new()
        } else {
            format!("{sign}{filters}")
        }
    };
    let stream = is_newest.then(|| format!("/api/v1/events/stream{}", joined("?")));
    (stream, Some(joined("&")))
}

/// The page again with what was refused.
async fn again(
    house: &House,
    ask: &Ask<act::ReadEvents>,
    asked: &Asked,
    errors: Vec<FieldError>,
) -> Result<Response, Failure> {
    let permit = house.admit(ask).await?;
    Ok(html(
        StatusCode::UNPROCESSABLE_ENTITY,
        page(&permit, asked, Vec::new(), errors.into()),
    ))
}

fn page(permit: &Permit<act::ReadEvents>, asked: &Asked, lines: Vec<Line>, errors: Errors) -> ActivityPage {
    let typed = |field: &Option<String>| field.clone().unwrap_or_default();
    ActivityPage {
        shell: HouseShell::new("Activity", Entry::Activity, permit.caller(), permit.now()),
        errors,
        filters: Filters {
            kind: typed(&asked.kind),
            outcome: typed(&asked.outcome),
            person: typed(&asked.person),
            network: typed(&asked.network),
            from: typed(&asked.from),
            to: typed(&asked.to),
        },
        lines: Lines(lines),
        looked_to: None,
        stream: None,
        export: None,
        may_send: permit.may(Action::ChangeWebhooks),
        older: None,
        newest: None,
    }
}

/// The filters that are set, as a query.
fn filters(asked: &Asked) -> Vec<(&'static str, &str)> {
    let all = [
        ("kind", &asked.kind),
        ("outcome", &asked.outcome),
        ("person", &asked.person),
        ("network", &asked.network),
        ("from", &asked.from),
        ("to", &asked.to),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?.trim())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn query<'a>(pairs: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    pairs
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// The same filters for the API, which takes a person by the id only.
fn api_filters(asked: &Asked) -> Option<String> {
    let filters = filters(asked);
    let person = filters.iter().find(|(name, _)| *name == "person");
    let is_taken = person.is_none_or(|(_, value)| value.parse::<PersonId>().is_ok());
    is_taken.then(|| query(filters.into_iter()))
}

/// The page with the same filters, from this place on.
fn address(asked: &Asked, cursor: Option<&str>) -> String {
    let place = [("limit", asked.limit.as_deref()), ("cursor", cursor)];
    let place = place.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let query = query(filters(asked).into_iter().chain(place));
    if query.is_empty() {
        "/app/activity".into()
    } else {
        format!("/app/activity?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_the_filters_and_nothing_that_is_empty() {
        let asked = Asked {
            kind: Some("signed-in".into()),
            person: Some("ana & co".into()),
            from: Some(String::new()),
            ..Asked::default()
        };
        assert_eq!(
            address(&asked, Some("abc")),
            "/app/activity?kind=signed-in&person=ana+%26+co&cursor=abc"
        );
        assert_eq!(address(&Asked::default(), None), "/app/activity");
    }

    #[test]
    fn the_api_is_asked_with_the_same_filters_where_it_can_be() {
        let id = "01936d2c-5b7e-7000-8000-000000000000";
        let asked = |person: &str| Asked {
            outcome: Some("stopped".into()),
            person: Some(person.into()),
            ..Asked::default()
        };
        assert_eq!(api_filters(&asked("ana")), None);
        assert_eq!(api_filters(&asked(id)), Some(format!("outcome=stopped&person={id}")));
        assert_eq!(api_filters(&asked(" ")), Some("outcome=stopped".into()));
    }
}
