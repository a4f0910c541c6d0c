//! The activity page, the list for programs, and the export. All speak for the caller's organisation and need the right to read its events.
use crate::{
    cursor, decide,
    decide::{Asked, Manner, Search, Whom},
    export,
    item::{self, Item, ItemList, Named, Names},
    page::{ActivityPage, Filters, Line, Lines},
    store::{self, Row},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Failure, Ground, Guard, House, Permit, Routes,
    db::{self, View},
    failure::encode,
    form::Query,
    page::{Entry, Errors, HouseShell, html},
};
use kernel::{Act, Action, FieldError, Organisation, OrganisationId, PersonId, Reason, Time, act};
use utoipa::OpenApi;

/// The routes.
pub fn routes(house: House) -> Routes {
    Routes::new()
        .get("/app/activity", Guard::Person(Action::ReadEvents), show)
        .get("/api/v1/events", Guard::Person(Action::ReadEvents), list)
        .get(
            "/api/v1/events/export",
            Guard::Person(Action::ReadEvents),
            export::export,
        )
        .with_state(house)
}

/// The part of the OpenAPI document that is about events.
#[derive(OpenApi)]
#[openapi(paths(list, export::export), components(schemas(Item, ItemList, Named)))]
struct Document;

/// The part of the OpenAPI document that is about events.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// What a search came to.
enum Found {
    Page {
        rows: Vec<Row>,
        names: Names,
        next: Option<(Time, i64)>,
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
        Some(text) => match cursor::open(text, organisation, &asked.filters(), &mac(ground)) {
            Some(place) => Some(place),
            None => return Ok(Found::BadCursor),
        },
    };
    let Ok(people) = people(view, Organisation(organisation), &search.whom)? else {
        return Ok(Found::TooMany);
    };
    let wanted = search.wanted(people, place);
    let mut rows = store::newest(
        view,
        Organisation(organisation),
        &wanted,
        search.limit.saturating_add(1),
    )?;
    let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(decide::place);
    let names = item::names(view, &rows)?;
    Ok(Found::Page { rows, names, next })
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

fn mac(ground: &Ground) -> impl Fn(&[u8]) -> [u8; 32] {
    |bytes| ground.keys.hmac("activity-cursor", bytes)
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
    let Found::Page { rows, names, next } = found else {
        return Err(malformed(&ask, Vec::new()));
    };
    let next = next.map(|place| {
        cursor::seal(
            place,
            permit.caller().organisation,
            &asked.filters(),
            &mac(&house.ground),
        )
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
    let (rows, names, next) = match found {
        Found::Page { rows, names, next } => (rows, names, next),
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
        cursor::seal(
            place,
            permit.caller().organisation,
            &asked.filters(),
            &mac(&house.ground),
        )
    });
    let lines = rows.into_iter().map(|row| item::line(row, &names)).collect();
    let mut page = page(&permit, &asked, lines, Errors::none());
    page.older = older.map(|cursor| address(&asked, Some(&cursor)));
    page.newest = asked.cursor.is_some().then(|| address(&asked, None));
    Ok(html(StatusCode::OK, page))
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
            from: typed(&asked.from),
            to: typed(&asked.to),
        },
        lines: Lines(lines),
        older: None,
        newest: None,
    }
}

/// The page with the same filters, from this place on.
fn address(asked: &Asked, cursor: Option<&str>) -> String {
    let filters = [
        ("kind", &asked.kind),
        ("outcome", &asked.outcome),
        ("person", &asked.person),
        ("from", &asked.from),
        ("to", &asked.to),
    ];
    let set = filters
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .filter(|(_, value)| !value.is_empty());
    let all = set.chain(
        [("limit", asked.limit.as_deref()), ("cursor", cursor)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let query = all
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect::<Vec<_>>()
        .join("&");
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
}
