//! A first second factor before the session: an authenticator app here, a passkey by the script of the page. A mail comes first where one is due.
//! Must never happen: a factor added by whoever has only a password, to an account that a mail was asked for; one that opens another account.
use crate::{
    Coming, Front, Next,
    decide::{self, Step},
    flow::Flow,
    http::{see_other, shell},
    live::{self, Live},
    mail,
    page::steps::{EnrolPage, EnrolStage},
    settle::{by, go_on, start_app},
    stand::Stand,
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::app;
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    form::Form,
    page::{Errors, Notice, html},
};
use kernel::{AuthenticatorKind, Deployment, FieldError, Method, Reason};
use serde::Deserialize;

const PATH: &str = "/sign-in/enrol";

/// GET `/sign-in/enrol`.
pub(crate) async fn show(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    let stand = match front.stand(&visitor, PATH).await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let page = front.enrol_page(&visitor, &stand).await?;
    Ok(html(StatusCode::OK, page))
}

impl Front {
    async fn enrol_page(&self, visitor: &Visitor, stand: &Stand) -> Result<EnrolPage, Failure> {
        let live = &stand.live;
        let has_mail_first = matches!(live.step, Step::Enrol { needs_mail: true, .. });
        let stage = if has_mail_first {
            EnrolStage::Mail
        } else {
            self.app_stage(visitor, stand).await?
        };
        let allows_passkeys = live.allowed.contains(AuthenticatorKind::Passkey);
        Ok(EnrolPage {
            shell: shell("Add a second factor", &stand.door),
            email: live.person.email.clone(),
            organisation: live.organisation_name.clone(),
            stage,
            takes_passkey: !has_mail_first && allows_passkeys && self.passkeys.is_available(),
            notice: None,
            errors: Errors::none(),
        })
    }

    async fn app_stage(&self, visitor: &Visitor, stand: &Stand) -> Result<EnrolStage, Failure> {
        let choose = EnrolStage::Choose {
            takes_app: takes_app(&stand.live),
        };
        let Some(id) = stand.live.row.enrolment.filter(|_| takes_app(&stand.live)) else {
            return Ok(choose);
        };
        let (ground, person) = (self.house.ground.clone(), stand.live.person.id);
        let work = move |view: &mut db::View| app::pending(view, &ground, Deployment, person, id);
        let pending = self.house.ground.store.read(work).await;
        let pending = pending.map_err(|error| Failure::store(visitor, &error))?;
        Ok(pending.map_or(choose, |pending| EnrolStage::App {
            qr: pending.qr_svg,
            secret: pending.secret,
            uri: pending.uri,
        }))
    }

    async fn refuse_enrol(
        &self,
        visitor: &Visitor,
        stand: &Stand,
        reason: Reason,
        and: &str,
    ) -> Result<Response, Failure> {
        let mut page = self.enrol_page(visitor, stand).await?;
        let notice = Notice::refused(reason);
        page.notice = Some(if and.is_empty() { notice } else { notice.and(and) });
        Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
    }
}

