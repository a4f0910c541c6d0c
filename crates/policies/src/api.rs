//! `/api/v1/organisations/{id}/policy`: what holds, where it comes from, and how it is changed.
use crate::{Desk, settle::settle};
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
use kernel::{Act, AuthenticatorKind, Kinds, Organisation, OrganisationId, Reason, act};
use organisations::{Change, Mode, Policies, Require, Values};
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

impl Policy {
    /// From the values that the organisation has set itself. There is no organisation above yet that could lock one.
    fn of(own: Values, organisation: OrganisationId) -> Self {
        let default = Values::defaults();
        let holds = Policies::default();
        let from = |is_own: bool| {
            if is_own {
                organisation.to_string()
            } else {
                "default".to_owned()
            }
        };
        macro_rules! value {
            ($own:expr, $default:expr) => {{
                let own = $own;
                Value {
                    from: from(own.is_some()),
                    value: own.unwrap_or_else(|| $default),
                    locked: false,
                }
            }};
        }
        let kinds = |kinds: Kinds| {
            kinds
                .iter()
                .map(|kind| AuthenticatorKind::name(kind).to_owned())
                .collect::<Vec<_>>()
        };
        Self {
            factors: FactorValues {
                require: value!(own.require.map(word), word(holds.factors.require)),
                grace_hours: value!(own.grace_hours, default.grace_hours),
                allowed: value!(own.allowed.map(kinds), kinds(holds.factors.allowed)),
                aaguids: value!(own.aaguids, Vec::new()),
            },
            devices: DeviceValues {
                mode: value!(own.mode.map(mode), mode(holds.devices.mode)),
                trust_days: value!(own.trust_days, default.trust_days),
                limit: value!(own.limit, default.limit),
            },
            sessions: SessionValues {
                lock_minutes: value!(own.lock_minutes, default.lock_minutes),
                end_minutes: value!(own.end_minutes, default.end_minutes),
            },
            networks: NetworkValues {
                people: value!(own.people.map(words), Vec::new()),
                agents: value!(own.agents.map(words), Vec::new()),
            },
            passwords: PasswordValues {
                min_length: value!(own.min_length, default.min_length),
            },
            sms: TextValues {
                allowed: value!(own.sms_allowed, holds.sms.allowed),
                countries: value!(own.countries, Vec::new()),
            },
        }
    }
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
#[openapi(paths(get, put), components(schemas(Policy)))]
struct Document;

/// The part of the OpenAPI document that is about policies.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Another organisation's policy is not there.
fn own<A: Act>(
    ask: &Ask<A>,
    caller: &Caller,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<(), Failure> {
    ask.own_only(caller, Some(&id?.0))?;
    ask.own_only(caller, about?.0.organisation.as_deref())
}

/// What holds, and where each value comes from.
#[utoipa::path(get, path = "/api/v1/organisations/{id}/policy", params(("id" = uuid::Uuid, Path, description = "The organisation")),
    responses((status = 200, body = Policy), (status = 404, description = "Not there, or not one's own")))]
pub(crate) async fn get(
    State(desk): State<Desk>,
    ask: Ask<act::SeePolicies>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let (permit, (values, _)) = desk
        .house
        .read(&ask, |view, permit| {
            organisations::values(view, Organisation(permit.caller().organisation))
        })
        .await?;
    own(&ask, permit.caller(), id, about)?;
    Ok(Json(Policy::of(values, permit.caller().organisation)).into_response())
}

/// Changes policies, partially or as a whole. It holds at once, for live sessions too.
#[utoipa::path(put, path = "/api/v1/organisations/{id}/policy", params(("id" = uuid::Uuid, Path, description = "The organisation")),
    request_body = Change,
    responses((status = 200, body = Policy), (status = 400, description = "Unknown fields, or values of another type"),
        (status = 401, description = "Not signed in, or step-up needed"), (status = 404, description = "Not there, or not one's own"),
        (status = 422, description = "A value is out of its range")))]
pub(crate) async fn put(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    change: Body<Sent>,
) -> Result<Response, Failure> {
    let (permit, ()) = desk.house.read(&ask, |_, _| Ok(())).await?;
    own(&ask, permit.caller(), id, about)?;
    let Sent(change) = change.open()?;
    let ground = desk.house.ground.clone();
    let (permit, (settled, values)) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            let settled = settle(tx, &ground, permit, |old| change.apply(old))?;
            let (values, _) = organisations::values(tx, Organisation(permit.caller().organisation))?;
            Ok((settled, values))
        })
        .await?;
    match settled {
        Ok(_) => Ok(Json(Policy::of(values, permit.caller().organisation)).into_response()),
        Err(errors) => Err(ask
            .failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
            .with_errors(errors)),
    }
}
