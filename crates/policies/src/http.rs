//! The page "Policies": what holds, and a form for each group of values.
use crate::{
    api,
    page::{PoliciesPage, Shown},
    settle::settle,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Failure, Guard, House, Permit, Routes,
    form::{Form, Query, is_ticked},
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Act, Action, AuthenticatorKind, FieldError, Freshness, Organisation, act};
use organisations::{
    Change, DeviceChange, FactorChange, Given, NetworkChange, PasswordChange, SessionChange, TextChange, Values,
};
use serde::Deserialize;

/// The state of these routes.
#[derive(Clone)]
pub struct Desk {
    pub(crate) house: House,
}

impl Desk {
    /// On the house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

/// The routes.
pub fn routes(desk: Desk) -> Routes {
    let change = Guard::Fresh(Action::ChangePolicies, Freshness::Factor);
    let see = Guard::Person(Action::SeePolicies);
    Routes::new()
        .get("/app/policies", see, show)
        .post("/app/policies/strict", change, strict)
        .post("/app/policies/factors", change, save::<FactorForm>)
        .post("/app/policies/devices", change, save::<DeviceForm>)
        .post("/app/policies/sessions", change, save::<SessionForm>)
        .post("/app/policies/networks", change, save::<NetworkForm>)
        .post("/app/policies/passwords", change, save::<PasswordForm>)
        .post("/app/policies/sms", change, save::<TextForm>)
        .get("/api/v1/organisations/{id}/policy", see, api::get)
        .put("/api/v1/organisations/{id}/policy", change, api::put)
        .with_state(desk)
}

/// What was just done.
#[derive(Deserialize)]
struct Came {
    done: Option<String>,
}

/// GET `/app/policies`.
async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeePolicies>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let (permit, values) = read(&desk, &ask).await?;
    let is_done = came.is_ok_and(|Query(came)| came.done.is_some());
    let notice = is_done.then(|| Notice::done("Saved. It holds from now on, for everybody who is signed in, too."));
    let shown = Shown::of(&values);
    Ok(html(StatusCode::OK, page(&permit, shown, notice, Errors::none())))
}

async fn read<A: Act>(desk: &Desk, ask: &Ask<A>) -> Result<(Permit<A>, Values), Failure> {
    let (permit, (values, _)) = desk
        .house
        .read(ask, |view, permit| {
            organisations::values(view, Organisation(permit.caller().organisation))
        })
        .await?;
    Ok((permit, values))
}

fn page<A: Act>(permit: &Permit<A>, shown: Shown, notice: Option<Notice>, errors: Errors) -> PoliciesPage {
    let (caller, now) = (permit.caller(), permit.now());
    PoliciesPage {
        shell: HouseShell::new("Policies", Entry::Policies, caller, now),
        notice,
        errors,
        may_change: permit.may(Action::ChangePolicies),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        shown,
    }
}

/// A form of one group: what it changes, and how it is shown again when something in it was refused.
pub(crate) trait Group: for<'de> Deserialize<'de> + Send + 'static {
    /// The change that it asks for.
    fn change(&self) -> Change;
    /// Puts what was typed where the page shows it.
    fn show(self, shown: &mut Shown);
}

/// POST of one group.
async fn save<G: Group>(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    form: Form<G>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let (change, ground) = (form.change(), desk.house.ground.clone());
    let (_, settled) = desk
        .house
        .write(&ask, None, move |tx, permit| {
            settle(tx, &ground, permit, |old| change.apply(old))
        })
        .await?;
    match settled {
        Ok(_) => Ok(saved()),
        Err(errors) => {
            let (permit, values) = read(&desk, &ask).await?;
            let mut shown = Shown::of(&values);
            form.show(&mut shown);
            Ok(refused(page(&permit, shown, None, Errors::from(errors))))
        }
    }
}

fn saved() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/app/policies?done")]).into_response()
}

