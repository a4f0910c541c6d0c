//! The page "Policies": what holds, and a form for each group of values. Whom a change stops is shown before it is saved.
use crate::{
    api,
    dry_run::{self, Stops},
    forms::{DeviceForm, FactorForm, Group, NetworkForm, PasswordForm, SessionForm, TextForm, sent},
    page::{LookPage, PoliciesPage, Shown},
    settle::{Turn, settle},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Caller, Failure, Guard, House, Permit, Routes,
    db::{self, View},
    form::{Form, Query, is_ticked},
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Act, Action, FieldError, Freshness, Organisation, act};
use organisations::{Above, Values};
use serde::{Deserialize, Serialize};

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

/// What the organisation has set, and what is set above.
pub(crate) struct Set {
    pub own: Values,
    pub above: Option<Above>,
}

impl Set {
    pub(crate) fn read(view: &mut View, caller: &Caller) -> db::Result<Self> {
        let organisation = Organisation(caller.organisation);
        let (own, _) = organisations::values(view, organisation)?;
        let above = organisations::above(view, organisation)?;
        Ok(Self { own, above })
    }
    /// What holds.
    pub(crate) fn holds(&self) -> Values {
        match &self.above {
            Some(above) => self.own.clone().under(&above.values),
            None => self.own.clone(),
        }
    }
}

pub(crate) async fn read<A: Act>(desk: &Desk, ask: &Ask<A>) -> Result<(Permit<A>, Set), Failure> {
    desk.house
        .read(ask, |view, permit| Set::read(view, permit.caller()))
        .await
}

/// GET `/app/policies`.
async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeePolicies>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let (permit, set) = read(&desk, &ask).await?;
    let is_done = came.is_ok_and(|Query(came)| came.done.is_some());
    let notice = is_done.then(|| Notice::done("Saved. It holds from now on, for everybody who is signed in, too."));
    let shown = if permit.may(Action::ChangePolicies) {
        Shown::of(&set.own)
    } else {
        Shown::of(&set.holds())
    };
    Ok(html(StatusCode::OK, page(&permit, set, shown, notice, Errors::none())))
}

fn page<A: Act>(permit: &Permit<A>, set: Set, shown: Shown, notice: Option<Notice>, errors: Errors) -> PoliciesPage {
    let (caller, now) = (permit.caller(), permit.now());
    PoliciesPage {
        shell: HouseShell::new("Policies", Entry::Policies, caller, now),
        notice,
        errors,
        may_change: permit.may(Action::ChangePolicies),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        above: set.above.map(|above| (above.name, above.values.told())),
        shown,
    }
}

/// POST of one group.
async fn save<G: Group>(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    form: Form<G>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let turn = Turn::Values(Box::new(form.change()));
    match carry_out(&desk, &ask, &turn, form.is_sure()).await? {
        Saving::Saved => Ok(saved()),
        Saving::Stops(stops) => question(&desk, &ask, stops, sent(&form)).await,
        Saving::Wrong(errors) => {
            let (permit, set) = read(&desk, &ask).await?;
            let mut shown = Shown::of(&set.own);
            form.show(&mut shown);
            Ok(refused(page(&permit, set, shown, None, Errors::from(errors))))
        }
    }
}

/// What saving came to.
enum Saving {
    Saved,
    /// It would stop these, which has not been seen yet.
    Stops(Stops),
    Wrong(Vec<FieldError>),
}

/// Saves it, unless it stops somebody and whoever asks has not seen whom.
async fn carry_out(desk: &Desk, ask: &Ask<act::ChangePolicies>, turn: &Turn, is_sure: bool) -> Result<Saving, Failure> {
    if !is_sure {
        match dry_run::look(desk, ask, turn).await? {
            Err(errors) => return Ok(Saving::Wrong(errors)),
            Ok(stops) if stops.count + stops.agent_count > 0 => return Ok(Saving::Stops(stops)),
            Ok(_) => {}
        }
    }
    let (ground, turn) = (desk.house.ground.clone(), turn.clone());
    let (_, settled) = desk
        .house
        .write(ask, None, move |tx, permit| settle(tx, &ground, permit, &turn))
        .await?;
    Ok(match settled {
        Ok(_) => Saving::Saved,
        Err(errors) => Saving::Wrong(errors),
    })
}

/// Whom it stops, and the same form once more.
async fn question(
    desk: &Desk,
    ask: &Ask<act::ChangePolicies>,
    stops: Stops,
    fields: Vec<(String, String)>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(ask).await?;
    let page = LookPage {
        shell: HouseShell::new("Before it is saved", Entry::Policies, permit.caller(), permit.now()),
        now: permit.now(),
        action: ask.visitor.path.clone(),
        stops,
        fields,
    };
    Ok(html(StatusCode::OK, page))
}

fn saved() -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/app/policies?done")]).into_response()
}

fn refused(page: PoliciesPage) -> Response {
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StrictForm {
    on: String,
    #[serde(default)]
    sure: Option<String>,
}

/// POST `/app/policies/strict`: the whole profile by one switch.
async fn strict(
    State(desk): State<Desk>,
    ask: Ask<act::ChangePolicies>,
    form: Form<StrictForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let turn = Turn::Strict(is_ticked(Some(&form.on)));
    match carry_out(&desk, &ask, &turn, is_ticked(form.sure.as_deref())).await? {
        Saving::Saved => Ok(saved()),
        Saving::Stops(stops) => question(&desk, &ask, stops, sent(&form)).await,
        Saving::Wrong(errors) => {
            let (permit, set) = read(&desk, &ask).await?;
            let shown = Shown::of(&set.own);
            Ok(refused(page(&permit, set, shown, None, Errors::from(errors))))
        }
    }
}
