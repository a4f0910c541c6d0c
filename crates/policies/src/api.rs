//! `/api/v1/organisations/{id}/policy`: what holds, where it comes from, and how it is changed.
use crate::{
    Desk,
    dry_run::{self, Stopped, Stops},
    http::{Set, read},
    settle::{Turn, settle},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Caller, Failure,
    form::{Json as Body, Path, Query},
};
use kernel::{Act, AuthenticatorKind, FieldError, Kinds, OrganisationId, Reason, act};
use organisations::{Change, Mode, Origin, Policies, Require, Values};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// One value.
#[derive(Debug, Serialize, ToSchema)]
struct Value<T> {
    /// What holds.
    #[expect(clippy::struct_field_names, reason = "the surface names it so")]
    value: T,
    /// The id of the organisation that set it; `default` where none did.
    from: String,
    /// Whether an organisation above has set it so that it cannot be loosened here.
    locked: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct FactorValues {
    /// `no`, `yes` or `phishing-resistant`.
    require: Value<String>,
    /// Hours until people without one are kept out.
    grace_hours: Value<i64>,
    /// Of `passkey`, `totp`, `phone`, `recovery-codes`.
    allowed: Value<Vec<String>>,
    /// Models of passkeys that may be added; an empty list: any.
    aaguids: Value<Vec<uuid::Uuid>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DeviceValues {
    /// `off`, `notify`, `verify` or `approved`.
    mode: Value<String>,
    /// How long a device stays trusted.
    trust_days: Value<i64>,
    /// On so many a person may be signed in at once.
    limit: Value<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionValues {
    /// Without use, until a session locks.
    lock_minutes: Value<i64>,
    /// Until a session ends.
    end_minutes: Value<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NetworkValues {
    /// Where people come from, in CIDR notation; an empty list: from anywhere.
    people: Value<Vec<String>>,
    /// Where agents come from.
    agents: Value<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PasswordValues {
    /// Beside a second factor; without one it is 15 at least.
    min_length: Value<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TextValues {
    /// Whether text messages may be used.
    allowed: Value<bool>,
    /// Countries whose numbers get them; an empty list: all.
    countries: Value<Vec<String>>,
}

/// What holds in an organisation.
#[derive(Debug, Serialize, ToSchema)]
struct Policy {
    factors: FactorValues,
    devices: DeviceValues,
    sessions: SessionValues,
    networks: NetworkValues,
    passwords: PasswordValues,
    sms: TextValues,
}

#[expect(clippy::needless_pass_by_value, reason = "handed over to be shown")]
fn words<T: ToString>(list: Vec<T>) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// A value that holds, with where it comes from: as set here, as set above, as it holds.
struct Origins<'a> {
    own: &'a Values,
    above: &'a Values,
    holds: &'a Values,
    own_id: String,
    above_id: String,
}

impl Origins<'_> {
    fn of<V: PartialEq + Clone, T>(
        &self,
        field: impl Fn(&Values) -> &Option<V>,
        told: impl Fn(V) -> T,
        default: T,
    ) -> Value<T> {
        let held = field(self.holds);
        let origin = Origin::of(field(self.own).as_ref(), field(self.above).as_ref(), held.as_ref());
        Value {
            value: held.clone().map_or(default, told),
            from: match origin {
                Origin::Default => "default".to_owned(),
                Origin::Own => self.own_id.clone(),
                Origin::Above => self.above_id.clone(),
            },
            locked: origin == Origin::Above,
        }
    }
}

impl Policy {
    /// From what is set here and above.
    fn of(set: &Set, organisation: OrganisationId) -> Self {
        let (default, usual) = (Values::defaults(), Policies::default());
        let none = Values::default();
        let above = set.above.as_ref();
        let holds = set.holds();
        let from = Origins {
            own: &set.own,
            above: above.map_or(&none, |above| &above.values),
            holds: &holds,
            own_id: organisation.to_string(),
            above_id: above.map_or_else(String::new, |above| above.id.to_string()),
        };
        Self {
            factors: FactorValues {
                require: from.of(|v| &v.require, word, word(usual.factors.require)),
                grace_hours: from.of(|v| &v.grace_hours, |n| n, default.grace_hours),
                allowed: from.of(|v| &v.allowed, kinds, kinds(usual.factors.allowed)),
                aaguids: from.of(|v| &v.aaguids, |list| list, Vec::new()),
            },
            devices: DeviceValues {
                mode: from.of(|v| &v.mode, mode, mode(usual.devices.mode)),
                trust_days: from.of(|v| &v.trust_days, |n| n, default.trust_days),
                limit: from.of(|v| &v.limit, |n| n, default.limit),
            },
            sessions: SessionValues {
                lock_minutes: from.of(|v| &v.lock_minutes, |n| n, default.lock_minutes),
                end_minutes: from.of(|v| &v.end_minutes, |n| n, default.end_minutes),
            },
            networks: NetworkValues {
                people: from.of(|v| &v.people, words, Vec::new()),
                agents: from.of(|v| &v.agents, words, Vec::new()),
            },
            passwords: PasswordValues {
                min_length: from.of(|v| &v.min_length, |n| n, default.min_length),
            },
            sms: TextValues {
                allowed: from.of(|v| &v.sms_allowed, |allowed| allowed, usual.sms.allowed),
                countries: from.of(|v| &v.countries, |list| list, Vec::new()),
            },
        }
    }
}

fn kinds(kinds: Kinds) -> Vec<String> {
    let names = kinds.iter().map(AuthenticatorKind::name);
    names.map(str::to_owned).collect()
}

fn word(require: Require) -> String {
    require.name().to_owned()
}

fn mode(mode: Mode) -> String {
    mode.name().to_owned()
}

/// The change as it is sent.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Sent(#[serde(deserialize_with = "organisations::object")] Change);

/// The part of the OpenAPI document that is about policies.
#[derive(OpenApi)]
#[openapi(paths(get, put), components(schemas(Policy, Dry, Changed)))]
struct Document;

/// The part of the OpenAPI document that is about policies.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Whom a change would stop.
#[derive(Debug, Serialize, ToSchema)]
struct Dry {
    stops: StopLists,
    counts: StopCounts,
}

/// What a change is answered with: what holds now, or whom it would stop.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = PolicyChanged)]
#[expect(dead_code, clippy::large_enum_variant, reason = "for the document alone")]
enum Changed {
    Holds(Policy),
    Tried(Dry),
}

/// Whom it stops, at most 1,000 named.
#[derive(Debug, Serialize, ToSchema)]
struct StopLists {
    people: Vec<StoppedPerson>,
    /// Agents outside the networks that are named.
    agents: Vec<uuid::Uuid>,
}

/// How many it stops.
#[derive(Debug, Serialize, ToSchema)]
struct StopCounts {
    people: usize,
    /// Of these, how many at once; the others when their grace ends.
    at_once: usize,
    agents: usize,
}

/// Somebody who would be stopped.
#[derive(Debug, Serialize, ToSchema)]
struct StoppedPerson {
    id: uuid::Uuid,
    name: String,
    email: String,
    /// Where they would be stopped, by name: the organisation itself, customers of it.
    organisations: Vec<String>,
    /// Why, by the reason's id.
    reason: &'static str,
    /// RFC 3339, UTC: from when on.
    from: String,
}

impl From<Stops> for Dry {
    fn from(stops: Stops) -> Self {
        let told = |stopped: Stopped| StoppedPerson {
            id: stopped.id.0,
            name: stopped.name,
            email: stopped.email,
            organisations: stopped.places,
            reason: stopped.stop.why.id(),
            from: stopped.stop.at.rfc3339(),
        };
        Self {
            counts: StopCounts {
                people: stops.count,
                at_once: stops.at_once,
                agents: stops.agent_count,
            },
            stops: StopLists {
                people: stops.people.into_iter().map(told).collect(),
                agents: stops.agents.into_iter().map(|agent| agent.id.0).collect(),
            },
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trying {
    organisation: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

/// The organisation that the call names is the one that its caller was let in to.
fn own<A: Act>(ask: &Ask<A>, caller: &Caller, id: &str, about: Option<&str>) -> Result<(), Failure> {
    ask.own_only(caller, Some(id))?;
    ask.own_only(caller, about)
}

fn refused<A: Act>(ask: &Ask<A>, errors: Vec<FieldError>) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
        .with_errors(errors)
}

/// What holds, and where each value comes from.
#[utoipa::path(get, path = "/api/v1/organisations/{id}/policy", params(("id" = uuid::Uuid, Path, description = "The organisation")),
    responses((status = 200, body = Policy), (status = 404, description = "Not there, or not yours to enter")))]
pub(crate) async fn get(
    State(desk): State<Desk>,
    ask: Ask<act::SeePolicies>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let (permit, set) = read(&desk, &ask).await?;
    own(&ask, permit.caller(), &id?.0, about?.0.organisation.as_deref())?;
    Ok(Json(Policy::of(&set, permit.caller().organisation)).into_response())
}

/// Changes policies, partially or as a whole. It holds at once, for live sessions too. `dry_run=true`: only says whom it would stop.
#[utoipa::path(put, path = "/api/v1/organisations/{id}/policy", params(("id" = uuid::Uuid, Path, description = "The organisation"),
        ("dry_run" = Option<bool>, Query, description = "Nothing is changed; the answer says whom it would stop: `{stops: {people, agents}}`")),
    request_body = Change,
    responses((status = 200, body = Changed), (status = 400, description = "Unknown fields, or values of another type"),
        (status = 401, description = "Not signed in, or step-up needed"), (status = 404, description = "Not there, or not yours to enter"),
        (status = 422, description = "A value is out of its range, or looser than the organisation above allows")))]
pub(crate) async fn put(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    id: Result<Path<String>, Failure>,
    trying: Result<Query<Trying>, Failure>,
    change: Body<Sent>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let Query(trying) = trying?;
    own(&ask, permit.caller(), &id?.0, trying.organisation.as_deref())?;
    let Sent(change) = change.open()?;
    let turn = Turn::Values(Box::new(change));
    if trying.dry_run {
        let stops = dry_run::look(&desk, &ask, &turn).await?;
        let stops = stops.map_err(|errors| refused(&ask, errors))?;
        return Ok(Json(Dry::from(stops)).into_response());
    }
    let ground = desk.house.ground.clone();
    // What holds is read with the change: the policy may not let whoever set it look once more.
    let (permit, (settled, set)) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            let settled = settle(tx, &ground, permit, &turn)?;
            Ok((settled, Set::read(tx, permit.caller())?))
        })
        .await?;
    settled.map_err(|errors| refused(&ask, errors))?;
    Ok(Json(Policy::of(&set, permit.caller().organisation)).into_response())
}