fn refused(page: PoliciesPage) -> Response {
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictForm {
    on: String,
}

/// POST `/app/policies/strict`: the whole profile by one switch.
async fn strict(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    form: Form<StrictForm>,
) -> Result<Response, Failure> {
    let is_on = is_ticked(Some(&form.open_for(&desk.house, &ask).await?.on));
    let ground = desk.house.ground.clone();
    let turn = move |old: &Values| -> Result<Values, Vec<FieldError>> {
        Ok(match (is_on, old.is_strict()) {
            (true, _) => old.clone().with_strict_profile(),
            (false, true) => old.clone().without_strict_profile(),
            (false, false) => old.clone(),
        })
    };
    let (_, settled) = desk
        .house
        .write(&ask, None, move |tx, permit| settle(tx, &ground, permit, turn))
        .await?;
    match settled {
        Ok(_) => Ok(saved()),
        Err(errors) => {
            let (permit, values) = read(&desk, &ask).await?;
            Ok(refused(page(&permit, Shown::of(&values), None, Errors::from(errors))))
        }
    }
}

/// An empty field gives the value back: the default holds. What is no number is out of every range.
fn number(typed: &str) -> Given<i64> {
    match typed.trim() {
        "" => Given::Unset,
        typed => Given::Set(typed.parse().unwrap_or(-1)),
    }
}

fn choice(chosen: &str) -> Given<String> {
    if chosen.is_empty() {
        Given::Unset
    } else {
        Given::Set(chosen.to_owned())
    }
}

/// Entries with spaces, commas or line breaks between them.
fn list(typed: &str) -> Given<Vec<String>> {
    let entries = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let entries: Vec<String> = entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
    if entries.is_empty() {
        Given::Unset
    } else {
        Given::Set(entries)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FactorForm {
    #[serde(rename = "factors.require")]
    require: String,
    #[serde(rename = "factors.grace_hours")]
    grace_hours: String,
    passkey: Option<String>,
    totp: Option<String>,
    phone: Option<String>,
    #[serde(rename = "recovery-codes")]
    recovery_codes: Option<String>,
    #[serde(rename = "factors.aaguids")]
    aaguids: String,
}

impl FactorForm {
    fn kinds(&self) -> Vec<AuthenticatorKind> {
        let boxes = [
            (AuthenticatorKind::Passkey, &self.passkey),
            (AuthenticatorKind::App, &self.totp),
            (AuthenticatorKind::Phone, &self.phone),
            (AuthenticatorKind::RecoveryCodes, &self.recovery_codes),
        ];
        boxes
            .into_iter()
            .filter(|(_, sent)| is_ticked(sent.as_deref()))
            .map(|(kind, _)| kind)
            .collect()
    }
}

impl Group for FactorForm {
    fn change(&self) -> Change {
        let kinds = self.kinds();
        let is_all = kinds.len() == AuthenticatorKind::ALL.len();
        let names = kinds.into_iter().map(|kind| kind.name().to_owned()).collect();
        let factors = FactorChange {
            require: choice(&self.require),
            grace_hours: number(&self.grace_hours),
            allowed: if is_all { Given::Unset } else { Given::Set(names) },
            aaguids: list(&self.aaguids),
        };
        Change {
            factors,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.kinds = self.kinds().into_iter().collect();
        (shown.require, shown.grace_hours, shown.aaguids) = (self.require, self.grace_hours, self.aaguids);
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct DeviceForm {
    #[serde(rename = "devices.mode")]
    mode: String,
    #[serde(rename = "devices.trust_days")]
    trust_days: String,
    #[serde(rename = "devices.limit")]
    limit: String,
}

impl Group for DeviceForm {
    fn change(&self) -> Change {
        let devices = DeviceChange {
            mode: choice(&self.mode),
            trust_days: number(&self.trust_days),
            limit: number(&self.limit),
        };
        Change {
            devices,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.mode, shown.trust_days, shown.limit) = (self.mode, self.trust_days, self.limit);
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SessionForm {
    #[serde(rename = "sessions.lock_minutes")]
    lock_minutes: String,
    #[serde(rename = "sessions.end_minutes")]
    end_minutes: String,
}

impl Group for SessionForm {
    fn change(&self) -> Change {
        let sessions = SessionChange {
            lock_minutes: number(&self.lock_minutes),
            end_minutes: number(&self.end_minutes),
        };
        Change {
            sessions,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.lock_minutes, shown.end_minutes) = (self.lock_minutes, self.end_minutes);
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NetworkForm {
    #[serde(rename = "networks.people")]
    people: String,
    #[serde(rename = "networks.agents")]
    agents: String,
}

impl Group for NetworkForm {
    fn change(&self) -> Change {
        let networks = NetworkChange {
            people: list(&self.people),
            agents: list(&self.agents),
        };
        Change {
            networks,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        (shown.people, shown.agents) = (self.people, self.agents);
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PasswordForm {
    #[serde(rename = "passwords.min_length")]
    min_length: String,
}

impl Group for PasswordForm {
    fn change(&self) -> Change {
        let passwords = PasswordChange {
            min_length: number(&self.min_length),
        };
        Change {
            passwords,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.min_length = self.min_length;
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct TextForm {
    #[serde(rename = "sms.allowed")]
    allowed: Option<String>,
    #[serde(rename = "sms.countries")]
    countries: String,
}

impl Group for TextForm {
    fn change(&self) -> Change {
        let is_allowed = is_ticked(self.allowed.as_deref());
        let sms = TextChange {
            allowed: if is_allowed { Given::Unset } else { Given::Set(false) },
            countries: list(&self.countries),
        };
        Change {
            sms,
            ..Change::default()
        }
    }
    fn show(self, shown: &mut Shown) {
        shown.sms_allowed = is_ticked(self.allowed.as_deref());
        shown.countries = self.countries;
    }
}