/// Whether an authenticator app will do.
pub(crate) fn takes_app(live: &Live) -> bool {
    let is_asked = matches!(
        live.step,
        Step::Enrol {
            passkey_only: false,
            ..
        }
    );
    is_asked && live.allowed.contains(AuthenticatorKind::App)
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EnrolForm {
    code: String,
    send: Option<String>,
    add: Option<String>,
    device_key: String,
    device_proof: String,
}

/// What the form came to.
enum Tried {
    Next(Next),
    Refused(Reason, String),
    Over,
    Missing,
}

/// POST `/sign-in/enrol`.
pub(crate) async fn confirm(
    State(front): State<Front>,
    visitor: Visitor,
    form: Form<EnrolForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let stand = match front.stand(&visitor, PATH).await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let coming = Coming::draw(&visitor, stand.browser.clone());
    let (held, step, hash) = (front.clone(), coming.clone(), stand.live.row.browser_hash);
    let work = move |tx: &mut Tx| try_step(tx, &held, &hash, &form, &step);
    let lock = factors::person_lock(stand.live.person.id);
    let tried = front.house.ground.store.write_holding(lock, work).await;
    match tried.map_err(|error| Failure::store(&visitor, &error))? {
        Tried::Next(Next::Step(Step::Enrol { .. })) => Ok(see_other(PATH)),
        Tried::Next(next) => Ok(front.lead(next, &Flow::of(&visitor, None), &coming)),
        Tried::Refused(reason, and) => front.refuse_enrol(&visitor, &stand, reason, &and).await,
        Tried::Over => front.over(&visitor, &stand).await,
        Tried::Missing => {
            let mut page = front.enrol_page(&visitor, &stand).await?;
            page.errors = Errors::from(vec![FieldError::new("code", Reason::SignInFieldMissing)]);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

fn try_step(tx: &mut Tx, front: &Front, hash: &[u8; 32], form: &EnrolForm, coming: &Coming) -> db::Result<Tried> {
    let Some(live) = live::find(tx, &coming.browser, hash)? else {
        return Ok(Tried::Next(Next::Gone));
    };
    match live.step {
        Step::Enrol { needs_mail: true, .. } => prove_mail(tx, front, &live, form, coming),
        Step::Enrol { .. } if form.add.is_some() => {
            if takes_app(&live) {
                start_app(tx, front, &live, coming)?;
            }
            Ok(Tried::Next(Next::Step(live.step)))
        }
        Step::Enrol { .. } => confirm_app(tx, front, &live, &form.code, coming),
        step => Ok(Tried::Next(Next::Step(step))),
    }
}

fn prove_mail(tx: &mut Tx, front: &Front, live: &Live, form: &EnrolForm, coming: &Coming) -> db::Result<Tried> {
    let (ground, now) = (&front.house.ground, coming.browser.now);
    if form.send.is_some() {
        let is_sent = mail::send(tx, ground, live, &coming.mail, now)?;
        return Ok(if is_sent {
            Tried::Next(Next::Step(live.step))
        } else {
            Tried::Refused(Reason::SignInMailSoon, String::new())
        });
    }
    if form.code.trim().is_empty() {
        return Ok(Tried::Missing);
    }
    match mail::prove(tx, ground, live, &form.code, now)? {
        Ok(()) => Ok(Tried::Next(go_on(
            tx,
            front,
            &live.row.browser_hash,
            coming,
            Vec::new(),
        )?)),
        Err(Reason::SignInTooManyCodes) => Ok(Tried::Over),
        Err(reason) => Ok(Tried::Refused(reason, String::new())),
    }
}

/// The code that confirms an app: it proves the app in this very sign-in, too.
fn confirm_app(tx: &mut Tx, front: &Front, live: &Live, typed: &str, coming: &Coming) -> db::Result<Tried> {
    let now = coming.browser.now;
    let Some(id) = live.row.enrolment.filter(|_| takes_app(live)) else {
        return Ok(Tried::Next(Next::Step(live.step)));
    };
    if typed.trim().is_empty() {
        return Ok(Tried::Missing);
    }
    let Some(tries) = store::count_try(tx, Deployment, live.row.id, decide::TRIES, now)? else {
        return Ok(Tried::Over);
    };
    match app::confirm(tx, &front.house.ground, &by(live, coming), live.person.id, id, typed)? {
        Ok((_, events)) => {
            let methods = live.methods.with(Method::App);
            store::return_try(tx, Deployment, live.row.id)?;
            store::set_methods(tx, Deployment, live.row.id, &methods.text())?;
            Ok(Tried::Next(go_on(tx, front, &live.row.browser_hash, coming, events)?))
        }
        Err(refusal) => {
            let clock = refusal
                .drift
                .map_or_else(String::new, |drift| format!("{} ", drift.words()));
            Ok(Tried::Refused(refusal.reason, clock + &decide::tries_left(tries)))
        }
    }
}
